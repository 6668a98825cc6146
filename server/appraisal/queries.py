"""What was said of answers, for those who ask."""

from server.appraisal.commands import Opinion
from server.appraisal.models import Appraisal
from server.cases.rules.views import CaseRow
from server.people.actor import Actor


async def opinions_of(case: CaseRow, by: Actor) -> dict[int, Opinion]:
    """Return what somebody has said of the answers so far, by the round of each, in order."""
    rows = await Appraisal.filter(case_id=case.id, account_id=by.id).order_by("cycle")
    return {said.cycle: _opinion(said) for said in rows}


def _opinion(said: Appraisal) -> Opinion:
    return Opinion(
        responded=said.responded,
        solved=said.solved,
        satisfaction=said.satisfaction,
        comment=said.comment,
    )
