#!/bin/sh
# tortoise-orm 1.1.9: `select_for_update()` is forgotten where columns alone are asked for.
#
# `Account.filter(...).select_for_update()` ends in FOR UPDATE. With `.values_list("id")` or
# `.values("id")` behind it, the usual way to lock rows without reading them whole, the statement
# has no FOR UPDATE and nothing says so: of two who meant to wait for each other both go on. Whoever
# locks has to read whole rows, or write the statement.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    tortoise-orm==1.1.9 asyncpg==0.32.0
cd "$folder"
cat > tables.py <<'PY'
from tortoise import fields
from tortoise.models import Model


class Account(Model):
    id = fields.IntField(primary_key=True)
    active = fields.BooleanField()
PY
"$folder/env/bin/python" - <<'PY'
import asyncio
from importlib.metadata import version

from tables import Account
from tortoise import Tortoise


async def main():
    # Statements are only written, never sent: no database is needed.
    await Tortoise.init(db_url="asyncpg://nobody@127.0.0.1:1/none", modules={"models": ["tables"]})
    locked = Account.filter(active=True).select_for_update()
    asked = {
        "whole rows": locked,
        "first": locked.first(),
        "values_list": locked.values_list("id"),
        "values": locked.values("id"),
    }
    found = {name: query.sql(params_inline=True) for name, query in asked.items()}
    print("tortoise-orm", version("tortoise-orm"))
    for name, sql in found.items():
        print(f"{name:12} {sql}")
    locks = {name for name, sql in found.items() if "FOR UPDATE" in sql}
    assert locks == {"whole rows", "first"}, "columns alone are locked now"


asyncio.run(main())
PY
