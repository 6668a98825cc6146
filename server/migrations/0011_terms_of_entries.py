from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields

# The term of an admission is a version's: what is taken back takes it along.
FORWARD = [
    "UPDATE list_entry SET township_until = admitted_until"
    " FROM matter WHERE matter.id = matter_id AND admitted_until IS NOT NULL",
]
BACKWARD = [
    "UPDATE matter SET admitted_until = until FROM"
    " (SELECT matter_id, max(township_until) AS until FROM list_entry GROUP BY matter_id) AS term"
    " WHERE matter.id = matter_id",
]


class Migration(migrations.Migration):
    dependencies = [('models', '0010_recusal')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Entry',
            name='township_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RunSQL(FORWARD, reverse_sql=BACKWARD),
        ops.RemoveField(model_name='Matter', name='admitted_until'),
    ]
