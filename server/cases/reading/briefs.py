"""What somebody reads before going to a place: the words of the report, the photos as evidence."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.expressions import Q

from server.cases.door.evidence import doubtful
from server.cases.door.lineage import families
from server.cases.models.case import Attachment, Step
from server.cases.models.report import Report
from server.cases.reading.queries import rounds_of
from server.cases.rules.masking import masked
from server.cases.rules.shown import Purpose, Reader, photos_shown
from server.cases.rules.views import AttachmentRow, CaseRow
from server.files.queries import facts_of
from server.people.queries import names

#: The most of one case, with all that was merged into it.
_REPORTS: Final = 100
_PHOTOS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What was reported, for those who work on it: words and where it is; persons masked."""

    words: list[str]
    addresses: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefPhoto:
    """A photo, in which round it came and when, and the flags that a person may look at."""

    held: AttachmentRow
    begun: tuple[int, ...]
    at: datetime
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What was reported on one case and its photos, as far as they are the reader's."""

    said: Reported
    photos: list[BriefPhoto]


async def reported(case: CaseRow, of_all: Sequence[int]) -> Reported:
    """Return the words in which a case was reported, and the addresses that were given.

    `of_all` is its family.
    """
    return (await _said(await _reports({case.id: list(of_all)})))[case.id]


async def words_of(cases: Sequence[CaseRow]) -> dict[int, list[str]]:
    """Return the words in which each of some cases was reported, by the case's id."""
    said = await _said(await _reports(await families([case.id for case in cases])))
    return {case_id: each.words for case_id, each in said.items()}


async def briefs(cases: Sequence[CaseRow], reader: Reader) -> dict[int, Brief]:
    """Return what is to be read before going there, by case; many at once."""
    if not cases:
        return {}
    inside = await families([case.id for case in cases])
    reports = await _reports(inside)
    photos = await _photos(cases, inside, reports, reader)
    return {
        case_id: Brief(said=said, photos=photos[case_id])
        for case_id, said in (await _said(reports)).items()
    }


async def _reports(inside: dict[int, list[int]]) -> dict[int, list[Report]]:
    rows = await Report.filter(case_id__in=_all(inside)).order_by("id")
    of_case = defaultdict[int | None, list[Report]](list)
    for row in rows:
        of_case[row.case_id].append(row)
    return {
        case_id: sorted((row for each in ids for row in of_case[each]), key=lambda row: row.id)[
            :_REPORTS
        ]
        for case_id, ids in inside.items()
    }


async def _said(reports: dict[int, list[Report]]) -> dict[int, Reported]:
    senders = {account for rows in reports.values() for row in rows for account in row.senders}
    known = await names(senders)
    found = {}
    for case_id, rows in reports.items():
        hidden = {known[account] for row in rows for account in row.senders if account in known}
        addresses = dict.fromkeys(row.address.strip() for row in rows)
        found[case_id] = Reported(
            words=[masked(row.text, hidden) for row in rows],
            addresses=[masked(each, hidden) for each in addresses if each],
        )
    return found


async def _photos(
    cases: Sequence[CaseRow],
    inside: dict[int, list[int]],
    reports: dict[int, list[Report]],
    reader: Reader,
) -> dict[int, list[BriefPhoto]]:
    """Return each case's photos with what is to be known of them.

    What was reported may have been on its way for days: its photos are old by when it was
    captured, all others by when they came.
    """
    purposes = sorted(photos_shown(reader))
    rows = await Attachment.filter(case_id__in=_all(inside), purpose__in=purposes).order_by("id")
    facts = await facts_of([row.photo_id for row in rows])
    came = await _came(rows)
    begun = await rounds_of(cases)
    found = defaultdict[int, list[BriefPhoto]](list)
    for case in cases:
        ids = set(inside[case.id])
        shown = [row for row in rows if row.case_id in ids][:_PHOTOS]
        of = {row.case_id for row in shown}
        captured = [each.captured_at for each in reports[case.id] if each.case_id in of]
        for row in shown:
            at, known = came.get((row.case_id, row.step_version)), facts.get(row.photo_id)
            if at is None or known is None:
                continue
            moments = [at, *captured] if row.purpose == Purpose.BEFORE else [at]
            flags = doubtful(known, case.lon, case.lat, moments)
            found[case.id].append(
                BriefPhoto(held=row, begun=tuple(begun.get(case.id, ())), at=at, flags=flags)
            )
    return found


async def _came(rows: Collection[Attachment]) -> dict[tuple[int, int], datetime]:
    """Return when the step was made by which each photo came, by case and version."""
    if not rows:
        return {}
    versions = defaultdict[int, set[int]](set)
    for row in rows:
        versions[row.step_version].add(row.case_id)
    asked = (Q(version=version, case_id__in=ids) for version, ids in versions.items())
    steps = await Step.filter(Q(*asked, join_type="OR")).only("id", "case_id", "version", "at")
    return {(step.case_id, step.version): step.at for step in steps}


def _all(inside: dict[int, list[int]]) -> list[int]:
    return sorted({each for ids in inside.values() for each in ids})
