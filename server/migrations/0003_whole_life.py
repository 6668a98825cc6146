from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0002_constraints')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Conference',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('unit_ids', fields.JSONField(default=list, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('convened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('convened_by_id', fields.IntField(null=True)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decided_by_id', fields.IntField(null=True)),
                ('lead_id', fields.IntField(null=True)),
                ('minutes', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'conference', 'app': 'models', 'indexes': [Index(fields=['case_id', 'id']), Index(fields=['decided_at', 'due_at'])], 'pk_attr': 'id', 'table_description': '联席会议'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Instruction',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('by_id', fields.IntField()),
                ('unit_id', fields.IntField(null=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('text', fields.TextField(unique=False)),
                ('reply_due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reply', fields.TextField(default='', unique=False)),
                ('replied_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('replied_by_id', fields.IntField(null=True)),
            ],
            options={'table': 'case_instruction', 'app': 'models', 'indexes': [Index(fields=['case_id', 'id']), Index(fields=['by_id', 'id']), Index(fields=['unit_id', 'replied_at'])], 'pk_attr': 'id', 'table_description': '批示'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Merge',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('into_id', fields.BigIntField()),
                ('by_id', fields.IntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('before', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('undone_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('undone_by_id', fields.IntField(null=True)),
            ],
            options={'table': 'case_merge', 'app': 'models', 'indexes': [Index(fields=['case_id', 'id']), Index(fields=['into_id'])], 'pk_attr': 'id', 'table_description': '并案记录'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Precedent',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('matter_code', fields.CharField(db_index=True, max_length=20)),
                ('matter_name', fields.CharField(max_length=120)),
                ('case_no', fields.CharField(max_length=24)),
                ('lead', fields.ForeignKeyField('models.Unit', source_field='lead_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('text', fields.TextField(unique=False)),
                ('decided_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'precedent', 'app': 'models', 'pk_attr': 'id', 'table_description': '先例'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Adjustment',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('matter_code', fields.CharField(db_index=True, max_length=20)),
                ('matter_name', fields.CharField(max_length=120)),
                ('ground', fields.CharField(max_length=16)),
                ('text', fields.TextField(unique=False)),
                ('precedent', fields.ForeignKeyField('models.Precedent', source_field='precedent_id', null=True, db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('state', fields.CharField(default='proposed', max_length=12)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'list_adjustment', 'app': 'models', 'pk_attr': 'id', 'table_description': '清单调整建议'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Request',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('what', fields.CharField(max_length=8)),
                ('unit_id', fields.IntField(null=True)),
                ('by_id', fields.IntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reason', fields.TextField(unique=False)),
                ('terms', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('granted', fields.BooleanField(null=True)),
                ('answered_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('answered_by_id', fields.IntField(null=True)),
                ('answer', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'case_request', 'app': 'models', 'indexes': [Index(fields=['case_id', 'id']), Index(fields=['granted', 'id'])], 'pk_attr': 'id', 'table_description': '申请'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Return',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('task', fields.ForeignKeyField('models.Task', source_field='task_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('unit_id', fields.IntField()),
                ('part', fields.CharField(max_length=12)),
                ('task_stage', fields.CharField(max_length=12)),
                ('ground', fields.CharField(max_length=16)),
                ('reason', fields.TextField(unique=False)),
                ('proper_unit_id', fields.IntField()),
                ('by_id', fields.IntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('ruled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('ruled_by_id', fields.IntField(null=True)),
                ('upheld', fields.BooleanField(null=True)),
                ('ruling', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'case_return', 'app': 'models', 'unique_together': (('case', 'unit_id'),), 'indexes': [Index(fields=['proper_unit_id']), Index(fields=['task_id'])], 'pk_attr': 'id', 'table_description': '退单'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Shift',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('township_code', fields.CharField(max_length=20)),
                ('day', fields.DateField(null=True)),
                ('weekday', fields.SmallIntField(null=True)),
                ('shift', fields.CharField(max_length=12)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
            ],
            options={'table': 'roster_shift', 'app': 'models', 'indexes': [Index(fields=['account_id']), Index(fields=['township_code', 'day'])], 'pk_attr': 'id', 'table_description': '坐堂值班'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Statement',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('unit_id', fields.IntField()),
                ('by_id', fields.IntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('text', fields.TextField(unique=False)),
            ],
            options={'table': 'case_statement', 'app': 'models', 'indexes': [Index(fields=['case_id', 'id'])], 'pk_attr': 'id', 'table_description': '陈述'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='TeamMember',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('township_code', fields.CharField(max_length=20)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('standing', fields.CharField(max_length=8)),
                ('contact', fields.CharField(default='', max_length=80)),
                ('phone', fields.CharField(default='', max_length=40)),
            ],
            options={'table': 'team_member', 'app': 'models', 'unique_together': (('township_code', 'unit'),), 'pk_attr': 'id', 'table_description': '镇街联合执法队伍'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Verification',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('assignee_id', fields.IntField()),
                ('asked_by_id', fields.IntField(null=True)),
                ('question', fields.TextField(default='', unique=False)),
                ('given_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('done_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('found', fields.BooleanField(null=True)),
                ('note', fields.TextField(default='', unique=False)),
                ('lon', fields.FloatField(null=True)),
                ('lat', fields.FloatField(null=True)),
            ],
            options={'table': 'case_verification', 'app': 'models', 'indexes': [Index(fields=['assignee_id', 'done_at']), Index(fields=['case_id', 'id'])], 'pk_attr': 'id', 'table_description': '核实'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Watch',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('case', fields.ForeignKeyField('models.Case', source_field='case_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('account', fields.ForeignKeyField('models.Account', source_field='account_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('note', fields.TextField(default='', unique=False)),
            ],
            options={'table': 'case_watch', 'app': 'models', 'unique_together': (('account', 'case'),), 'indexes': [Index(fields=['case_id'])], 'pk_attr': 'id', 'table_description': '领导关注'},
            bases=['Model'],
        ),
        ops.RemoveIndex(
            model_name='Case',
            name=None,
            fields=['grid_code', 'stage'],
        ),
        ops.AddField(
            model_name='Case',
            name='exempted_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Case',
            name='first_unit_id',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Case',
            name='merged_into_id',
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name='Case',
            name='n_extend',
            field=fields.SmallIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Case',
            name='n_suspend',
            field=fields.SmallIntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Case',
            name='notice',
            field=fields.JSONField(default=list, db_default=SqlDefault("'[]'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddField(
            model_name='Case',
            name='objected_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Case',
            name='overdue_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Case',
            name='paused_s',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Case',
            name='self_handled',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='Case',
            name='suspended_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Case',
            name='timers',
            field=fields.JSONField(default=list, db_default=SqlDefault("'[]'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddField(
            model_name='Case',
            name='wake_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name='Case',
            index=Index(fields=['grid_code', 'id']),
        ),
        ops.AddField(
            model_name='Check',
            name='passed_over',
            field=fields.JSONField(default=list, db_default=SqlDefault("'[]'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddIndex(
            model_name='Check',
            index=Index(fields=['assignee_id', 'case_id']),
        ),
        ops.AddField(
            model_name='Inbox',
            name='loud_seq',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Step',
            name='way',
            field=fields.CharField(default='', db_default='', max_length=16),
        ),
        ops.RemoveIndex(
            model_name='Task',
            name=None,
            fields=['unit_id', 'stage', 'id'],
        ),
        ops.RemoveIndex(
            model_name='Task',
            name=None,
            fields=['case_id', 'part'],
        ),
        ops.AddField(
            model_name='Task',
            name='accepted_by_clock',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='Task',
            name='exempted_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Task',
            name='late_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Task',
            name='overdue_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Task',
            name='platform',
            field=fields.CharField(default='', db_default='', max_length=20),
        ),
        ops.AddField(
            model_name='Task',
            name='position',
            field=fields.SmallIntField(null=True),
        ),
        ops.AddField(
            model_name='Task',
            name='refunded',
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name='Task',
            name='step',
            field=fields.CharField(default='', db_default='', max_length=120),
        ),
        ops.AddField(
            model_name='Task',
            name='wake_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddIndex(
            model_name='Task',
            index=Index(fields=['unit_id', 'case_id']),
        ),
        ops.AddIndex(
            model_name='Task',
            index=Index(fields=['case_id', 'unit_id']),
        ),
    ]
