from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0028_assignees')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Tap',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('account_id', fields.IntField()),
                ('hash', fields.CharField(max_length=64)),
                ('said', fields.CharField(max_length=64)),
                ('thing', fields.CharField(db_index=True, max_length=64)),
                ('area', fields.CharField(max_length=40)),
                ('role', fields.CharField(max_length=16)),
                ('unit_id', fields.IntField(null=True)),
                ('begun_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('done_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('status', fields.SmallIntField(default=0)),
                ('answer', fields.BinaryField(default=b'')),
            ],
            options={'table': 'tap', 'app': 'models', 'unique_together': (('account_id', 'hash'),), 'indexes': [Index(fields=['done_at'])], 'pk_attr': 'id', 'table_description': '刚才做过的操作'},
            bases=['Table'],
        ),
    ]
