from tortoise import migrations
from tortoise.migrations import operations as ops

# Whoever acted as a reporter is written down as that and nothing else: the unit and the role of a
# reporter are nobody's to read.
FORWARD = """
ALTER TABLE case_step DISABLE TRIGGER case_step_append_only;
UPDATE case_step SET by_role = 'reporter', unit_id = NULL
WHERE verb = 'report'
  OR (verb IN ('supplement', 'object', 'withdraw', 'confirm_place', 'appraise', 'redo')
    AND EXISTS (SELECT FROM case_follower f
      WHERE f.case_id = case_step.case_id AND f.account_id = case_step.by_id AND f.reporter))
  OR (verb = 'ask' AND EXISTS (SELECT FROM case_request r
      WHERE r.case_id = case_step.case_id AND r.by_id = case_step.by_id AND r.at = case_step.at
        AND r.what = 'redo'));
UPDATE case_step SET way = 'redo' WHERE verb = 'ask' AND by_role = 'reporter';
ALTER TABLE case_step ENABLE TRIGGER case_step_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [('models', '0011_terms_of_entries')]

    initial = False

    operations = [ops.RunSQL(FORWARD, reverse_sql='SELECT 1')]
