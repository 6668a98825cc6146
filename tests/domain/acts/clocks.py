"""What the clock owes a case, and whom it told."""

from datetime import datetime, timedelta

from server.cases.models.case import Case, Step
from server.cases.rules.deadlines import Timer
from server.outbox.models import Delivery
from server.people.queries import holders
from server.permissions import Role
from server.texts.catalogue import text

MINUTE = timedelta(minutes=1)
REPEATED = {"still_late", "rule_late", "dispatch_late", "decide_late", "check_late", "arrive_late"}


def due(case, timer) -> datetime:
    return next(each.at for each in case.timers if each.name is Timer(timer))


async def again(case) -> Case:
    return await Case.get(id=case.id)


async def acts(case, after=0) -> list[tuple[str, str]]:
    rows = await Step.filter(case_id=case.id, version__gt=after).order_by("version")
    return [(row.verb, row.by_role) for row in rows]


async def alerted(case, code: str) -> list[int]:
    """Whom an escalation with these words was for; told once."""
    what = text(f"escalation.{code}", unit="")
    rows = await Delivery.filter(stream=f"case:{case.no}", kind="attention.needed").order_by("id")
    found = [row.facts for row in rows if str(row.facts["facts"].get("what", "")).endswith(what)]
    persons = [person for facts in found for person in facts["followers"]]
    assert len(persons) == len(set(persons)) or code in REPEATED
    return persons


async def stepping_in(case, role: Role) -> list[int]:
    """Who holds a role, and the duty leader of the township, who stands in round the clock."""
    return await holders(role) + await holders(Role.DUTY_LEADER, case.township_code)


async def five(work) -> list[Case]:
    return [
        await work.filed(),
        await work.submitted(),
        await work.report(),
        await work.handling(),
        await work.closed(),
    ]
