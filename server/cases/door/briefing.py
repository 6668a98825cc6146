"""What a case says in words, who acts on it, and which open desks it wakes."""

from collections.abc import Collection, Mapping, Sequence, Set
from datetime import datetime
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from tortoise import Tortoise

from server.cases.door.lineage import family
from server.cases.models.case import Case, CaseWords, Step
from server.cases.models.task import Task
from server.cases.rules import flow
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Verb
from server.cases.rules.masking import masked
from server.cases.rules.views import due_of
from server.cases.rules.words import kept
from server.events import CaseChanged, CaseWaits
from server.people.actor import SYSTEM, Actor
from server.people.queries import names
from server.people.units import Units
from server.permissions import Permission, acts_for_unit, works_at_desk
from server.texts.catalogue import text

_SAID: Final = """
SELECT ARRAY(SELECT concat_ws(' ', address, text) FROM report WHERE case_id = ANY($2::bigint[])
             ORDER BY id LIMIT 100)
       || ARRAY(SELECT place_text FROM case_call WHERE case_id = $1 ORDER BY id LIMIT 100)
       || ARRAY(SELECT note FROM case_step WHERE case_id = $1 AND verb = 'call' LIMIT 100) AS said,
       ARRAY(SELECT unnest(ARRAY[reporter_id, on_behalf_of_id]) FROM report
             WHERE case_id = ANY($2::bigint[]) LIMIT 200) AS senders,
       ARRAY(SELECT unit_id FROM case_task WHERE case_id = $1 LIMIT 200) AS units
"""
_KEEP: Final = """
INSERT INTO case_words (case_id, words) VALUES ($1, $2)
ON CONFLICT (case_id) DO UPDATE SET words = excluded.words
"""
#: Facts of an act that nobody wrote: names of the list's and of units', moments, own sentences.
_UNWRITTEN: Final = frozenset(
    {"asked", "called", "due", "from", "key", "lead", "lead_phone", "matter", "merged", "proper"}
    | {"request", "step", "steps", "to", "unit", "until", "what", "why"}
)
#: Facts that say which office to go to.
_OFFICES: Final = frozenset({"instead", "ruling"})


def looks(
    case: Case, stood: tuple[str, str], steps: Sequence[Step], units: Set[int]
) -> list[CaseWaits | CaseChanged]:
    """Say which desks look again after these steps: those of `units`, and of the lead, too."""
    if not steps:
        return []
    lead = {case.lead_id} if case.lead_id else set[int]()
    return [*_office_turn(case, stood, steps), _changed(case, steps[-1].at, units | lead)]


def _office_turn(case: Case, stood: tuple[str, str], steps: Sequence[Step]) -> list[CaseWaits]:
    """Say that it has become an office's turn since a case stood at a stage with an owner.

    Of that nobody is owed a message.
    """
    if (case.stage, case.owner_role) == stood or not works_at_desk([case.owner_role]):
        return []
    waits = CaseWaits(
        stream=f"waits:{case.no}",
        at=steps[-1].at,
        role=case.owner_role,
        township=case.township_code,
    )
    return [waits]


def _changed(case: Case, at: datetime, units: Set[int]) -> CaseChanged:
    """Say that open desks may show something else of a case from now: the county's, its units'.

    Of a complaint about a unit neither the township nor the units of it hear by this.
    """
    apart = case.about_unit_id is not None
    return CaseChanged(
        stream=f"changed:{case.no}",
        at=at,
        case=case.id,
        township="" if apart else case.township_code,
        units=() if apart else tuple(sorted(units)),
    )


def called(unit_id: int | None, units: Units) -> str:
    """Return a unit's name, of one that was merged with who took it over; empty for none."""
    unit = units.by_id.get(unit_id or 0)
    heir = units.successor(unit.id) if unit is not None else None
    if unit is not None and heir is not None:
        return text("format.formerly", name=heir.name, former=unit.name)
    return unit.name if unit is not None else ""


def office(unit_id: int | None, by: Actor, verb: Verb, units: Units) -> str:
    """Return for which unit somebody acts; of who acts for none what the role is called."""
    unit = units.by_id.get(unit_id or 0)
    return unit.name if unit is not None else text(f"role.{role_of(by, verb)}")


def moment(at: datetime | None, zone: ZoneInfo) -> str:
    """Return an instant as a person of the county would write it; empty for None."""
    if at is None:
        return ""
    local = at.astimezone(zone)
    return text(
        "format.moment",
        month=local.month,
        day=local.day,
        clock=f"{local:%H:%M}",
    )


def lately(then: datetime, at: datetime, zone: ZoneInfo) -> str:
    """Return an instant as one says it at another: of the same day the time alone."""
    local = then.astimezone(zone)
    today = local.date() == at.astimezone(zone).date()
    return f"{local:%H:%M}" if today else moment(then, zone)


def facts_of(case: Case, basis: Basis) -> dict[str, str]:
    """Return who leads, until when and where, as words."""
    lead = basis.units.by_id.get(case.lead_id) if case.lead_id else None
    return {
        "lead": lead.name if lead else "",
        "lead_phone": lead.phone if lead else "",
        "due": moment(due_of(case), basis.zone),
        "why": "" if case.paused_s else case.due_why,
        "place": case.place.text,
        "matter": case.matter_name,
    }


def written(facts: Mapping[str, Any]) -> bool:
    """Tell whether anything of what is told of an act was written by somebody."""
    return any(facts[each] for each in facts.keys() - _UNWRITTEN if isinstance(facts[each], str))


def without_persons(facts: Mapping[str, Any], hidden: Set[str]) -> dict[str, Any]:
    """Return what is told of an act, persons masked, also by their `hidden` names."""
    return {
        name: masked(each, hidden, offices=name in _OFFICES)
        if isinstance(each, str) and name not in _UNWRITTEN
        else each
        for name, each in facts.items()
    }


def own_words(case: Case) -> tuple[str, ...]:
    """Return the texts of a case's own by which it is found."""
    place = case.place
    places = (place.township, place.village, place.grid, place.text)
    return (case.title, case.matter_name, *places, case.result)


async def new_words(
    case: Case,
    reported: Sequence[str],
    senders: Collection[int],
    units: Set[int],
    *,
    named: Mapping[int, str],
) -> CaseWords:
    """Return the row by which a case is found that is not stored yet, no person to be read in.

    Who is `named` already needs not be asked for.
    """
    hidden = {name for each, name in named.items() if each in senders}
    hidden |= set((await names(set(senders) - named.keys())).values())
    return CaseWords(case_id=case.id, words=_kept(case, reported, hidden, units))


async def keep_words(case: Case, said: Sequence[str], units: Set[int]) -> None:
    """Keep by what a case is found from now, with what is `said` and who comes in this very act.

    What was reported of cases merged into it is its own as well, as it is for who reads it.
    """
    database = Tortoise.get_connection("default")
    (found,) = await database.execute_query_dict(_SAID, [case.id, await family(case)])
    texts = (*found["said"], *said)
    hidden = set((await names({each for each in found["senders"] if each})).values())
    words = _kept(case, texts, hidden, units | set(found["units"]))
    await database.execute_query(_KEEP, [case.id, words])


def _kept(case: Case, texts: Sequence[str], hidden: Set[str], units: Set[int]) -> str:
    said = (masked(each, hidden) for each in (*own_words(case), *texts))
    return kept(case.no, said, units)


def acting_unit(by: Actor, verb: Verb, task: Task | None) -> int | None:
    """Return the unit that acts: the task's where it is the actor's, else the actor's own.

    None does what somebody does in an office for the whole county, or as a grid worker.
    A township that contests an arrival acts on another unit's task, and so does a lead that
    waives one, be it a station's of its own: that unit must hear.
    """
    if not acts_for_unit(role_of(by, verb)):
        return None
    if verb in flow.BY_LEAD or task is None:
        return by.unit_id
    return task.unit_id if task.unit_id in by.unit_ids else by.unit_id


def role_of(by: Actor, verb: Verb) -> str:
    """Return the role by which somebody acts: the first that grants the verb."""
    if by.id is None:
        return SYSTEM.name
    return by.role_granting(_permissions(verb)) or ""


@cache
def _permissions(verb: Verb) -> frozenset[Permission]:
    wanted = {f"case.{verb}", f"task.{verb}"}
    return frozenset(each for each in Permission if each in wanted)
