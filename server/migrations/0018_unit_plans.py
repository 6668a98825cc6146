from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0017_content_of_steps')]

    initial = False

    operations = [
        ops.CreateModel(
            name='UnitPlan',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_index=True, db_constraint=True, to_field='id', on_delete=OnDelete.RESTRICT)),
                ('into', fields.ForeignKeyField('models.Unit', source_field='into_id', null=True, db_constraint=True, to_field='id', related_name='mergers', on_delete=OnDelete.RESTRICT)),
                ('name', fields.CharField(default='', max_length=80)),
                ('was', fields.CharField(max_length=80)),
                ('document', fields.CharField(max_length=120)),
                ('stage', fields.CharField(max_length=10)),
                ('by_id', fields.IntField()),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('decided_by_id', fields.IntField(null=True)),
                ('decided_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('moved', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'unit_plan', 'app': 'models', 'indexes': [Index(fields=['into_id'])], 'pk_attr': 'id', 'table_description': '单位更名与合并方案'},
            bases=['Model'],
        ),
    ]
