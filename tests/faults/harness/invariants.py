"""What must hold of the database of a run, whatever was killed meanwhile."""

import hashlib
from collections import defaultdict
from pathlib import Path
from typing import Any
from uuid import UUID

from tortoise import Tortoise

from media.paths import original_key
from server.cases.rules import flow
from server.cases.rules.flow import Audience, Part, Stage, Verb
from server.cases.rules.shown import REPORTER
from server.people.queries import members
from server.permissions import acts_for_unit
from tests.faults.harness import ledger

_BROKEN = {
    "keys are unique": """
        SELECT count(*) AS n, count(DISTINCT (reporter_id, key)) AS n_keys FROM report
        HAVING count(*) <> count(DISTINCT (reporter_id, key))""",
    "every report has a case and a receipt of it": """
        SELECT r.id FROM report r LEFT JOIN case_file c ON c.id = r.case_id
        WHERE c.id IS NULL OR r.receipt ->> 'no' IS DISTINCT FROM c.no""",
    "every case has one report": """
        SELECT c.no, count(r.id) FROM case_file c LEFT JOIN report r ON r.case_id = c.id
        GROUP BY c.no HAVING count(r.id) <> 1""",
    "steps are numbered from 1 without a gap, up to the version": """
        SELECT c.no, c.version, array_agg(s.version ORDER BY s.version)
        FROM case_file c LEFT JOIN case_step s ON s.case_id = c.id GROUP BY c.id
        HAVING count(s.id) <> c.version OR min(s.version) <> 1 OR max(s.version) <> c.version""",
    "a dispatched case has one lead, another has none": """
        SELECT c.no, c.stage, count(t.id) FROM case_file c
        LEFT JOIN case_task t ON t.case_id = c.id AND t.part = 'lead' GROUP BY c.id
        HAVING count(t.id) <> (CASE WHEN c.dispatched_at IS NULL THEN 0 ELSE 1 END)""",
    "no unit has two parts in a case": """
        SELECT case_id, unit_id, count(*) FROM case_task GROUP BY 1, 2 HAVING count(*) > 1""",
    "a photo belongs to one case": """
        SELECT photo_id, count(*) FROM case_attachment GROUP BY 1 HAVING count(*) > 1""",
    "an inbox counts what it holds": """
        SELECT i.account_id, i.last_seq, count(m.id) FROM inbox i
        LEFT JOIN inbox_message m USING (account_id) GROUP BY 1
        HAVING i.last_seq <> count(m.id) OR i.last_seq <> coalesce(max(m.seq), 0)""",
    "nothing was given up": "SELECT * FROM outbox_delivery WHERE due_at IS NULL",
}

_STEPS = """
SELECT c.id AS case_id, c.no, c.stage, s.version, s.verb, s.source, s.target, s.unit_id,
  s.by_id, s.by_role, s.at, t.part
FROM case_step s JOIN case_file c ON c.id = s.case_id LEFT JOIN case_task t ON t.id = s.task_id
ORDER BY c.id, s.version
"""


async def rows(sql: str, *values: object) -> list[dict[str, Any]]:
    """The rows of a query on the open database."""
    return await Tortoise.get_connection("default").execute_query_dict(sql, list(values))


async def broken(*, photos_are_shared: bool = False) -> dict[str, Any]:
    """Which invariants do not hold, and where."""
    left_out = {"a photo belongs to one case"} if photos_are_shared else set()
    found = {name: await rows(sql) for name, sql in _BROKEN.items() if name not in left_out}
    found["the stage is what the history leads to"] = _misfolded(await rows(_STEPS))
    return {name: where[:5] for name, where in found.items() if where}


def _misfolded(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Steps that start elsewhere than the last one ended, or lead where their verb does not."""
    wrong, stage = [], dict[int, str]()
    for step in steps:
        source = stage.get(step["case_id"], "")
        target = _move(step).target or source
        if (step["source"], step["target"]) != (source, target):
            wrong.append(step)
        stage[step["case_id"]] = step["target"]
    return wrong + [step for step in steps if step["stage"] != stage[step["case_id"]]]


def _move(step: dict[str, Any]) -> flow.Move:
    source = Stage(step["source"]) if step["source"] else None
    return flow.edge(source, Verb(step["verb"]), Part(step["part"]) if step["part"] else None)


async def misdelivered() -> dict[int, list[str]]:
    """What is wrong with whose inbox, by what the histories say that everybody is owed."""
    owed = await _owed()
    held = defaultdict[int, list[ledger.Told]](list)
    for row in await rows("SELECT account_id, seq, event FROM inbox_message"):
        no, version, verb = row["event"].split(":")
        held[row["account_id"]].append(ledger.Told(row["seq"], no, int(version), verb))
    found = {
        account: ledger.misdelivered(owed.get(account, set()), held.get(account, []))
        for account in {*owed, *held}
    }
    return {account: wrong[:5] for account, wrong in found.items() if wrong}


async def _owed() -> dict[int, set[tuple[str, int, str]]]:
    """Every event that somebody must hear of: as a follower, or as one of a unit with a part.

    Of several at one moment the last.
    """
    followers, units = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    for row in await rows("SELECT case_id, account_id FROM case_follower"):
        followers[row["case_id"]].add(row["account_id"])
    for row in await rows("SELECT case_id, unit_id FROM case_task"):
        units[row["case_id"]].add(row["unit_id"])
    of_unit = {unit: await members([unit]) for unit in set().union(*units.values())}
    last = dict[tuple[int, str, object], tuple[str, int, str]]()
    for step in await rows(_STEPS):
        told, case, by = _move(step).told, step["case_id"], {step["by_id"]}
        reported = step["by_role"] == REPORTER
        people = set[int]()
        if Audience.UNITS in told:
            own = {step["unit_id"]} if not reported and acts_for_unit(step["by_role"]) else set()
            people |= {who for unit in units[case] - own for who in of_unit[unit]} - by
        if Audience.FOLLOWERS in told:
            people |= followers[case] if reported else followers[case] - by
        for account in people:
            event = step["no"], step["version"], step["verb"]
            last[account, step["no"], step["at"]] = event
    owed = defaultdict[int, set[tuple[str, int, str]]](set)
    for (account, _, _), event in last.items():
        owed[account].add(event)
    return owed


async def kept_photos(data_folder: Path) -> dict[UUID, tuple[int, str, str]]:
    """Owner, hash as written down and hash of the original as it lies there, by photo."""
    return {
        row["id"]: (row["owner_id"], row["sha256"], _hash_of(data_folder, row["sha256"]))
        for row in await rows("SELECT id, owner_id, sha256 FROM photo")
    }


def _hash_of(data_folder: Path, sha256: str) -> str:
    path = data_folder / "photos" / original_key(sha256)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "absent"
