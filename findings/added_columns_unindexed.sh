#!/bin/sh
# tortoise-orm 1.1.9: a column that is added later gets none of the indexes that it asks for.
#
# `db_index=True` makes an index when the table is made. Of a column that is added to a table that
# is there, a plain one or a foreign key, `makemigrations` and `migrate` make no index; nor is one
# missed afterwards: the next `makemigrations` says that nothing has changed. The model says the
# column is indexed, and every search by it reads the whole table. It has to be made by SQL in the
# migration.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    tortoise-orm==1.1.9 aiosqlite==0.21.0
mkdir "$folder/app"
cd "$folder/app"
cat > settings.py <<'PY'
ORM = {
    "connections": {"default": "sqlite://base.db"},
    "apps": {"models": {"models": ["tables"], "migrations": "steps"}},
}
PY
tables() {
    cat > tables.py <<PY
from tortoise import fields
from tortoise.models import Model


class Unit(Model):
    id = fields.IntField(primary_key=True)


class Case(Model):
    id = fields.IntField(primary_key=True)
    lead = fields.ForeignKeyField("models.Unit", related_name="led", db_index=True)
$1
PY
}
orm() { "$folder/env/bin/python" -m tortoise -c settings.ORM "$@"; }
tables ''
orm init > /dev/null
orm makemigrations --name first > /dev/null
tables '    helper = fields.ForeignKeyField("models.Unit", related_name="helped", null=True, db_index=True)
    stage = fields.CharField(max_length=9, default="", db_index=True)'
orm makemigrations --name second > /dev/null
orm migrate > /dev/null
echo 'a third makemigrations says:'
orm makemigrations --name third | tee third
"$folder/env/bin/python" - <<'PY'
import sqlite3
from importlib.metadata import version

rows = sqlite3.connect("base.db").execute(
    "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'case' AND sql IS NOT NULL"
)
found = sorted(row[0].rpartition("(")[2].strip('")') for row in rows)
print("tortoise-orm", version("tortoise-orm"), "indexed:", found)
assert found == ["lead_id"], "what is added has its index now"
PY
orm sqlmigrate models 0002_second
grep -q 'No changes detected' third
[ "$(ls steps | grep -c '^0003')" = 0 ]
