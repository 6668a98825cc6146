from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

# What a unit has shown is append-only, like the history it points at.
FORWARD = [
    "CREATE FUNCTION shown_duty_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'shown_duty is append-only'; END $$",
    "CREATE TRIGGER shown_duty_append_only BEFORE UPDATE OR DELETE ON shown_duty"
    " FOR EACH ROW EXECUTE FUNCTION shown_duty_is_append_only()",
]
BACKWARD = [
    "DROP TRIGGER shown_duty_append_only ON shown_duty",
    "DROP FUNCTION shown_duty_is_append_only()",
]


class Migration(migrations.Migration):
    dependencies = [('models', '0007_governance')]

    initial = False

    operations = [
        ops.CreateModel(
            name='ShownDuty',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('unit_id', fields.IntField()),
                ('entry_id', fields.BigIntField()),
                ('number', fields.SmallIntField()),
                ('duty', fields.TextField(unique=False)),
                ('note', fields.TextField(unique=False)),
                ('steps', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('photos', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('by_id', fields.IntField()),
                ('by_role', fields.CharField(max_length=16)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'shown_duty', 'app': 'models', 'indexes': [Index(fields=['case_id', 'unit_id', 'id'])], 'pk_attr': 'id', 'table_description': '尽职举证'},
            bases=['Model'],
        ),
        ops.RunSQL(FORWARD, reverse_sql=BACKWARD),
    ]
