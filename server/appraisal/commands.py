"""Saying what one thinks of the answer; solved means the case may be archived."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from server.appraisal.models import Appraisal
from server.cases.door.journal import Act
from server.cases.door.lineage import survivor_no
from server.cases.door.moving import moving
from server.cases.door.schedule import schedule
from server.cases.ends.closing import redo_unsolved
from server.cases.reading.open_cases import unsolved_open
from server.cases.reading.queries import is_reporter
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Verb
from server.errors import AlreadyDone
from server.people.actor import SYSTEM, Actor
from server.people.queries import holders
from server.permissions import Role
from server.texts.catalogue import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Responded? Solved? How satisfied, from 1 to 5? And a sentence."""

    responded: bool
    solved: bool
    satisfaction: int
    comment: str = ""


async def appraise(no: str, opinion: Opinion, *, by: Actor, at: datetime, basis: Basis) -> None:
    """Appraise a closed case once a cycle (评价); raises AlreadyDone for the second time.

    The reporter, the resident for whom it was sent, or the township of the place may; the
    reporter of a merged case appraises the survivor. A solved case is archived at once. One that
    a reporter calls unsolved is handled again, or a leader is asked to; as far as neither can be
    it stays closed. Units and leaders hear of it.
    """
    facts = {
        "responded": opinion.responded,
        "solved": opinion.solved,
        "satisfaction": opinion.satisfaction,
    }
    act = Act(
        verb=Verb.APPRAISE,
        by=by,
        at=at,
        note=opinion.comment,
        facts=facts,
        way="" if opinion.solved else "unsolved",
    )
    try:
        async with moving(await survivor_no(no), act, basis) as opened:
            async with in_transaction():
                await Appraisal.create(
                    case_id=opened.case.id,
                    account_id=by.id,
                    cycle=opened.case.cycle,
                    responded=opinion.responded,
                    solved=opinion.solved,
                    satisfaction=opinion.satisfaction,
                    comment=opinion.comment,
                    at=at,
                )
            if not opinion.solved:
                said = text("format.rated", n=opinion.satisfaction, words=opinion.comment)
                opened.tell(result=said)
                opened.call_attention(await holders(Role.LEADER))
                reason = opinion.comment.strip() or text("word.unsolved")
                await redo_unsolved(opened, reason, by=by, at=at, basis=basis)
            solved = opinion.solved and await is_reporter(opened.case, by)
            if solved and not await unsolved_open([opened.case.id]):
                opened.journal.add(Act(verb=Verb.ARCHIVE, by=SYSTEM, at=at))
                opened.case.owner_role, opened.case.stage_due_at = "", None
                schedule(opened.case, ())
    except IntegrityError as error:
        raise AlreadyDone(verb=Verb.APPRAISE) from error
