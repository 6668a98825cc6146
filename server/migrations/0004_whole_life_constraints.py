from tortoise import migrations
from tortoise.migrations import operations as ops

# What the ORM's own constraint options leave out silently: checks and partial indexes.
FORWARD = [
    # What the clock has to look at: a closed case costs nothing.
    "CREATE INDEX case_file_wake ON case_file (wake_at) WHERE wake_at IS NOT NULL",
    "CREATE INDEX case_task_wake ON case_task (wake_at) WHERE wake_at IS NOT NULL",
    # A unit's tasks of a stage by deadline, as boards are read (server/cases/boards.py).
    "CREATE INDEX case_task_board ON case_task"
    " (unit_id, stage, (coalesce(due_at, '2099-12-31T00:00:00Z'::timestamptz)), id)",
    # Lists of what is open: by stage; overdue or of a township without a look at the rows.
    "CREATE INDEX case_file_open_stage ON case_file (stage, id)"
    " WHERE stage NOT IN ('closed', 'archived', 'declined', 'merged', 'withdrawn')",
    "DROP INDEX case_file_open",
    "CREATE INDEX case_file_open ON case_file (id) INCLUDE (stage, due_at, township_code)"
    " WHERE stage NOT IN ('closed', 'archived', 'declined', 'merged', 'withdrawn')",
    # The few of which somebody is asked where they lie.
    "CREATE INDEX case_file_to_confirm ON case_file (id) WHERE place @> '{\"confirm\": true}'"
    " AND stage IN ('submitted', 'verifying', 'filed', 'dispatched')",
    "CREATE INDEX case_file_merged ON case_file (merged_into_id) WHERE merged_into_id IS NOT NULL",
    # What waits for a ruling, the most urgent first.
    "CREATE INDEX case_return_open ON case_return (due_at, id) WHERE upheld IS NULL",
    "CREATE UNIQUE INDEX case_request_one_open ON case_request (case_id, what)"
    " WHERE granted IS NULL",
    "CREATE UNIQUE INDEX conference_one_open ON conference (case_id) WHERE decided_at IS NULL",
    "CREATE UNIQUE INDEX case_verification_one_open ON case_verification (case_id)"
    " WHERE done_at IS NULL",
    "ALTER TABLE roster_shift ADD CONSTRAINT roster_shift_day_or_weekday CHECK"
    " ((day IS NULL) <> (weekday IS NULL) AND weekday BETWEEN 0 AND 6)",
    "CREATE UNIQUE INDEX roster_shift_once ON roster_shift"
    " (township_code, shift, account_id, coalesce(day, '-infinity'), coalesce(weekday, -1))",
]
BACKWARD = [
    "DROP INDEX roster_shift_once",
    "ALTER TABLE roster_shift DROP CONSTRAINT roster_shift_day_or_weekday",
    "DROP INDEX case_verification_one_open",
    "DROP INDEX conference_one_open",
    "DROP INDEX case_request_one_open",
    "DROP INDEX case_return_open",
    "DROP INDEX case_file_merged",
    "DROP INDEX case_file_to_confirm",
    "DROP INDEX case_file_open",
    "CREATE INDEX case_file_open ON case_file (id)"
    " WHERE stage NOT IN ('closed', 'archived', 'declined', 'merged', 'withdrawn')",
    "DROP INDEX case_file_open_stage",
    "DROP INDEX case_task_board",
    "DROP INDEX case_task_wake",
    "DROP INDEX case_file_wake",
]


class Migration(migrations.Migration):
    dependencies = [("models", "0003_whole_life")]

    initial = False

    operations = [ops.RunSQL(FORWARD, reverse_sql=BACKWARD)]
