from tortoise import migrations
from tortoise.migrations import operations as ops
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
    ]
