from tortoise import migrations
from tortoise.migrations import operations as ops

# The greatest number of a period long past is read from the index alone, which ranges cannot give.
DROP = "DROP INDEX case_file_received"
RANGES = "CREATE INDEX case_file_received ON case_file USING brin (received_at) WITH (pages_per_range = 16)"
ORDERED = "CREATE INDEX case_file_received ON case_file (received_at, id)"


class Migration(migrations.Migration):
    dependencies = [("models", "0025_supervised_steps")]

    initial = False

    operations = [
        ops.RunSQL([DROP, ORDERED], reverse_sql=[DROP, RANGES]),
    ]
