from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

# What older photos name stands in their originals alone; they stay as they were compared.


class Migration(migrations.Migration):
    dependencies = [('models', '0029_taps')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Photo',
            name='datum',
            field=fields.CharField(default='', max_length=8),
        ),
    ]
