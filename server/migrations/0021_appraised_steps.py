from tortoise import migrations
from tortoise.migrations import operations as ops

# What was last said of a case is asked for of whole lists: a step in fifty is an appraisal.
INDEX = "CREATE INDEX case_step_appraised ON case_step (case_id, version) WHERE verb = 'appraise'"


class Migration(migrations.Migration):
    dependencies = [("models", "0020_own_calls")]

    initial = False

    operations = [
        ops.RunSQL(INDEX, reverse_sql="DROP INDEX case_step_appraised"),
    ]
