from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0013_known_address')]

    initial = False

    operations = [
        ops.AlterField(
            model_name='Adjustment',
            name='matter_name',
            field=fields.CharField(max_length=500),
        ),
        ops.AlterField(
            model_name='Case',
            name='matter_name',
            field=fields.CharField(default='', max_length=500),
        ),
        ops.AlterField(
            model_name='Entry',
            name='name',
            field=fields.CharField(max_length=500),
        ),
        ops.AddField(
            model_name='Entry',
            name='short_title',
            field=fields.CharField(default='', db_default='', max_length=40),
        ),
        ops.AlterField(
            model_name='Matter',
            name='name',
            field=fields.CharField(max_length=500),
        ),
        ops.AlterField(
            model_name='Precedent',
            name='matter_name',
            field=fields.CharField(max_length=500),
        ),
        ops.AlterField(
            model_name='Proposal',
            name='matter_name',
            field=fields.CharField(max_length=500),
        ),
    ]
