from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.db_defaults import SqlDefault
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0009_overruns')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Case',
            name='about_unit_id',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='Task',
            name='earlier_calls',
            field=fields.JSONField(default=list, db_default=SqlDefault("'[]'"), encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads),
        ),
    ]
