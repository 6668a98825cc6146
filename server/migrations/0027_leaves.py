from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
# Nobody is away twice at once, nor stands in for themselves; few are away at all.
ONCE = "CREATE UNIQUE INDEX account_leave_one_running ON account_leave (account_id) WHERE begun_at IS NOT NULL AND ended_at IS NULL"
ORDERED = "ALTER TABLE account_leave ADD CONSTRAINT account_leave_in_order CHECK (since < until)"
ANOTHER = "ALTER TABLE account ADD CONSTRAINT account_substitute_is_another CHECK (substitute_id <> id)"
AWAY = "CREATE INDEX account_substitute ON account (substitute_id) WHERE substitute_id IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [('models', '0026_received_in_order')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Leave',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', related_name='leaves', on_delete=OnDelete.RESTRICT)),
                ('substitute', fields.ForeignKeyField('models.Account', source_field='substitute_id', db_constraint=True, to_field='id', related_name='leaves_stood_in', on_delete=OnDelete.RESTRICT)),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reason', fields.CharField(default='', max_length=80)),
                ('by_id', fields.IntField(null=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('begun_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ended_by_id', fields.IntField(null=True)),
            ],
            options={'table': 'account_leave', 'app': 'models', 'indexes': [Index(fields=['account_id', 'ended_at']), Index(fields=['substitute_id', 'ended_at'])], 'pk_attr': 'id', 'table_description': '请假与代班'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Account',
            name='substitute',
            field=fields.ForeignKeyField('models.Account', source_field='substitute_id', null=True, description='Who stands in while this person is on leave; null for who is at work.', db_constraint=True, to_field='id', related_name='stands_in_for', on_delete=OnDelete.RESTRICT),
        ),
        ops.RunSQL(
            [ONCE, ORDERED, ANOTHER, AWAY],
            reverse_sql=["DROP INDEX account_substitute", "ALTER TABLE account DROP CONSTRAINT account_substitute_is_another", "DROP INDEX account_leave_one_running"],
        ),
    ]
