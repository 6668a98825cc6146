"""Who may do what, and how far: the one table of grants."""

from collections.abc import Mapping
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
    CASE_APPRAISE = "case.appraise"
    CASE_CALL = "case.call"
    CASE_CHECK = "case.check"
    CASE_CLOSE = "case.close"
    CASE_CONFIRM_PLACE = "case.confirm_place"
    CASE_DECLINE = "case.decline"
    CASE_DISPATCH = "case.dispatch"
    CASE_FILE = "case.file"
    CASE_FOLLOW = "case.follow"
    CASE_READ = "case.read"
    CASE_REBIND = "case.rebind"
    CASE_REDO = "case.redo"
    CASE_REPORT = "case.report"
    CASE_RESOLVE = "case.resolve"
    CASE_REWORK = "case.rework"
    CASE_WITHDRAW = "case.withdraw"
    DELIVERY_MANAGE = "delivery.manage"
    LIST_MANAGE = "list.manage"
    LIST_PUBLISH = "list.publish"
    LIST_READ = "list.read"
    PLACE_MANAGE = "place.manage"
    PLACE_PUBLISH = "place.publish"
    REPORT_READ = "report.read"
    TASK_ACCEPT = "task.accept"
    TASK_CHECK_IN = "task.check_in"
    TASK_CONFIRM = "task.confirm"
    TASK_CONTEST = "task.contest"
    TASK_DONE = "task.done"
    TASK_PROGRESS = "task.progress"
    TASK_READ = "task.read"
    UNIT_READ = "unit.read"


class Reach(StrEnum):
    """How far a grant extends."""

    EVERYWHERE = "everywhere"
    OWN_TOWNSHIP = "own_township"
    OWN_UNIT = "own_unit"
    OWN_GRIDS = "own_grids"
    OWN_REPORTS = "own_reports"
    OWN_REPORTS_AND_GRIDS = "own_reports_and_grids"


#: What everybody with an account may do: report, and have a say in what becomes of it.
_REPORTER: Final = {
    Permission.CASE_REPORT: Reach.EVERYWHERE,
    Permission.REPORT_READ: Reach.OWN_REPORTS,
    Permission.CASE_FOLLOW: Reach.EVERYWHERE,
    Permission.CASE_WITHDRAW: Reach.OWN_REPORTS,
    Permission.CASE_CONFIRM_PLACE: Reach.OWN_REPORTS,
    Permission.CASE_APPRAISE: Reach.OWN_REPORTS,
    Permission.CASE_REDO: Reach.OWN_REPORTS,
}
_HANDLER: Final = _REPORTER | {
    Permission.CASE_READ: Reach.OWN_UNIT,
    Permission.CASE_RESOLVE: Reach.OWN_UNIT,
    Permission.TASK_READ: Reach.OWN_UNIT,
    Permission.TASK_ACCEPT: Reach.OWN_UNIT,
    Permission.TASK_CHECK_IN: Reach.OWN_UNIT,
    Permission.TASK_PROGRESS: Reach.OWN_UNIT,
    Permission.TASK_DONE: Reach.OWN_UNIT,
    Permission.UNIT_READ: Reach.EVERYWHERE,
    Permission.LIST_READ: Reach.EVERYWHERE,
}
_TOWNSHIP: Final = _HANDLER | {
    Permission.CASE_READ: Reach.OWN_TOWNSHIP,
    Permission.CASE_CALL: Reach.OWN_TOWNSHIP,
    Permission.CASE_APPRAISE: Reach.OWN_TOWNSHIP,
    Permission.TASK_READ: Reach.OWN_TOWNSHIP,
    Permission.TASK_CONFIRM: Reach.OWN_TOWNSHIP,
    Permission.TASK_CONTEST: Reach.OWN_TOWNSHIP,
}

GRANTS: Final[Mapping[Role, Mapping[Permission, Reach]]] = {
    Role.RESIDENT: _REPORTER,
    Role.GRID_WORKER: _REPORTER
    | {
        Permission.CASE_READ: Reach.OWN_GRIDS,
        Permission.CASE_CHECK: Reach.OWN_GRIDS,
        Permission.CASE_CONFIRM_PLACE: Reach.OWN_REPORTS_AND_GRIDS,
        Permission.LIST_READ: Reach.EVERYWHERE,
    },
    Role.TOWNSHIP: _TOWNSHIP,
    Role.DUTY_LEADER: _TOWNSHIP
    | {
        Permission.CASE_FILE: Reach.OWN_TOWNSHIP,
        Permission.CASE_DECLINE: Reach.OWN_TOWNSHIP,
        Permission.CASE_DISPATCH: Reach.OWN_TOWNSHIP,
    },
    Role.HANDLER: _HANDLER,
    Role.UNIT_HEAD: _HANDLER
    | {
        Permission.CASE_CALL: Reach.OWN_UNIT,
        Permission.CASE_APPRAISE: Reach.OWN_UNIT,
    },
    Role.ACCEPTOR: _REPORTER
    | {
        Permission.CASE_READ: Reach.EVERYWHERE,
        Permission.CASE_FILE: Reach.EVERYWHERE,
        Permission.CASE_DECLINE: Reach.EVERYWHERE,
        Permission.CASE_CHECK: Reach.EVERYWHERE,
        Permission.CASE_CLOSE: Reach.EVERYWHERE,
        Permission.CASE_REWORK: Reach.EVERYWHERE,
        Permission.TASK_READ: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
        Permission.LIST_READ: Reach.EVERYWHERE,
    },
    Role.DISPATCHER: _REPORTER
    | {
        Permission.CASE_READ: Reach.EVERYWHERE,
        Permission.CASE_FILE: Reach.EVERYWHERE,
        Permission.CASE_DECLINE: Reach.EVERYWHERE,
        Permission.CASE_DISPATCH: Reach.EVERYWHERE,
        Permission.CASE_REBIND: Reach.EVERYWHERE,
        Permission.TASK_READ: Reach.EVERYWHERE,
        Permission.DELIVERY_MANAGE: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
        Permission.LIST_READ: Reach.EVERYWHERE,
    },
    Role.LEADER: _REPORTER
    | {
        Permission.CASE_READ: Reach.EVERYWHERE,
        Permission.CASE_REDO: Reach.EVERYWHERE,
        Permission.TASK_READ: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
        Permission.LIST_READ: Reach.EVERYWHERE,
    },
    Role.LIST_KEEPER: _REPORTER
    | {
        Permission.LIST_READ: Reach.EVERYWHERE,
        Permission.LIST_MANAGE: Reach.EVERYWHERE,
        Permission.LIST_PUBLISH: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
    },
    Role.AUDITOR: _REPORTER
    | {
        Permission.CASE_READ: Reach.EVERYWHERE,
        Permission.TASK_READ: Reach.EVERYWHERE,
        Permission.LIST_READ: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
    },
    Role.ADMIN: _REPORTER
    | {
        Permission.ACCOUNT_MANAGE: Reach.EVERYWHERE,
        Permission.UNIT_READ: Reach.EVERYWHERE,
        Permission.PLACE_MANAGE: Reach.EVERYWHERE,
        Permission.PLACE_PUBLISH: Reach.EVERYWHERE,
        Permission.LIST_READ: Reach.EVERYWHERE,
        Permission.DELIVERY_MANAGE: Reach.EVERYWHERE,
    },
}
