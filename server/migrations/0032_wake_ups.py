from tortoise import migrations
from tortoise.migrations import operations as ops

# Wake-ups are owed no more, and of what is owed still nobody hears: sockets look by themselves.


class Migration(migrations.Migration):
    dependencies = [('models', '0031_undoing')]

    initial = False

    operations = [
        ops.RunSQL(
            "DELETE FROM outbox_delivery WHERE kind = 'inbox.written'", reverse_sql='SELECT 1'
        ),
    ]
