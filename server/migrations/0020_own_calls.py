from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0019_messages_read')]

    initial = False

    operations = [
        ops.AddIndex(
            model_name='Call',
            index=Index(fields=['caller_unit_id', 'id']),
        ),
    ]
