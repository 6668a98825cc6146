from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0023_desk')]

    initial = False

    operations = [
        ops.CreateModel(
            name='StandardText',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=10)),
                ('matter_code', fields.CharField(default='', description='Of which matter; empty for whichever.', max_length=20)),
                ('text', fields.CharField(max_length=500)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', description='Who kept it last.', on_delete=OnDelete.RESTRICT)),
                ('kept_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'standard_text', 'app': 'models', 'unique_together': (('kind', 'matter_code', 'text'),), 'indexes': [Index(fields=['account_id'])], 'pk_attr': 'id', 'table_description': '标准用语'},
            bases=['Model'],
        ),
    ]
