from tortoise import migrations
from tortoise.migrations import operations as ops

# A unit's cases are read from the newest: of whom each complains stands in the index beside it.
OPEN = "CREATE INDEX case_file_open ON case_file (id) INCLUDE (stage, due_at, township_code)"
BESIDE = OPEN.removesuffix(")") + ", about_unit_id)"
DROP = "DROP INDEX case_file_open"


class Migration(migrations.Migration):
    dependencies = [("models", "0021_appraised_steps")]

    initial = False

    operations = [
        ops.RunSQL([DROP, BESIDE], reverse_sql=[DROP, OPEN]),
    ]
