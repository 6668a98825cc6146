"""The record of a unit's diligence as people read it: a page to print or to hand over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from server.cases.rules.basis import Basis
from server.cases.rules.shown import REPORTER
from server.governance.diligence.owed import Duty, State
from server.governance.diligence.record import Evidence, ListDuty, Record, Shown
from server.people.units import Units
from server.responsibility.answering.lookup import words_of
from server.responsibility.changing.publication import Publication
from server.texts.catalogue import has, text

_COLUMNS: Final = {"number": 1, "duty": 7, "due": 3, "done": 3, "state": 4, "evidence": 10}


def page(record: Record, basis: Basis) -> Publication:
    """Return a record as a document of one table: duties of the list, then of procedure."""
    lines = [each for each in (_about(record), summary(record), _made(record, basis)) if each]
    return Publication(
        title=text("diligence.title", unit=record.unit.name),
        subtitle="\n".join(lines),
        widths=tuple(_COLUMNS.values()),
        header=tuple(text(f"diligence.column_{name}") for name in _COLUMNS),
        rows=(
            *(_named_row(each, record, basis) for each in record.named),
            *(_procedure_row(each, record, basis) for each in record.procedure),
        ),
    )


def summary(record: Record) -> str:
    """Return in a sentence how many duties there are and how they stand."""
    n_of = dict.fromkeys(State, 0)
    for duty in record.procedure:
        n_of[duty.state] += 1
    return text(
        "diligence.summary",
        n_named=len(record.named),
        n_shown=sum(bool(each.shown) for each in record.named),
        n_procedure=len(record.procedure),
        n_done=n_of[State.DONE],
        n_late=n_of[State.LATE] or None,
        n_not_done=n_of[State.NOT_DONE] or None,
    )


def cited(record: Record) -> str:
    """Return which row of which version the duties are taken from, in a sentence."""
    return text("diligence.cited" if record.entry else "diligence.off_list", **_facts(record))


def duty_words(duty: Duty) -> str:
    """Return a duty of procedure in words, with what tells it apart from others of its kind."""
    about = text(f"ground.{duty.about}") if has(f"ground.{duty.about}") else duty.about
    return text(f"owed.{duty.owed}", about=about)


def state_words(duty: Duty, zone: ZoneInfo) -> str:
    """Return how a duty of procedure stands, in words."""
    exempted = _moment(duty.exempted_at, zone)
    late = _length(duty.late) if duty.late else ""
    untimed = duty.state is State.DONE and duty.due_at is None
    state = "done_untimed" if untimed else duty.state.value
    return text(f"duty_state.{state}", late=late, exempted=exempted)


def line(evidence: Evidence, units: Units, zone: ZoneInfo) -> str:
    """Return a piece of evidence as a line: when, what, by whom, in which words."""
    unit = units.by_id.get(evidence.unit_id) if evidence.unit_id else None
    return text(
        "diligence.line",
        at=_moment(evidence.at, zone),
        verb=text(f"verb.{evidence.verb}"),
        unit=unit.name if unit else "",
        role=role_words(evidence.by_role),
        words=evidence.words,
        photos=_photos(evidence.photos),
    )


def role_words(role: str) -> str:
    """Return a role's name; what nobody did, the clock did."""
    if role == REPORTER:
        return text("word.reporter")
    return text(f"role.{role}") if has(f"role.{role}") else text("diligence.by_clock")


def _facts(record: Record) -> dict[str, object]:
    return words_of(record.case.explanation) | {"matter": record.case.matter_name}


def _about(record: Record) -> str:
    case = record.case
    said = text("diligence.about", no=case.no, stage=text(f"stage.{case.stage}"))
    return said + cited(record)


def _made(record: Record, basis: Basis) -> str:
    return text("diligence.made", at=_moment(record.at, basis.zone))


def _named_row(each: ListDuty, record: Record, basis: Basis) -> tuple[str, ...]:
    state = "shown" if each.shown else "open"
    return (
        str(each.duty.number),
        each.duty.text,
        "",
        "",
        text(f"duty_state.{state}"),
        "\n".join(_shown_line(shown, record, basis) for shown in each.shown),
    )


def _shown_line(shown: Shown, record: Record, basis: Basis) -> str:
    said = text(
        "diligence.line",
        at=_moment(shown.at, basis.zone),
        verb=text("diligence.shown"),
        unit=record.unit.name,
        role=role_words(shown.by_role),
        words=shown.note,
        photos=_photos(shown.photos),
    )
    return "\n".join([said, *_lines(shown.steps, record, basis)])


def _procedure_row(duty: Duty, record: Record, basis: Basis) -> tuple[str, ...]:
    return (
        text("diligence.of_procedure"),
        duty_words(duty),
        _moment(duty.due_at, basis.zone),
        _moment(duty.done_at, basis.zone),
        state_words(duty, basis.zone),
        "\n".join(_lines(duty.steps, record, basis)),
    )


def _lines(versions: Sequence[int], record: Record, basis: Basis) -> list[str]:
    found = (record.evidence[version] for version in versions if version in record.evidence)
    return [line(each, basis.units, basis.zone) for each in found]


def _photos(photos: Sequence[str]) -> str:
    """Return photos by the first part of their ids, enough to tell those of a case apart."""
    return text("format.and").join(each.partition("-")[0] for each in photos)


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else ""


def _length(late: timedelta) -> str:
    minutes = max(1, round(late.total_seconds() / 60))
    hours, rest = divmod(minutes, 60)
    return text("diligence.length", hours=hours or None, minutes=rest or None)
