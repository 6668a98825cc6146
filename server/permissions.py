"""Who may do what, and how far: the one table of grants."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What an account is in the organisation (domain terms)."""

    RESIDENT = "resident"
    GRID_WORKER = "grid_worker"
    TOWNSHIP = "township"
    DUTY_LEADER = "duty_leader"
    HANDLER = "handler"
    UNIT_HEAD = "unit_head"
    ACCEPTOR = "acceptor"
    DISPATCHER = "dispatcher"
    LEADER = "leader"
    LIST_KEEPER = "list_keeper"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Permission(StrEnum):
    """A thing that can be allowed, named <noun>.<verb>."""

    ACCOUNT_MANAGE = "account.manage"
    BURDEN_ANSWER = "burden.answer"
    BURDEN_READ = "burden.read"
    BURDEN_REGISTER = "burden.register"
    BURDEN_RULE = "burden.rule"
    BURDEN_WITHDRAW = "burden.withdraw"
    CALENDAR_MANAGE = "calendar.manage"
    CALENDAR_READ = "calendar.read"
    CASE_APPRAISE = "case.appraise"
    CASE_ASK = "case.ask"
    CASE_ASK_CALL = "case.ask_call"
    CASE_ASK_EXEMPT = "case.ask_exempt"
    CASE_ASK_SUSPEND = "case.ask_suspend"
    CASE_CALL = "case.call"
    CASE_CHECK = "case.check"
    CASE_CLOSE = "case.close"
    CASE_CONFIRM_PLACE = "case.confirm_place"
    CASE_CONVENE = "case.convene"
    CASE_DECIDE = "case.decide"
    CASE_DECIDE_EARLY = "case.decide_early"
    CASE_DECLINE = "case.decline"
    CASE_DISPATCH = "case.dispatch"
    CASE_EXEMPT = "case.exempt"
    CASE_EXTEND = "case.extend"
    CASE_FILE = "case.file"
    CASE_FOLLOW = "case.follow"
    CASE_INQUIRE = "case.inquire"
    CASE_INSTRUCT = "case.instruct"
    CASE_MERGE = "case.merge"
    CASE_OBJECT = "case.object"
    CASE_READ = "case.read"
    CASE_REBIND = "case.rebind"
    CASE_RECUSE = "case.recuse"
    CASE_REDO = "case.redo"
    CASE_REFUSE = "case.refuse"
    CASE_REPLY = "case.reply"
    CASE_REPORT = "case.report"
    CASE_REPORT_FOR = "case.report_for"
    CASE_REPORT_UNSCREENED = "case.report_unscreened"
    CASE_RESOLVE = "case.resolve"
    CASE_RESUME = "case.resume"
    CASE_REWORK = "case.rework"
    CASE_RULE = "case.rule"
    CASE_SELF_HANDLE = "case.self_handle"
    CASE_STATE = "case.state"
    CASE_SUPERVISE = "case.supervise"
    CASE_SUPPLEMENT = "case.supplement"
    CASE_SUSPEND = "case.suspend"
    CASE_UNMERGE = "case.unmerge"
    CASE_URGE = "case.urge"
    CASE_VERIFY = "case.verify"
    CASE_WATCH = "case.watch"
    CASE_WITHDRAW = "case.withdraw"
    CONFERENCE_READ = "conference.read"
    DELIVERY_MANAGE = "delivery.manage"
    DELIVERY_READ = "delivery.read"
    DILIGENCE_READ = "diligence.read"
    DILIGENCE_SHOW_DUTY = "diligence.show_duty"
    LEAVE_MANAGE = "leave.manage"
    LIST_MANAGE = "list.manage"
    LIST_PUBLISH = "list.publish"
    LIST_READ = "list.read"
    LIST_REPLAY = "list.replay"
    PATROL_MAKE = "patrol.make"
    PLACE_MANAGE = "place.manage"
    PLACE_PUBLISH = "place.publish"
    PROPOSAL_AMEND = "proposal.amend"
    PROPOSAL_APPROVE = "proposal.approve"
    PROPOSAL_OPINE = "proposal.opine"
    PROPOSAL_PROPOSE = "proposal.propose"
    PROPOSAL_READ = "proposal.read"
    PROPOSAL_REFUSE = "proposal.refuse"
    PROPOSAL_REVIEW = "proposal.review"
    PROPOSAL_SEND_BACK = "proposal.send_back"
    PROPOSAL_SETTLE = "proposal.settle"
    PROPOSAL_WITHDRAW = "proposal.withdraw"
    REPORT_READ = "report.read"
    ROSTER_MANAGE = "roster.manage"
    ROSTER_READ = "roster.read"
    TASK_ACCEPT = "task.accept"
    TASK_ASSIGN = "task.assign"
    TASK_ASSIGN_OTHERS = "task.assign_others"
    TASK_CHECK_IN = "task.check_in"
    TASK_CONFIRM = "task.confirm"
    TASK_CONTEST = "task.contest"
    TASK_DONE = "task.done"
    TASK_PROGRESS = "task.progress"
    TASK_READ = "task.read"
    TASK_RETURN = "task.return"
    TASK_ROUTE = "task.route"
    TASK_WAIVE = "task.waive"
    TEAM_MANAGE = "team.manage"
    TEAM_READ = "team.read"
    TEXT_MANAGE = "text.manage"
    UNIT_READ = "unit.read"
    UNIT_REORGANISE = "unit.reorganise"
    WALL_DISPLAY = "wall.display"


class Reach(StrEnum):
    """How far a grant extends."""

    EVERYWHERE = "everywhere"
    OWN_TOWNSHIP = "own_township"
    OWN_UNIT = "own_unit"
    OWN_GRIDS = "own_grids"
    OWN_REPORTS = "own_reports"
    OWN_REPORTS_AND_GRIDS = "own_reports_and_grids"
    OWN_VERIFICATIONS = "own_verifications"
    CONFERENCES = "conferences"
    COMPLAINTS = "complaints"


#: What everybody with an account may do: report, and have a say in what becomes of it.
_REPORTER: Final = {
    Permission.CASE_REPORT: Reach.EVERYWHERE,
    Permission.REPORT_READ: Reach.OWN_REPORTS,
    Permission.CASE_FOLLOW: Reach.EVERYWHERE,
    Permission.CASE_WITHDRAW: Reach.OWN_REPORTS,
    Permission.CASE_CONFIRM_PLACE: Reach.OWN_REPORTS,
    Permission.CASE_APPRAISE: Reach.OWN_REPORTS,
    Permission.CASE_REDO: Reach.OWN_REPORTS,
    Permission.CASE_OBJECT: Reach.OWN_REPORTS,
    Permission.CASE_SUPPLEMENT: Reach.OWN_REPORTS,
    Permission.CASE_ASK: Reach.OWN_REPORTS,
}
#: What every role may to the cases that it reported itself.
OF_REPORTERS: Final = frozenset(
    permission for permission, reach in _REPORTER.items() if reach is Reach.OWN_REPORTS
)
#: What an office may that has a say in the lists: propose, and give its opinion.
_OFFICE: Final = {
    Permission.PROPOSAL_READ: Reach.EVERYWHERE,
    Permission.PROPOSAL_PROPOSE: Reach.OWN_UNIT,
    Permission.PROPOSAL_OPINE: Reach.OWN_UNIT,
    Permission.PROPOSAL_AMEND: Reach.OWN_UNIT,
    Permission.PROPOSAL_SETTLE: Reach.OWN_UNIT,
    Permission.PROPOSAL_WITHDRAW: Reach.OWN_UNIT,
    Permission.BURDEN_READ: Reach.OWN_UNIT,
}
_HANDLER: Final = _REPORTER | {
    Permission.CASE_READ: Reach.OWN_UNIT,
    Permission.CASE_RESOLVE: Reach.OWN_UNIT,
    Permission.TASK_READ: Reach.OWN_UNIT,
    Permission.TASK_ACCEPT: Reach.OWN_UNIT,
    Permission.TASK_ASSIGN: Reach.OWN_UNIT,
    Permission.TASK_CHECK_IN: Reach.OWN_UNIT,
    Permission.TASK_PROGRESS: Reach.OWN_UNIT,
    Permission.TASK_DONE: Reach.OWN_UNIT,
    Permission.TASK_RETURN: Reach.OWN_UNIT,
    Permission.TASK_WAIVE: Reach.OWN_UNIT,
    Permission.CASE_STATE: Reach.OWN_UNIT,
    Permission.CASE_ASK: Reach.OWN_UNIT,
    Permission.CASE_REPLY: Reach.OWN_UNIT,
    Permission.DILIGENCE_READ: Reach.OWN_UNIT,
    Permission.DILIGENCE_SHOW_DUTY: Reach.OWN_UNIT,
    Permission.UNIT_READ: Reach.EVERYWHERE,
    Permission.LIST_READ: Reach.EVERYWHERE,
    Permission.TEAM_READ: Reach.EVERYWHERE,
}
#: What the head of a unit asks for on its behalf, whose leave it enters, whom it gives its tasks.
_HEAD: Final = {
    Permission.CASE_ASK_EXEMPT: Reach.OWN_UNIT,
    Permission.CASE_ASK_SUSPEND: Reach.OWN_UNIT,
    Permission.LEAVE_MANAGE: Reach.OWN_UNIT,
    Permission.TASK_ASSIGN_OTHERS: Reach.OWN_UNIT,
}
_TOWNSHIP: Final = (
    _HANDLER
    | _OFFICE
    | _HEAD
    | {
        Permission.CASE_REPORT_UNSCREENED: Reach.EVERYWHERE,
        Permission.CASE_READ: Reach.OWN_TOWNSHIP,
        Permission.CASE_CALL: Reach.OWN_TOWNSHIP,
        Permission.CASE_APPRAISE: Reach.OWN_TOWNSHIP,
        Permission.CASE_SELF_HANDLE: Reach.OWN_TOWNSHIP,
        Permission.CASE_REFUSE: Reach.OWN_TOWNSHIP,
        Permission.CASE_RESUME: Reach.OWN_UNIT,
        Permission.TASK_READ: Reach.OWN_TOWNSHIP,
        Permission.TASK_ROUTE: Reach.OWN_UNIT,
        Permission.TASK_CONFIRM: Reach.OWN_TOWNSHIP,
        Permission.TASK_CONTEST: Reach.OWN_TOWNSHIP,
        Permission.ROSTER_READ: Reach.OWN_TOWNSHIP,
        Permission.ROSTER_MANAGE: Reach.OWN_TOWNSHIP,
        Permission.TEAM_MANAGE: Reach.OWN_TOWNSHIP,
        Permission.WALL_DISPLAY: Reach.OWN_TOWNSHIP,
        Permission.BURDEN_REGISTER: Reach.OWN_UNIT,
        Permission.BURDEN_WITHDRAW: Reach.OWN_UNIT,
    }
)

#: What a duty leader may only while sitting in the command room, by the roster.
ON_SHIFT: Final = frozenset(
    {
        Permission.CASE_DECLINE,
        Permission.CASE_DISPATCH,
        Permission.CASE_FILE,
        Permission.CASE_INQUIRE,
        Permission.CASE_VERIFY,
    }
)

GRANTS: Final[Mapping[Role, Mapping[Permission, Reach]]] = {
    Role.RESIDENT: _REPORTER,
    Role.GRID_WORKER: _REPORTER
    | {
        Permission.CASE_ASK_CALL: Reach.OWN_GRIDS,
        Permission.CASE_REPORT_FOR: Reach.EVERYWHERE,
        Permission.CASE_REPORT_UNSCREENED: Reach.EVERYWHERE,
        Permission.CASE_READ: Reach.OWN_GRIDS,
        Permission.CASE_CHECK: Reach.OWN_GRIDS,
        Permission.CASE_CONFIRM_PLACE: Reach.OWN_REPORTS_AND_GRIDS,
        Permission.CASE_ASK: Reach.OWN_REPORTS_AND_GRIDS,
        Permission.CASE_SELF_HANDLE: Reach.OWN_REPORTS_AND_GRIDS,
        Permission.CASE_VERIFY: Reach.OWN_VERIFICATIONS,
        Permission.PATROL_MAKE: Reach.OWN_GRIDS,
        Permission.LIST_READ: Reach.EVERYWHERE,
    },
    Role.TOWNSHIP: _TOWNSHIP,
    Role.DUTY_LEADER: _TOWNSHIP
    | {
        Permission.CASE_FILE: Reach.OWN_TOWNSHIP,
        Permission.CASE_DECLINE: Reach.OWN_TOWNSHIP,
        Permission.CASE_DISPATCH: Reach.OWN_TOWNSHIP,
        Permission.CASE_INQUIRE: Reach.OWN_TOWNSHIP,
        Permission.CASE_VERIFY: Reach.OWN_TOWNSHIP,
    },
    Role.HANDLER: _HANDLER,
    Role.UNIT_HEAD: _HANDLER
    | _OFFICE
    | _HEAD
    | {
        Permission.BURDEN_ANSWER: Reach.OWN_UNIT,
        Permission.CASE_CALL: Reach.OWN_UNIT,
        Permission.CASE_APPRAISE: Reach.OWN_UNIT,
        Permission.CASE_RESUME: Reach.OWN_UNIT,
    },
    Role.ACCEPTOR: _REPORTER
    | {
        Permission.CASE_REPORT_UNSCREENED: Reach.EVERYWHERE,
        Permission.CASE_READ: Reach.EVERYWHERE,
        Permission.CASE_FILE: Reach.EVERYWHERE,
        Permission.CASE_DECLINE: Reach.EVERYWHERE,
        Permission.CASE_CHECK: Reach.EVERYWHERE,
        Permission.CASE_CLOSE: Reach.EVERYWHERE,
        Permission.CASE_REWORK: Reach.EVERYWHERE,
        Permission.CASE_INQUIRE: Reach.EVERYWHERE,
        Permission.CASE_RECUSE: Reach.EVERYWHERE,
        Permission.CASE_MERGE: Reach.EVERYWHERE,
        Permission.CASE_UNMERGE: Reach.EVERYWHERE,
        Permission.CASE_VERIFY: Reach.EVERYWHERE,
        Permission.TASK_READ: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
        Permission.TEXT_MANAGE: Reach.EVERYWHERE,
        Permission.LIST_READ: Reach.EVERYWHERE,
    },
    Role.DISPATCHER: _REPORTER
    | {
        Permission.PROPOSAL_READ: Reach.EVERYWHERE,
        Permission.CONFERENCE_READ: Reach.EVERYWHERE,
        Permission.CASE_READ: Reach.EVERYWHERE,
        Permission.CASE_FILE: Reach.EVERYWHERE,
        Permission.CASE_DECLINE: Reach.EVERYWHERE,
        Permission.CASE_DISPATCH: Reach.EVERYWHERE,
        Permission.CASE_REBIND: Reach.EVERYWHERE,
        Permission.CASE_CONVENE: Reach.EVERYWHERE,
        Permission.CASE_EXEMPT: Reach.EVERYWHERE,
        Permission.CASE_EXTEND: Reach.EVERYWHERE,
        Permission.CASE_INQUIRE: Reach.EVERYWHERE,
        Permission.CASE_MERGE: Reach.EVERYWHERE,
        Permission.CASE_RECUSE: Reach.EVERYWHERE,
        Permission.CASE_REFUSE: Reach.EVERYWHERE,
        Permission.CASE_RESUME: Reach.EVERYWHERE,
        Permission.CASE_RULE: Reach.EVERYWHERE,
        Permission.CASE_SUSPEND: Reach.EVERYWHERE,
        Permission.CASE_UNMERGE: Reach.EVERYWHERE,
        Permission.CASE_URGE: Reach.EVERYWHERE,
        Permission.WALL_DISPLAY: Reach.EVERYWHERE,
        Permission.CASE_VERIFY: Reach.EVERYWHERE,
        Permission.ROSTER_READ: Reach.EVERYWHERE,
        Permission.TEAM_READ: Reach.EVERYWHERE,
        Permission.TASK_READ: Reach.EVERYWHERE,
        Permission.DILIGENCE_READ: Reach.EVERYWHERE,
        Permission.DELIVERY_MANAGE: Reach.EVERYWHERE,
        Permission.DELIVERY_READ: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
        Permission.TEXT_MANAGE: Reach.EVERYWHERE,
        Permission.LIST_READ: Reach.EVERYWHERE,
    },
    Role.LEADER: _REPORTER
    | {
        Permission.PROPOSAL_READ: Reach.EVERYWHERE,
        Permission.PROPOSAL_APPROVE: Reach.EVERYWHERE,
        Permission.PROPOSAL_REFUSE: Reach.EVERYWHERE,
        Permission.BURDEN_READ: Reach.EVERYWHERE,
        Permission.CONFERENCE_READ: Reach.EVERYWHERE,
        Permission.DILIGENCE_READ: Reach.EVERYWHERE,
        Permission.CASE_READ: Reach.EVERYWHERE,
        Permission.CASE_RECUSE: Reach.EVERYWHERE,
        Permission.CASE_REDO: Reach.EVERYWHERE,
        Permission.CASE_DECIDE: Reach.EVERYWHERE,
        # Of complaints about a unit, in the place of those who would file or dispatch its own.
        Permission.CASE_FILE: Reach.COMPLAINTS,
        Permission.CASE_DISPATCH: Reach.COMPLAINTS,
        Permission.CASE_INSTRUCT: Reach.EVERYWHERE,
        Permission.CASE_REFUSE: Reach.EVERYWHERE,
        Permission.CASE_SUPERVISE: Reach.EVERYWHERE,
        Permission.CASE_URGE: Reach.EVERYWHERE,
        Permission.WALL_DISPLAY: Reach.EVERYWHERE,
        Permission.CASE_WATCH: Reach.EVERYWHERE,
        Permission.ROSTER_READ: Reach.EVERYWHERE,
        Permission.TEAM_READ: Reach.EVERYWHERE,
        Permission.TASK_READ: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
        Permission.LIST_READ: Reach.EVERYWHERE,
        Permission.LIST_REPLAY: Reach.EVERYWHERE,
    },
    Role.LIST_KEEPER: _REPORTER
    | _OFFICE
    | {
        Permission.PROPOSAL_REFUSE: Reach.EVERYWHERE,
        Permission.PROPOSAL_REVIEW: Reach.EVERYWHERE,
        Permission.PROPOSAL_SEND_BACK: Reach.EVERYWHERE,
        Permission.BURDEN_READ: Reach.EVERYWHERE,
        Permission.BURDEN_RULE: Reach.EVERYWHERE,
        Permission.UNIT_REORGANISE: Reach.EVERYWHERE,
        Permission.CONFERENCE_READ: Reach.EVERYWHERE,
        Permission.DILIGENCE_READ: Reach.CONFERENCES,
        Permission.CASE_READ: Reach.CONFERENCES,
        Permission.CASE_DECIDE: Reach.CONFERENCES,
        Permission.CASE_DECIDE_EARLY: Reach.CONFERENCES,
        Permission.TEXT_MANAGE: Reach.EVERYWHERE,
        Permission.LIST_READ: Reach.EVERYWHERE,
        Permission.LIST_REPLAY: Reach.EVERYWHERE,
        Permission.LIST_MANAGE: Reach.EVERYWHERE,
        Permission.LIST_PUBLISH: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
    },
    Role.AUDITOR: _REPORTER
    | {
        Permission.PROPOSAL_READ: Reach.EVERYWHERE,
        Permission.BURDEN_READ: Reach.EVERYWHERE,
        Permission.CONFERENCE_READ: Reach.EVERYWHERE,
        Permission.DILIGENCE_READ: Reach.EVERYWHERE,
        Permission.CASE_READ: Reach.EVERYWHERE,
        Permission.TASK_READ: Reach.EVERYWHERE,
        Permission.LIST_READ: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
        Permission.CALENDAR_READ: Reach.EVERYWHERE,
        Permission.DELIVERY_READ: Reach.EVERYWHERE,
    },
    Role.ADMIN: _REPORTER
    | {
        Permission.UNIT_REORGANISE: Reach.EVERYWHERE,
        Permission.ACCOUNT_MANAGE: Reach.EVERYWHERE,
        Permission.LEAVE_MANAGE: Reach.EVERYWHERE,
        Permission.CALENDAR_MANAGE: Reach.EVERYWHERE,
        Permission.CALENDAR_READ: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
        Permission.ROSTER_READ: Reach.EVERYWHERE,
        Permission.ROSTER_MANAGE: Reach.EVERYWHERE,
        Permission.TEAM_READ: Reach.EVERYWHERE,
        Permission.TEAM_MANAGE: Reach.EVERYWHERE,
        Permission.PLACE_MANAGE: Reach.EVERYWHERE,
        Permission.PLACE_PUBLISH: Reach.EVERYWHERE,
        Permission.LIST_READ: Reach.EVERYWHERE,
        Permission.LIST_REPLAY: Reach.EVERYWHERE,
        Permission.DELIVERY_MANAGE: Reach.EVERYWHERE,
        Permission.DELIVERY_READ: Reach.EVERYWHERE,
    },
}

#: Roles that somebody holds for certain grids.
FOR_GRIDS: Final = frozenset(
    role for role, grants in GRANTS.items() if Reach.OWN_GRIDS in grants.values()
)
#: Roles that reach as far as the township in which the own unit is, and nothing without one.
FOR_TOWNSHIPS: Final = frozenset(
    role for role, grants in GRANTS.items() if Reach.OWN_TOWNSHIP in grants.values()
)


def _everywhere(role: Role) -> set[Permission]:
    return {name for name, reach in GRANTS[role].items() if reach is Reach.EVERYWHERE}


_IN_A_UNIT: Final = frozenset[Permission]().union(
    *map(_everywhere, (Role.GRID_WORKER, Role.HANDLER, Role.UNIT_HEAD, Role.DUTY_LEADER))
)
#: Roles that reach further than a unit, a township or a grid.
COUNTY_WIDE: Final = frozenset(role for role in Role if _everywhere(role) - _IN_A_UNIT)


def granting(permission: Permission) -> tuple[Role, ...]:
    """Return the roles that grant a permission, however far."""
    return tuple(role for role, grants in GRANTS.items() if permission in grants)


def acts_for_unit(role: str) -> bool:
    """Tell whether what is done by a role is done by the unit of who does it."""
    return role in granting(Permission.TASK_ACCEPT)


def acts_in_person(role: str) -> bool:
    """Tell whether who acts by a role acts neither for a unit nor in an office of the county."""
    return role in set(Role) - COUNTY_WIDE and not acts_for_unit(role)


def works_at_desk(roles: Iterable[object]) -> bool:
    """Tell whether one of these roles reaches so far that its sessions are a desk's."""
    return not COUNTY_WIDE.isdisjoint(roles)
