"""9 and 10: who is told of an act of a case, in whole sentences, and what nobody is told."""

from datetime import timedelta

from server.cases.models.case import Follower
from server.cases.models.dispute import Return
from server.cases.models.steering import Request
from server.cases.models.task import Call
from server.cases.rules.flow import Audience
from server.cases.rules.shown import REPORTER
from server.outbox.models import Delivery
from server.permissions import acts_for_unit
from tests.casework import rows_of

GONE = {"returned", "waived"}
#: What every message says of its case by itself, where there is any.
STANDING = {"lead", "lead_phone", "due", "why", "place", "matter"}
#: What the sentence of an act would have a gap without, by how it is told.
SAID = {
    "case.moved": {
        "call": ("unit", "asked", "lead", "due", "why"),
        "dispatch": ("lead", "due", "why"),
        "accept": ("unit", "lead", "due"),
        "self_handle": ("result", "due"),
        "decline": ("reason", "instead", "until"),
        "inquire": ("lacking",),
        "return": ("unit", "proper", "reason", "until", "due"),
        "rule": ("ruling", "lead", "due"),
        "convene": ("until", "due"),
        "check_in": ("unit", "due"),
        "confirm": ("unit",),
        "contest": ("unit", "reason"),
        "done": ("unit", "result"),
        "waive": ("unit", "reason"),
        "refuse": ("request", "reason"),
        "suspend": ("until", "reason"),
        "resume": ("lead", "due", "why"),
        "extend": ("due", "why", "reason"),
        "exempt": ("unit", "reason"),
        "resolve": ("lead", "result"),
        "close": ("result",),
        "instruct": ("unit", "until", "reason"),
        "recuse": ("result", "ruling"),
        "rebind": ("place", "reason"),
        "confirm_place": ("place",),
    },
    "work.assigned": {"verify": ("question", "due"), "check": ("due",), "dispatch": ("steps",)},
    "attention.needed": {
        "supplement": ("due",),
        "object": ("due", "reason"),
        "verify": ("result",),
        "return": ("unit", "proper", "reason", "until"),
        "convene": ("until",),
        "ask": ("request", "unit", "reason"),
        "refuse": ("request", "reason"),
        "lapse": ("request", "reason"),
        "call": ("unit", "lead", "asked"),
        "reply": ("unit", "result"),
        "escalate": ("what",),
        "file": ("what",),
        "accept": ("what", "lead", "due"),
    },
}
#: Acts of one batch are within this of each other, and batches farther apart.
_BATCH = timedelta(milliseconds=10)


def keeps_out(seen, units, unit_id):
    """Whether the case complains of a unit, or of the one above it."""
    about = seen.case.about_unit_id
    return about is not None and about in (unit_id, units[unit_id].parent_id)


def messages_owed(seen, since, told, known, people):
    """9: of each told act one event, to all followers and all units that were at work then.

    Never to the unit that is complained of, nor to its people, but for who reported it.
    """
    for step in seen.steps[since:]:
        owed = seen.edge_of(step).told
        found = told.get((seen.case.no, step.version), [])
        assert len(found) == (1 if owed else 0), (step.verb, step.version, len(found))
        if not found:
            continue
        [facts] = found
        assert all(len(set(p)) == len(p) for p in (facts["followers"], facts["units"]))
        silent = _silent(seen, step, known)
        insiders = {one for one, unit in people.items() if unit in silent}
        verbs = {each.verb for each in seen.steps}
        # Merging and taking apart change who reported a case: who did when is not known then.
        fixed = not {"merge", "unmerge"} & verbs
        reporters = {each.account_id for each in seen.rows[Follower] if fixed and each.reporter}
        outside = insiders - reporters
        persons, told_units = (
            {one for each in facts["at_once"] for one in each[whom]}
            for whom in ("followers", "units")
        )
        if _silence_known(seen, step):
            assert persons >= _following(seen, step, owed) - outside, step.version
            assert not fixed or not outside & set(facts["followers"]), step.version
        owed_units = _at_work(seen, step, owed) - silent
        assert told_units >= owed_units, (step.version, told_units, owed_units)
        assert set(facts["units"]) <= _ever_concerned(seen)
        assert owed & Audience.UNITS or not facts["units"]
        assert owed & Audience.FOLLOWERS or not facts["followers"]


def told_once(rows):
    """9: of one case nobody, and no unit, has two messages of one transaction.

    What becomes of a request is another matter.
    """
    for whom in ("followers", "units"):
        known = set()
        for facts in rows:
            if facts["verb"] == "lapse":
                continue
            for each in facts[whom]:
                told = (facts["no"], facts["at"], each)
                assert told not in known, (whom, told, facts["verb"])
                known.add(told)


def _silent(seen, step, units):
    """Units that kept out when a step was made: its case says later whom its survivor is about."""
    named = [s.facts["about"] for s in seen.steps[: step.version] if s.verb == "recuse"]
    if not named:
        return {each for each in units if keeps_out(seen, units, each)}
    about = {each.id for each in units.values() if each.name == named[-1]}
    return {each for each in units if {each, units[each].parent_id} & about}


def _silence_known(seen, step):
    """Whether it can be told who kept out at a step: not before another unit was named."""
    named = [s.version for s in seen.steps if s.verb == "recuse"]
    return not named or named[0] <= step.version


def _following(seen, step, owed):
    if Audience.FOLLOWERS not in owed:
        return set()
    following = {f.account_id for f in seen.rows[Follower] if f.since < step.at - _BATCH}
    return following if step.by_role == REPORTER else following - {step.by_id}


def _at_work(seen, step, owed):
    """Units whose task was given before, has not ended since, and whose act it was not."""
    later = {s.verb for s in seen.steps if s.version > step.version}
    if Audience.UNITS not in owed or later & {"call", "rule", "decide", "unmerge", "recuse"}:
        return set()
    answered = [asked.what for asked in seen.rows[Request] if asked.answered_at == step.at]
    if step.verb == "refuse" and answered == ["call"]:
        return set()  # the units never heard that it was asked for
    given = step.verb in ("dispatch", "call")
    own = {task.unit_id for task in seen.tasks if task.id == step.task_id and step.verb != "waive"}
    if acts_for_unit(step.by_role):
        own.add(step.unit_id)
    there = {
        task.unit_id
        for task in seen.tasks
        if task.stage not in GONE
        and (task.dispatched_at < step.at - _BATCH or (given and task.dispatched_at == step.at))
    }
    return there - own


def _ever_concerned(seen):
    units = {task.unit_id for task in seen.tasks}
    units |= {call.caller_unit_id for call in seen.rows[Call]}
    for given in seen.rows[Return]:
        units |= {given.unit_id, given.proper_unit_id}
    return units | {asked.unit_id for asked in seen.rows[Request]}


def whole_sentences(owed: Delivery) -> None:
    """9: of every message it is known of which case it tells, who leads that and until when."""
    facts = owed.facts["facts"]
    assert facts["title"], (owed.kind, owed.facts["verb"])
    assert facts.keys() >= STANDING, (owed.kind, owed.facts["verb"])
    gaps = {each for each in SAID[owed.kind].get(owed.facts["verb"], ()) if not facts.get(each)}
    assert not gaps, (owed.kind, owed.facts["verb"], gaps)


async def nothing_leaks() -> None:
    """10: nothing that units are told names who reported."""
    rows = await rows_of(
        "SELECT a.name FROM account a JOIN account_grant g ON g.account_id = a.id"
        " WHERE g.role = 'resident'"
    )
    for row in rows:
        leaked = await rows_of(
            "SELECT id FROM outbox_delivery WHERE facts::text LIKE '%' || $1 || '%'", row["name"]
        )
        assert not leaked
