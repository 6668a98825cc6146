from tortoise import migrations
from tortoise.migrations import operations as ops

# The list is narrowed to what was put under supervision: hardly any step is that.
INDEX = "CREATE INDEX case_step_supervised ON case_step (case_id) WHERE verb = 'supervise'"


class Migration(migrations.Migration):
    dependencies = [("models", "0024_standard_texts")]

    initial = False

    operations = [
        ops.RunSQL(INDEX, reverse_sql="DROP INDEX case_step_supervised"),
    ]
