from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields
from tortoise.indexes import Index

# History is never changed; what is over its time and what waits for a version is found at once.
FORWARD = [
    "CREATE FUNCTION governance_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER governance_event_append_only BEFORE UPDATE OR DELETE ON governance_event"
    " FOR EACH ROW EXECUTE FUNCTION governance_history_is_append_only()",
    "CREATE TRIGGER unit_change_append_only BEFORE UPDATE OR DELETE ON unit_change"
    " FOR EACH ROW EXECUTE FUNCTION governance_history_is_append_only()",
    "CREATE INDEX unit_successor ON unit (successor_id)",
    "CREATE INDEX list_proposal_due ON list_proposal (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX off_list_burden_due ON off_list_burden (due_at) WHERE due_at IS NOT NULL",
    "CREATE INDEX list_proposal_approved ON list_proposal (list_type, id) WHERE stage = 'approved'",
]
BACKWARD = [
    "DROP INDEX list_proposal_approved",
    "DROP INDEX off_list_burden_due",
    "DROP INDEX list_proposal_due",
    "DROP INDEX unit_successor",
    "DROP TRIGGER unit_change_append_only ON unit_change",
    "DROP TRIGGER governance_event_append_only ON governance_event",
    "DROP FUNCTION governance_history_is_append_only()",
]


class Migration(migrations.Migration):
    dependencies = [('models', '0006_patrols')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Burden',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('stage', fields.CharField(max_length=12)),
                ('form', fields.CharField(max_length=16)),
                ('title', fields.CharField(max_length=120)),
                ('text', fields.TextField(unique=False)),
                ('document', fields.CharField(default='', max_length=120)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_constraint=True, to_field='id', related_name='burdens_objected', on_delete=OnDelete.RESTRICT)),
                ('against', fields.ForeignKeyField('models.Unit', source_field='against_id', db_constraint=True, to_field='id', related_name='burdens_given', on_delete=OnDelete.RESTRICT)),
                ('by_id', fields.IntField()),
                ('due_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('reminded_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'off_list_burden', 'app': 'models', 'indexes': [Index(fields=['unit_id', 'id']), Index(fields=['against_id', 'id'])], 'pk_attr': 'id', 'table_description': '清单外负担异议'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Event',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('noun', fields.CharField(max_length=8)),
                ('noun_id', fields.IntField()),
                ('seq', fields.IntField()),
                ('verb', fields.CharField(max_length=12)),
                ('source', fields.CharField(max_length=12)),
                ('target', fields.CharField(max_length=12)),
                ('by_id', fields.IntField(null=True)),
                ('unit_id', fields.IntField(null=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('text', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'governance_event', 'app': 'models', 'unique_together': (('noun', 'noun_id', 'seq'),), 'pk_attr': 'id', 'table_description': '清单治理流转记录'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Proposal',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=12)),
                ('stage', fields.CharField(max_length=12)),
                ('list_type', fields.CharField(max_length=32)),
                ('matter_code', fields.CharField(max_length=20)),
                ('matter_name', fields.CharField(max_length=120)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_index=True, db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('by_id', fields.IntField()),
                ('ground', fields.CharField(max_length=20)),
                ('reason', fields.TextField(unique=False)),
                ('change', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('support', fields.JSONField(default=dict, db_default=SqlDefault("'{}'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('round', fields.SmallIntField(default=1)),
                ('due_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('reminded_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('version_id', fields.IntField(null=True)),
            ],
            options={'table': 'list_proposal', 'app': 'models', 'indexes': [Index(fields=['kind', 'id']), Index(fields=['matter_code', 'kind'])], 'pk_attr': 'id', 'table_description': '准入、调整、退出申请'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Opinion',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('proposal', fields.ForeignKeyField('models.Proposal', source_field='proposal_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('round', fields.SmallIntField()),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('stance', fields.CharField(default='', max_length=8)),
                ('text', fields.TextField(default='', unique=False)),
                ('by_id', fields.IntField(null=True)),
                ('at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'list_opinion', 'app': 'models', 'unique_together': (('proposal', 'round', 'unit'),), 'indexes': [Index(fields=['unit_id', 'stance'])], 'pk_attr': 'id', 'table_description': '书面意见'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='UnitChange',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_index=True, db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('kind', fields.CharField(max_length=8)),
                ('was', fields.CharField(max_length=80)),
                ('now', fields.CharField(max_length=80)),
                ('document', fields.CharField(max_length=120)),
                ('by_id', fields.IntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'unit_change', 'app': 'models', 'pk_attr': 'id', 'table_description': '单位更名与合并'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Matter',
            name='admitted_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Unit',
            name='successor',
            field=fields.ForeignKeyField('models.Unit', source_field='successor_id', null=True, db_constraint=True, to_field='id', related_name='predecessors', on_delete=OnDelete.RESTRICT),
        ),
        ops.RunSQL(FORWARD, reverse_sql=BACKWARD),
    ]
