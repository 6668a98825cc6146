from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

# What somebody handles is looked for when the account is closed; most tasks are given to nobody.
GIVEN = "CREATE INDEX case_task_assignee ON case_task (assignee_id) WHERE assignee_id IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [('models', '0027_leaves')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Task',
            name='assignee_id',
            field=fields.IntField(null=True),
        ),
        ops.RunSQL([GIVEN], reverse_sql=["DROP INDEX case_task_assignee"]),
    ]
