from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0008_diligence')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Case',
            name='overruns',
            field=fields.JSONField(default=list, db_default=SqlDefault("'[]'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.AddField(
            model_name='Task',
            name='overruns',
            field=fields.JSONField(default=list, db_default=SqlDefault("'[]'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
        ops.RunSQL(
            "UPDATE case_file SET overruns = jsonb_build_array(overdue_at) WHERE overdue_at IS NOT NULL;"
            "UPDATE case_task SET overruns = jsonb_build_array(overdue_at) WHERE overdue_at IS NOT NULL;",
            reverse_sql="SELECT 1",
        ),
    ]
