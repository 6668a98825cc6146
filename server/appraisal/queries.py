"""What was said of answers, for those who ask."""

from server.appraisal.models import Appraisal
from server.cases.rules.views import CaseRow
from server.people.actor import Actor


async def appraised(case: CaseRow, by: Actor) -> bool:
    """Tell whether somebody has said already what they think of the present answer."""
    return await Appraisal.filter(case_id=case.id, account_id=by.id, cycle=case.cycle).exists()
