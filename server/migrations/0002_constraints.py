from tortoise import migrations
from tortoise.migrations import operations as ops

# What the ORM's own constraint options leave out silently: checks and partial unique indexes.
FORWARD = [
    "CREATE UNIQUE INDEX case_task_one_lead ON case_task (case_id)"
    " WHERE part = 'lead' AND stage NOT IN ('returned', 'waived')",
    "CREATE UNIQUE INDEX list_version_one_per_start ON list_version (list_id, starts_at)"
    " WHERE state = 'published'",
    "CREATE UNIQUE INDEX place_generation_one_per_start ON place_generation (starts_at)"
    " WHERE state = 'published'",
    "CREATE INDEX outbox_delivery_dead ON outbox_delivery (id) WHERE due_at IS NULL",
    "CREATE INDEX case_file_open ON case_file (id)"
    " WHERE stage NOT IN ('closed', 'archived', 'declined', 'merged', 'withdrawn')",
    "ALTER TABLE case_file ADD CONSTRAINT case_file_lead_after_dispatch CHECK"
    " (stage NOT IN ('dispatched', 'handling') OR lead_id IS NOT NULL)",
    "ALTER TABLE appraisal ADD CONSTRAINT appraisal_scale CHECK (satisfaction BETWEEN 1 AND 5)",
    # History is append-only: not even a mistake of ours changes a line of it.
    "CREATE FUNCTION case_step_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'case_step is append-only'; END $$",
    "CREATE TRIGGER case_step_append_only BEFORE UPDATE OR DELETE ON case_step"
    " FOR EACH ROW EXECUTE FUNCTION case_step_is_append_only()",
]
BACKWARD = [
    "DROP TRIGGER case_step_append_only ON case_step",
    "DROP FUNCTION case_step_is_append_only()",
    "ALTER TABLE appraisal DROP CONSTRAINT appraisal_scale",
    "ALTER TABLE case_file DROP CONSTRAINT case_file_lead_after_dispatch",
    "DROP INDEX case_file_open",
    "DROP INDEX outbox_delivery_dead",
    "DROP INDEX place_generation_one_per_start",
    "DROP INDEX list_version_one_per_start",
    "DROP INDEX case_task_one_lead",
]


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    initial = False

    operations = [ops.RunSQL(FORWARD, reverse_sql=BACKWARD)]
