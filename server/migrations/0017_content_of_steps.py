from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0016_single_characters')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Step',
            name='content_hash',
            field=fields.CharField(default='', db_default='', max_length=64),
        ),
    ]
