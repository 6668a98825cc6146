"""Loading versions of responsibility lists from spreadsheets."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from tortoise import Tortoise
from tortoise.functions import Max
from tortoise.transactions import in_transaction

from server.errors import BadInput, NotFound, VersionState
from server.people.actor import Actor
from server.people.commands import NewUnit, create_unit, free_code
from server.people.queries import units_index
from server.people.units import UnitKind, Units
from server.responsibility.list import list_types as types
from server.responsibility.list.entries import OfficeLayout
from server.responsibility.list.fields import STORED
from server.responsibility.list.list_types import MAIN, ListType
from server.responsibility.list.models import (
    ListSource,
    ListVersion,
    Matter,
    ResponsibilityList,
)
from server.responsibility.search.entries_by_words import found_by
from server.responsibility.sheets.asking import COLUMN, NEW
from server.responsibility.sheets.columns import field_of, is_township
from server.responsibility.sheets.columns import value as meant
from server.responsibility.sheets.importing import NO_ANSWERS, Understood, understand
from server.responsibility.sheets.limits import amount
from server.responsibility.sheets.matching import UnitMatcher
from server.responsibility.sheets.report import Known
from server.responsibility.sheets.rows import Draft

_BATCH: Final = 1000
_NEW_UNIT: Final = "N-"  # begins the code of a unit that a sheet brought
_MOST_MATTERS: Final = 100_000
#: The columns of an entry as they are written and copied.
COLUMNS: Final = (
    *("version_id", "matter_id", "row"),
    *STORED,
    *("extras", "found_by"),
)
#: As SQL says them: one is a word of its own there.
NAMED: Final = ", ".join(f'"{name}"' for name in COLUMNS)
ENTRIES: Final = (
    f"INSERT INTO list_entry ({NAMED}) SELECT {NAMED}"
    " FROM jsonb_populate_recordset(NULL::list_entry, $1::jsonb) RETURNING id, row"
)
HELPERS: Final = (
    "INSERT INTO list_entry_unit (entry_id, unit_id, position, duties)"
    " SELECT entry_id, unit_id, position, duties"
    " FROM jsonb_populate_recordset(NULL::list_entry_unit, $1::jsonb)"
)


async def import_list(
    data: bytes,
    filename: str,
    *,
    label: str,
    by: Actor,
    at: datetime,
    list_type: str = MAIN,
    columns: Mapping[str, str] = NO_ANSWERS,
) -> ListVersion:
    """Store a spreadsheet as a draft version of a list; its `report` tells what was understood.

    `columns` says what headings mean that offices call otherwise: by heading a field, or the
    heading that we write for it.

    What only a person can say is kept as `questions`; until the last is answered the version has
    no entries. Raises NotFound for a type there is not, BadInput for a column there is not, and
    ListRefused naming file, sheet, row, column and reason of everything wrong; then nothing is
    written. Matters not yet in the catalogue enter it with the entries.
    """
    kind = types.list_type(list_type)
    answers = _of_columns(columns, kind)
    understood = await _understood(data, filename, kind, answers)
    async with in_transaction():
        version = await new_version(
            kind,
            label=label,
            by=by,
            at=at,
            source_name=filename[:200],
            sha256=understood.sha256,
            report=understood.report,
            layout=understood.layout,
            questions=[each.as_json() for each in understood.questions],
            answers=_said(answers, by, at),
        )
        await ListSource.create(version_id=version.id, data=data)
        if not understood.questions:
            await _write(version.id, understood)
    return version


async def new_version(
    kind: ListType,
    *,
    label: str,
    by: Actor,
    at: datetime,
    layout: OfficeLayout | None,
    report: dict[str, Any],
    source_name: str = "",
    sha256: str = "",
    questions: list[dict[str, Any]] | None = None,
    answers: dict[str, Any] | None = None,
) -> ListVersion:
    """Make a draft of a list with the next number; joins the caller's transaction."""
    of = await _list(kind)
    # Locked, so that two at once get two numbers.
    await ResponsibilityList.select_for_update().get(id=of.id)
    last = await ListVersion.filter(list_id=of.id).annotate(n=Max("number")).values("n")
    return await ListVersion.create(
        list_id=of.id,
        number=(last[0]["n"] or 0) + 1,
        label=label,
        state="draft",
        loaded_at=at,
        loaded_by_id=by.id,
        layout=asdict(layout) if layout else {},
        report=report,
        source_name=source_name,
        sha256=sha256,
        questions=questions or [],
        answers=answers or {},
    )


async def answer(
    version_id: int, answers: Mapping[str, str], *, new_matters: bool, by: Actor, at: datetime
) -> ListVersion:
    """Answer a draft's questions by their ids; with the last its entries are written.

    `new_matters` gives every matter that nobody answered a code of its own. A unit that is new is
    made as a department, under a free code. Raises NotFound, VersionState for a draft without
    questions, BadInput for what is no answer to a question, Duplicate for a new unit of the name
    of another, and ListRefused when the file cannot be taken with these answers; then nothing is
    changed.
    """
    async with in_transaction():
        version = await ListVersion.select_for_update().get_or_none(id=version_id)
        if version is None:
            raise NotFound(kind="version", id=version_id)
        if version.state != "draft" or not version.questions:
            raise VersionState(state=version.state)
        units, matters = await units_index(), await _matter_rows()
        given = {q["id"]: NEW for q in version.questions if new_matters and q["kind"] == "matter"}
        given |= answers
        columns = {q["id"] for q in version.questions if q["kind"] == "column"}
        of = await ResponsibilityList.get(id=version.list_id)
        kind = types.list_type(of.type)
        given |= {key: field_of(given[key], kind) or "" for key in columns & given.keys()}
        _require_answers(given, version.questions, units, {code for code, _, _ in matters})
        given |= await _new_units(given, version.questions)
        version.answers |= _said(given, by, at)
        source = await ListSource.get(version_id=version_id)
        known = Known(await units_index(), matters, kind)
        values = {key: each["value"] for key, each in version.answers.items()}
        understood = await asyncio.to_thread(
            understand, bytes(source.data), version.source_name, known, values
        )
        version.report = understood.report
        version.questions = [each.as_json() for each in understood.questions]
        await version.save(update_fields=["answers", "report", "questions"])
        if not understood.questions:
            await _write(version.id, understood)
    return version


def _of_columns(columns: Mapping[str, str], kind: ListType) -> dict[str, str]:
    """Return the answers that say what headings mean; raises BadInput for no column of ours."""
    found = {heading: field_of(named, kind) for heading, named in columns.items()}
    wrong = [heading for heading, field in found.items() if field is None or not heading.strip()]
    if wrong:
        raise BadInput([{"pointer": f"/columns/{each}", "reason": "unknown"} for each in wrong])
    return {f"{COLUMN}{heading}": field for heading, field in found.items() if field}


def _said(answers: Mapping[str, str], by: Actor, at: datetime) -> dict[str, Any]:
    """Return answers as a version keeps them: with who gave them, and when."""
    said: dict[str, Any] = {"by": by.id, "at": at.isoformat()}
    return {key: {"value": value} | said for key, value in answers.items()}


async def _new_units(
    given: Mapping[str, str], questions: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Make the units that are answered to be new; return the answers with what they became."""
    made = dict[str, str]()
    for question in questions:
        if question["kind"] == "unit" and given.get(question["id"]) == NEW:
            code = await free_code(_NEW_UNIT)
            new = NewUnit(code=code, name=question["written"], kind=UnitKind.DEPARTMENT)
            made[question["id"]] = str(await create_unit(new))
    return made


def _require_answers(
    given: Mapping[str, str],
    questions: Sequence[Mapping[str, Any]],
    units: Units,
    codes: Collection[str],
) -> None:
    asked = {question["id"]: question for question in questions}
    matcher = UnitMatcher(units)
    for key, value in given.items():
        question = asked.get(key)
        if question is None:
            raise BadInput([{"pointer": f"/answers/{key}", "reason": "unknown"}])
        offered = {each["value"] for each in question["candidates"]}
        field = key.partition(":")[0]
        fits = {
            "column": value in offered,
            "unit": matcher.by_id(value) is not None or value in offered or is_township(value),
            "lead": value in offered,
            "limit": amount(value) is not None,
            "choice": value in offered or meant(field, value) in offered,
            "matter": value == NEW or value in codes or value == question["new_code"],
        }
        if not fits[question["kind"]]:
            raise BadInput([{"pointer": f"/answers/{key}", "reason": "unknown"}])


async def _understood(
    data: bytes, filename: str, kind: ListType, answers: Mapping[str, str]
) -> Understood:
    known = Known(await units_index(), await _matter_rows(), kind)
    return await asyncio.to_thread(understand, data, filename, known, answers)


async def _matter_rows() -> list[tuple[str, str, str]]:
    rows = (
        await Matter.all()
        .order_by("code")
        .limit(_MOST_MATTERS)
        .values_list("code", "name", "domain")
    )
    return [(str(code), str(name), str(domain)) for code, name, domain in rows]


async def _list(kind: ListType) -> ResponsibilityList:
    of, _ = await ResponsibilityList.get_or_create(type=kind.code, defaults={"name": kind.name})
    return of


async def _write(version_id: int, understood: Understood) -> None:
    drafts = understood.drafts
    matters = await _matters(drafts)
    for at in range(0, len(drafts), _BATCH):
        some = drafts[at : at + _BATCH]
        rows = [_entry(version_id, matters[draft.code], draft) for draft in some]
        ids = {row["row"]: row["id"] for row in await insert_rows(ENTRIES, rows)}
        helpers = [
            {"entry_id": ids[draft.row], "unit_id": unit_id, "position": n, "duties": duties}
            for draft in some
            for n, (unit_id, duties) in enumerate(draft.cooperating, 1)
        ]
        await insert_rows(HELPERS, helpers)


async def insert_rows(sql: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Insert thousands of rows as one value: a model instance for each costs more than the row."""
    values = [json.dumps(rows, ensure_ascii=False)]
    return await Tortoise.get_connection("default").execute_query_dict(sql, values)


async def _matters(drafts: Sequence[Draft]) -> Mapping[str, int]:
    """Return the catalogue's id of each code, new matters entered."""
    rows = [
        Matter(code=draft.code, name=draft.texts["name"], domain=draft.texts["domain"])
        for draft in drafts
    ]
    await Matter.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    stored = await Matter.all().limit(100_000).values_list("code", "id")
    return {str(code): int(matter_id) for code, matter_id in stored}


def _entry(version_id: int, matter_id: int, draft: Draft) -> dict[str, Any]:
    return {
        "version_id": version_id,
        "matter_id": matter_id,
        "row": draft.row,
        "kind": draft.kind,
        "responsibility": draft.responsibility,
        "lead_id": draft.lead_id,
        "self_handle": draft.self_handle,
        "receives": draft.receives,
        "urgency": draft.urgency,
        "limit": draft.limit,
        "filing_conditions": [asdict(each) for each in draft.filing_conditions],
        "words": draft.words,
        "process": [asdict(each) for each in draft.process],
        "tags": draft.tags,
        "extras": draft.extras,
        "found_by": found_by(
            draft.code,
            draft.texts,
            (*draft.words, *draft.tags, *(duties for _, duties in draft.cooperating)),
        ),
        **draft.texts,
    }
