from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields
from tortoise.indexes import Index

# Searches over all lists: by two characters, by tag; and the cases whose words are to be learned.
FORWARD = [
    "CREATE INDEX list_entry_found_by ON list_entry USING gin (found_by)",
    "CREATE INDEX list_entry_tags ON list_entry USING gin (tags jsonb_path_ops)",
    "CREATE INDEX case_file_closed_at ON case_file (closed_at) WHERE closed_at IS NOT NULL",
]
BACKWARD = [
    "DROP INDEX case_file_closed_at",
    "DROP INDEX list_entry_tags",
    "DROP INDEX list_entry_found_by",
]


class Migration(migrations.Migration):
    dependencies = [('models', '0004_whole_life_constraints')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Confirmation',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('case_no', fields.CharField(unique=True, max_length=24)),
                ('matter_code', fields.CharField(db_index=True, max_length=20)),
                ('suggested_code', fields.CharField(default='', max_length=20)),
                ('grams', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('band', fields.CharField(max_length=10)),
                ('township_code', fields.CharField(default='', max_length=20)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'list_confirmation', 'app': 'models', 'pk_attr': 'id', 'table_description': '派遣确认'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Experience',
            fields=[
                ('matter_code', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=20)),
                ('n', fields.IntField()),
                ('grams', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('bands', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('townships', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('updated_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'list_experience', 'app': 'models', 'pk_attr': 'matter_code', 'table_description': '派遣经验'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ListSource',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('version', fields.OneToOneField('models.ListVersion', source_field='version_id', db_constraint=True, to_field='id', on_delete=OnDelete.CASCADE)),
                ('data', fields.BinaryField()),
            ],
            options={'table': 'list_source', 'app': 'models', 'pk_attr': 'id', 'table_description': '清单来源文件'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Word',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('matter_code', fields.CharField(max_length=20)),
                ('word', fields.CharField(max_length=40)),
                ('state', fields.CharField(max_length=10)),
                ('source', fields.CharField(max_length=10)),
                ('n_cases', fields.IntField(default=0)),
                ('proposed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('decided_by_id', fields.IntField(null=True)),
            ],
            options={'table': 'list_word', 'app': 'models', 'unique_together': (('matter_code', 'word'),), 'indexes': [Index(fields=['state', 'id'])], 'pk_attr': 'id', 'table_description': '群众常用说法'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Entry',
            name='extras',
            field=fields.JSONField(default=dict, db_default=SqlDefault("'{}'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddField(
            model_name='Entry',
            name='found_by',
            field=ArrayField(default=list, db_default=SqlDefault("'{}'"), element_type='TEXT'),
        ),
        ops.AddField(
            model_name='Entry',
            name='tags',
            field=fields.JSONField(default=list, db_default=SqlDefault("'[]'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddIndex(
            model_name='Entry',
            index=Index(fields=['lead_id']),
        ),
        ops.AddIndex(
            model_name='Entry',
            index=Index(fields=['domain']),
        ),
        ops.AddIndex(
            model_name='EntryUnit',
            index=Index(fields=['unit_id']),
        ),
        ops.AddField(
            model_name='ListVersion',
            name='answers',
            field=fields.JSONField(default=dict, db_default=SqlDefault("'{}'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddField(
            model_name='ListVersion',
            name='layout',
            field=fields.JSONField(default=dict, db_default=SqlDefault("'{}'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddField(
            model_name='ListVersion',
            name='questions',
            field=fields.JSONField(default=list, db_default=SqlDefault("'[]'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddField(
            model_name='ListVersion',
            name='submitted_at',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='ListVersion',
            name='submitted_by_id',
            field=fields.IntField(null=True),
        ),
        ops.RunSQL(FORWARD, reverse_sql=BACKWARD),
    ]
