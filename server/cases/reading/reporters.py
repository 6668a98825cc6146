"""By what those who reported a case are called: in no words that others read does it stand."""

from collections.abc import Iterable
from itertools import chain

from server.cases.door.lineage import families
from server.cases.models.case import Case
from server.cases.models.report import Report
from server.cases.rules.views import CaseRow
from server.people.queries import names


async def reporters_names(*cases: CaseRow) -> set[str]:
    """Return the names of who reported cases, or what was merged into them."""
    if not cases:
        return set()
    inside = chain.from_iterable((await families([case.id for case in cases])).values())
    return await senders_names(inside)


async def senders_names(case_ids: Iterable[int]) -> set[str]:
    """Return as `reporters_names` of one whose family is known: these cases and no others."""
    sent = await Report.filter(case_id__in=list(case_ids)).only("reporter_id", "on_behalf_of_id")
    return set((await names({account for each in sent for account in each.senders})).values())


async def reporters_named(nos: Iterable[str]) -> set[str]:
    """Return as `reporters_names` for the cases with these numbers."""
    wanted = sorted(set(nos))
    return await reporters_names(*await Case.filter(no__in=wanted)) if wanted else set()
