from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0005_lists')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Patrol',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('key', fields.UUIDField()),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('started_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('consented_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('metres', fields.FloatField(default=0)),
            ],
            options={'table': 'patrol', 'app': 'models', 'unique_together': (('account', 'key'),), 'pk_attr': 'id', 'table_description': '巡查'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PatrolPoint',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('patrol', fields.ForeignKeyField('models.Patrol', source_field='patrol_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('lon', fields.FloatField()),
                ('lat', fields.FloatField()),
                ('accuracy', fields.FloatField(null=True)),
            ],
            options={'table': 'patrol_point', 'app': 'models', 'unique_together': (('patrol', 'at'),), 'pk_attr': 'id', 'table_description': '巡查轨迹点'},
            bases=['Model'],
        ),
    ]
