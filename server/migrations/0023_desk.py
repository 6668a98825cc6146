from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

# What came today is counted at a wall that stands there all day: rows lie as they came, so the
# smallest of indexes will do and no report waits for it.
RECEIVED = "CREATE INDEX case_file_received ON case_file USING brin (received_at) WITH (pages_per_range = 16)"


class Migration(migrations.Migration):
    dependencies = [('models', '0022_own_cases')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Onlooker',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'case_onlooker', 'app': 'models', 'unique_together': (('case', 'account'),), 'indexes': [Index(fields=['account_id'])], 'pk_attr': 'id', 'table_description': '正在查看的人'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SavedView',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('unit_id', fields.IntField(null=True, description='The unit that it is shared with.')),
                ('name', fields.CharField(max_length=40)),
                ('query', fields.CharField(max_length=1000)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'saved_view', 'app': 'models', 'unique_together': (('account', 'name'),), 'indexes': [Index(fields=['unit_id', 'id'])], 'pk_attr': 'id', 'table_description': '视图'},
            bases=['Model'],
        ),
        ops.RunSQL([RECEIVED], reverse_sql=["DROP INDEX case_file_received"]),
    ]
