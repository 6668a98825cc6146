from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index

# What one person took back is told beside who had confirmed it, of whom the history still knows.
FORWARD = """
WITH undone AS (
  SELECT plan.*, done.by_id AS confirmed_by_id, done.at AS confirmed_at
  FROM unit_plan AS plan JOIN LATERAL (
    SELECT by_id, at FROM unit_change
    WHERE unit_id = plan.unit_id AND kind IN ('renamed', 'merged')
      AND at >= plan.at AND at < plan.decided_at
    ORDER BY id DESC LIMIT 1) AS done ON true
  WHERE plan.stage = 'undone'
), told AS (
  INSERT INTO unit_plan (unit_id, into_id, name, was, document, stage, by_id, at, decided_by_id,
                         decided_at, moved, undoes_id)
  SELECT unit_id, into_id, was, coalesce(nullif(name, ''), was), document, 'done', decided_by_id,
         decided_at, decided_by_id, decided_at, '{}', id
  FROM undone
)
UPDATE unit_plan SET decided_by_id = confirmed_by_id, decided_at = confirmed_at
FROM undone WHERE unit_plan.id = undone.id;
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0030_photo_datum')]

    initial = False

    operations = [
        ops.AddField(
            model_name='UnitChange',
            name='proposed_by_id',
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name='UnitPlan',
            name='undoes',
            field=fields.ForeignKeyField('models.UnitPlan', source_field='undoes_id', null=True, db_constraint=True, to_field='id', related_name='undoings', on_delete=OnDelete.RESTRICT),
        ),
        ops.AddIndex(
            model_name='UnitPlan',
            index=Index(fields=['undoes_id']),
        ),
        ops.RunSQL(FORWARD, reverse_sql='SELECT 1'),
    ]
