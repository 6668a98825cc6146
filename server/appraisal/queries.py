"""What was said of answers, for those who ask."""

from server.appraisal.commands import Opinion
from server.appraisal.models import Appraisal
from server.cases.rules.views import CaseRow
from server.people.actor import Actor


async def opinion_of(case: CaseRow, by: Actor) -> Opinion | None:
    """Return what somebody has said already of the present answer."""
    said = await Appraisal.get_or_none(case_id=case.id, account_id=by.id, cycle=case.cycle)
    if said is None:
        return None
    return Opinion(
        responded=said.responded,
        solved=said.solved,
        satisfaction=said.satisfaction,
        comment=said.comment,
    )
