from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [('models', '0012_reporters')]

    initial = False

    operations = [
        ops.CreateModel(
            name='KnownAddress',
            fields=[
                ('key', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ('last_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'known_address', 'app': 'models', 'pk_attr': 'key', 'table_description': '常用登录地址'},
            bases=['Model'],
        ),
        # What was counted is forgotten: it would have faded within hours.
        ops.RemoveField(model_name='Throttle', name='n_failures'),
        ops.AddField(
            model_name='Throttle',
            name='n_failures',
            field=fields.FloatField(default=0),
        ),
        ops.AddField(
            model_name='LiveTicket',
            name='family',
            field=fields.UUIDField(null=True),
        ),
    ]
