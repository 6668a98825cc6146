"""What somebody who judges by photos should know of each: when it came, what speaks against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.cases.door.evidence import doubtful
from server.cases.models.case import Attachment, Step
from server.cases.models.report import Report
from server.cases.rules.shown import Purpose
from server.cases.rules.views import CaseRow
from server.files.queries import facts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """When a photo came to its case, and the flags that a person may look at."""

    at: datetime
    flags: tuple[str, ...]


async def of_photos(case: CaseRow, held: Sequence[Attachment]) -> dict[UUID, Doubted]:
    """Return what is to be known of these photos of a case, or of one merged into it, by id.

    What was reported may have been on its way for days: its photos are old by when it was
    captured, all others by when they came.
    """
    if not held:
        return {}
    ids = {each.case_id for each in held}
    versions = {each.step_version for each in held}
    steps = await Step.filter(case_id__in=ids, version__in=versions)
    came = {(step.case_id, step.version): step.at for step in steps}
    captured = [each.captured_at for each in await Report.filter(case_id__in=ids)]
    facts = await facts_of([each.photo_id for each in held])
    found = {}
    for each in held:
        at = came.get((each.case_id, each.step_version))
        known = facts.get(each.photo_id)
        if at is None or known is None:
            continue
        moments = [at, *captured] if each.purpose == Purpose.BEFORE else [at]
        flags = doubtful(known, case.lon, case.lat, moments)
        found[each.photo_id] = Doubted(at=at, flags=flags)
    return found
