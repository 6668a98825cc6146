"""The next version of a list, written from the one in force and the changes that were approved."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final, Self

from tortoise import Tortoise
from tortoise.transactions import in_transaction

from server.errors import NotFound
from server.people.actor import Actor
from server.people.units import Units
from server.responsibility.changing import commands
from server.responsibility.list import queries
from server.responsibility.list.fields import TEXTS, Cooperating, EntryView
from server.responsibility.list.list_types import list_type
from server.responsibility.list.models import ListVersion, Matter
from server.responsibility.search.entries_by_words import found_by

#: Stands for the township of the place where a unit's code is asked for.
TOWNSHIP: Final = "township"
_KEPT: Final = commands.NAMED.removeprefix('"version_id", ')
_COPY: Final = f"""
INSERT INTO list_entry (version_id, {_KEPT})
SELECT $1, {_KEPT} FROM list_entry
WHERE version_id = $2 AND matter_id NOT IN (SELECT id FROM matter WHERE code = ANY($3::text[]))
"""
_COPY_HELPERS: Final = """
INSERT INTO list_entry_unit (entry_id, unit_id, position, duties)
SELECT fresh.id, u.unit_id, u.position, u.duties
FROM list_entry fresh
JOIN list_entry old ON old.matter_id = fresh.matter_id AND old.version_id = $2
JOIN list_entry_unit u ON u.entry_id = old.id
WHERE fresh.version_id = $1
"""
_SUCCEED: Final = "UPDATE list_entry SET lead_id = $3 WHERE version_id = $1 AND lead_id = $2"
_SUCCEED_HELPERS: Final = """
UPDATE list_entry_unit SET unit_id = $3 FROM list_entry e
WHERE e.id = entry_id AND e.version_id = $1 AND unit_id = $2
"""
#: Who was named beside its successor, or helps what its successor leads, is named once.
_NAMED_TWICE: Final = """
DELETE FROM list_entry_unit u USING list_entry e
WHERE e.id = u.entry_id AND e.version_id = $1 AND (u.unit_id = e.lead_id OR EXISTS (
  SELECT FROM list_entry_unit o
  WHERE o.entry_id = u.entry_id AND o.unit_id = u.unit_id AND o.position < u.position))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """What an entry is to say; None leaves a field as it is, `removed` takes the matter off.

    `texts` are its plain texts by the names of their columns. Units are codes, or TOWNSHIP;
    `cooperating` holds (unit, duties).
    """

    removed: bool = False
    texts: Mapping[str, str] = field(default_factory=dict, hash=False)
    kind: str | None = None
    responsibility: str | None = None
    lead: str | None = None
    cooperating: tuple[tuple[str, str], ...] | None = None
    limit: int | None = None
    urgency: str | None = None
    self_handle: bool | None = None
    receives: str | None = None
    words: tuple[str, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what is asked for, to be kept."""
        said = asdict(self)
        said |= said.pop("texts")
        return {name: value for name, value in said.items() if value not in (None, False)}

    def then(self, later: Self) -> Self:
        """Return what both ask for; where they differ the later holds."""
        if self.removed or later.removed:
            return later
        return self.of_json(self.as_json() | later.as_json())

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return the change of what was kept."""
        texts = {each.name: kept[each.name] for each in TEXTS if each.name in kept}
        rest = {name: value for name, value in kept.items() if name not in texts}
        helpers, words = kept.get("cooperating"), kept.get("words")
        lists_of = {
            "cooperating": None if helpers is None else tuple((u, d) for u, d in helpers),
            "words": None if words is None else tuple(words),
        }
        return cls(texts=texts, **(rest | lists_of))


def applied(entry: EntryView | None, change: EntryChange, units: Units) -> EntryView | None:
    """Return what an entry becomes by a change; None where the matter is off the list then."""
    if change.removed:
        return None
    asked: dict[str, Any] = {
        each.name: getattr(change, each.name)
        for each in fields(EntryView)
        if getattr(change, each.name, None) is not None
    }
    asked |= change.texts
    if change.cooperating is not None:
        helpers = [
            Cooperating(unit_id(code, units), duties) for code, duties in change.cooperating
        ]
        asked["cooperating"] = tuple(helpers)
    if change.lead is not None:
        asked["lead_id"] = unit_id(change.lead, units)
        side = "township" if units.local(asked["lead_id"]) else "county"
        asked.setdefault("responsibility", side)
    return replace(entry or _blank(), **asked)


def _blank() -> EntryView:
    return EntryView(
        id=0,
        version_id=0,
        matter_code="",
        row=0,
        name="",
        domain="",
        kind="livelihood",
        responsibility="county",
        lead_id=None,
        limit=15,
        urgency="work_day",
        self_handle=False,
        receives="department",
    )


def unit_id(code: str, units: Units) -> int | None:
    """Return the unit of a code, None for TOWNSHIP; raises NotFound."""
    if code == TOWNSHIP:
        return None
    unit = units.named(code)
    if unit is None:
        raise NotFound(kind="unit", code=code)
    return unit.id


async def draft(
    type_code: str,
    changes: Mapping[str, EntryChange],
    *,
    label: str,
    units: Units,
    by: Actor,
    at: datetime,
) -> ListVersion:
    """Write a draft: the version in force with changes by the matters' codes.

    Units that were merged are named by their successors. Matters not in the catalogue yet enter
    it. Raises NotFound for a type there is not, and where no version is in force.
    """
    kind = list_type(type_code)
    base = await queries.version_in_force(type_code, at=at)
    if base is None:
        raise NotFound(kind="version", type=type_code)
    async with in_transaction():
        before = {each.matter_code: each for each in await queries.all_entries(base)}
        version = await commands.new_version(
            kind,
            label=label,
            by=by,
            at=at,
            report={},
            layout=await queries.version_layout(base),
        )
        await _run(_COPY, [version.id, base, list(changes)])
        await _run(_COPY_HELPERS, [version.id, base])
        last = max((each.row for each in before.values()), default=0)
        n_changed = 0
        for code, change in sorted(changes.items()):
            after = applied(before.get(code), change, units)
            if after is not None:
                last += 1
                await _write(version.id, code, after, after.row or last)
            n_changed += after != before.get(code)
        await _name_successors(version.id, units)
        n_taken = len(before.keys() - changes.keys()) + sum(
            not change.removed for change in changes.values()
        )
        version.report = {"n_taken": n_taken, "n_changed": n_changed, "from_version": base}
        await version.save(update_fields=["report"])
    return version


async def _write(version_id: int, code: str, entry: EntryView, row: int) -> None:
    matter, _ = await Matter.get_or_create(
        defaults={"name": entry.name, "domain": entry.domain}, code=code
    )
    kept = asdict(entry)
    columns: dict[str, Any] = {name: kept[name] for name in commands.COLUMNS if name in kept}
    duties = (each.duties for each in entry.cooperating)
    found = found_by(code, entry.texts(), (*entry.words, *entry.tags, *duties))
    values = columns | {
        "version_id": version_id,
        "matter_id": matter.id,
        "row": row,
        "found_by": found,
    }
    [made] = await commands.insert_rows(commands.ENTRIES, [values])
    helpers = [
        {"entry_id": made["id"], "unit_id": each.unit_id, "position": n, "duties": each.duties}
        for n, each in enumerate(entry.cooperating, 1)
    ]
    await commands.insert_rows(commands.HELPERS, helpers)


async def _name_successors(version_id: int, units: Units) -> None:
    merged = [(unit.id, heir.id) for unit in units.all() if (heir := units.successor(unit.id))]
    for old, new in merged:
        await _run(_SUCCEED, [version_id, old, new])
        await _run(_SUCCEED_HELPERS, [version_id, old, new])
    if merged:
        await _run(_NAMED_TWICE, [version_id])


async def _run(sql: str, values: Sequence[Any]) -> None:
    await Tortoise.get_connection("default").execute_query(sql, list(values))
