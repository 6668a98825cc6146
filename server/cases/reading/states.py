"""What cases are narrowed to beside place, unit and matter: how they came, stand, were judged."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from tortoise.expressions import Q, RawSQL, Subquery

from server.cases.models.dispute import Conference, Return
from server.cases.models.report import Report
from server.cases.models.task import Task
from server.cases.rules.deadlines import CLOCK_RUNS
from server.cases.rules.flow import Stage

#: Stages at which a deadline may be over; suspended, only what was late before.
_DUE: Final = sorted(stage.value for stage in CLOCK_RUNS)
_SOON: Final = timedelta(days=1)
_LONG_PAST: Final = timedelta(days=20)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Of the plain `id` the database would seek the greatest from the newest case down.
_LAST_RECEIVED: Final = """
(SELECT max(past.id + 0) FROM case_file past
 WHERE past.received_at >= '%s' AND past.received_at < '%s')
"""
# The last appraisal of a case counts: a matter that was done again is judged again.
_LAST: Final = """
(SELECT said.case_id FROM case_step said
 WHERE said.verb = 'appraise' AND said.facts @> '{"solved": %s}' AND NOT EXISTS (
   SELECT 1 FROM case_step later WHERE later.verb = 'appraise'
     AND later.case_id = said.case_id AND later.version > said.version))
"""
# Asked as "not among the appraised" the database goes through all of these for every case.
_NEVER: Final = """
(SELECT quiet.id FROM case_file quiet WHERE NOT EXISTS (
   SELECT FROM case_step said WHERE said.verb = 'appraise' AND said.case_id = quiet.id))
"""


_SUPERVISED: Final = "(SELECT told.case_id FROM case_step told WHERE told.verb = 'supervise')"


class Clock(StrEnum):
    """How a case's clock stands: with time left, with at most a day left, too late, or paused."""

    RUNNING = "running"
    SOON = "soon"
    LATE = "late"
    PAUSED = "paused"


class Appraised(StrEnum):
    """What was last said of a closed case: it is solved, it is not, or nothing at all."""

    SOLVED = "solved"
    UNSOLVED = "unsolved"
    NOTHING = "nothing"


class Trouble(StrEnum):
    """What stood in a case's way: a unit gave it back, units confer on it, it was supervised."""

    RETURNED = "returned"
    CONFERENCE = "conference"
    SUPERVISED = "supervised"


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """By which way somebody reported, on which platform, how the clock stands, what was said."""

    channels: tuple[str, ...] | None = None
    platform: str = ""
    clock: Clock | None = None
    appraisal: Appraised | None = None
    trouble: Trouble | None = None

    def conditions(self, at: datetime) -> list[Q]:
        """Return the conditions on cases; none for what is not asked."""
        found = list[Q]()
        if self.channels is not None:
            reports = Report.filter(channel__in=list(self.channels)).values("case_id")
            found.append(Q(id__in=Subquery(reports)))
        if self.platform:
            routed = Task.filter(platform=self.platform).values("case_id")
            found.append(Q(id__in=Subquery(routed)))
        if self.clock is not None:
            found.append(at_clock(self.clock, at))
        if self.appraisal is not None:
            found.append(_said(self.appraisal))
        if self.trouble is not None:
            found.append(_in_trouble(self.trouble))
        return found


NO_STATES: Final = States()


def received(since: datetime | None, until: datetime | None, at: datetime) -> list[Q]:
    """Say which cases were received in a period, as conditions.

    Lists go from the newest case down by number: of a period long past the greatest number is
    found first, so that not all that came since is gone through.
    """
    found = list[Q]()
    if since is not None:
        found.append(Q(received_at__gte=since))
    if until is not None:
        found.append(Q(received_at__lt=until))
        if at - until > _LONG_PAST:
            found.append(Q(id__lte=RawSQL(_LAST_RECEIVED % (since or _EPOCH, until))))
    return found


def at_clock(clock: Clock, at: datetime) -> Q:
    """Say which cases' clocks stand so at a moment."""
    running = Q(stage__in=_DUE, due_at__gte=at)
    if clock is Clock.RUNNING:
        return running
    if clock is Clock.SOON:
        return running & Q(due_at__lt=at + _SOON)
    if clock is Clock.PAUSED:
        return Q(stage=Stage.SUSPENDED.value)
    late = Q(stage__in=_DUE, due_at__lt=at)
    return late | Q(stage=Stage.SUSPENDED.value, overdue_at__isnull=False)


def _in_trouble(trouble: Trouble) -> Q:
    """Say which cases a unit ever gave back, units confer on now, or were ever supervised."""
    if trouble is Trouble.SUPERVISED:
        return Q(id__in=RawSQL(_SUPERVISED))
    if trouble is Trouble.CONFERENCE:
        waiting = Conference.filter(decided_at__isnull=True)
        return Q(id__in=Subquery(waiting.values("case_id")))
    return Q(id__in=Subquery(Return.all().values("case_id")))


def _said(appraisal: Appraised) -> Q:
    if appraisal is Appraised.NOTHING:
        over = Q(stage__in=[Stage.CLOSED.value, Stage.ARCHIVED.value])
        return over & Q(id__in=RawSQL(_NEVER))
    solved = "true" if appraisal is Appraised.SOLVED else "false"
    return Q(id__in=RawSQL(_LAST % solved))
