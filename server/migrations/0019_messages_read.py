from tortoise import fields, migrations
from tortoise.migrations import operations as ops

# Of those read one by one, which are counted each time that the inbox is looked at.
INDEX = "CREATE INDEX inbox_message_read ON inbox_message (account_id, seq) WHERE read"


class Migration(migrations.Migration):
    dependencies = [("models", "0018_unit_plans")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Message",
            name="read",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.RunSQL([INDEX], reverse_sql=["DROP INDEX inbox_message_read"]),
    ]
