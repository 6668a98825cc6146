"""What waits for one person: cases at whose stage they may act, and how such a row begins."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tortoise import Tortoise
from tortoise.expressions import Q
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from server.cases.door.access import allowed_on_task, alternatives, covered, looks_by_documents
from server.cases.models.case import Case
from server.cases.models.steering import Instruction
from server.cases.models.task import Call, Check, Task, Verification
from server.cases.reading.boards import NO_DEADLINE, BoardFilter, task_board
from server.cases.rules.basis import Basis
from server.cases.rules.flow import FLOW, ONWARD, TASK_OPEN, Verb
from server.cases.rules.masking import masked
from server.cases.rules.views import CaseRow
from server.people.actor import Actor
from server.people.queries import names
from server.permissions import Permission, Role

_BEGINNING: Final = 60
# The first report and the first photo of each case, and since when it stands where it does; by the
# index of each on its case.
_GLIMPSES: Final = """
SELECT f.no, f.title, f.place->>'text' AS place, r.text, r.senders, p.photo_id,
  (SELECT at FROM case_step WHERE case_id = f.id AND target <> source
   ORDER BY version DESC LIMIT 1) AS since
FROM case_file f
LEFT JOIN LATERAL (
  SELECT text, ARRAY[reporter_id, on_behalf_of_id] AS senders FROM report
  WHERE case_id = f.id ORDER BY id LIMIT 1) r ON true
LEFT JOIN LATERAL (
  SELECT photo_id FROM case_attachment
  WHERE case_id = f.id AND purpose = 'before' ORDER BY id LIMIT 1) p ON true
WHERE f.no = ANY($1::text[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glimpse:
    """By what one knows a case in a list: title, place, how it was put, the first photo.

    `since` is when it came to where it stands.
    """

    title: str
    place: str
    words: str
    photo: UUID | None
    since: datetime | None


async def at_hand(actor: Actor, verb: Verb, *wanted: Q, limit: int) -> list[Case]:
    """Return the cases that stand where a verb of the actor's leads on, the most urgent first."""
    condition = covered(actor, Permission(f"case.{verb}"))
    if condition is None:
        return []
    moves = [move for move in FLOW if move.verb is verb]
    stages = sorted({stage.value for move in moves for stage in move.sources if stage})
    found = dict[int, Case]()
    for way in alternatives(condition):
        rows = Case.filter(way, *wanted, stage__in=stages).order_by("stage_due_at", "id")
        found |= {case.id: case for case in await rows.limit(limit)}
    return sorted(found.values(), key=_urgency)[:limit]


def _urgency(case: Case) -> tuple[datetime, int]:
    return case.stage_due_at or NO_DEADLINE, case.id


async def to_close(actor: Actor, *, limit: int) -> list[tuple[Case, Check]]:
    """Return the cases whose check was made, or is the actor's to make by the documents.

    Never those that the actor handled or checked, who may not close them.
    """
    turn = Q(owner_role=Role.ACCEPTOR.value)
    cases = await at_hand(actor, Verb.CLOSE, turn, limit=limit)
    cycles = {case.id: case.cycle for case in cases}
    checks = {
        check.case_id: check
        for check in await Check.filter(case_id__in=list(cycles)).order_by("cycle")
        if check.cycle == cycles[check.case_id]
    }
    return [
        (case, checks[case.id])
        for case in cases
        if case.id in checks
        and actor.persons.isdisjoint({case.handled_by_id, checks[case.id].done_by_id})
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPart:
    """What of one case waits for one person, by its id; `documents` is a check by the papers."""

    task: int | None
    verification: int | None
    check: int | None
    documents: int | None
    instruction: int | None
    call: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTask:
    """A task of somebody's unit: the act that is next and by when, and who handles it.

    It is `mine` to handle also as whoever stands in for who was given it.
    """

    task: Task
    case: Case
    verb: Verb
    due_at: datetime | None
    assignee_name: str
    mine: bool


async def own_tasks(actor: Actor, *, limit: int, basis: Basis) -> list[OwnTask]:
    """Return the most urgent tasks of the actor's units, what is the actor's to handle first.

    One about which the actor can do nothing now waits for nobody here.
    """
    board = await task_board(actor, BoardFilter(), limit=limit)
    named = await names({task.assignee_id for task, _ in board if task.assignee_id})
    found = list[OwnTask]()
    for task, case in board:
        verb = _next(task, allowed_on_task(actor, case, task, basis))
        if verb is None:
            continue
        until = {Verb.ACCEPT: task.accept_due_at, Verb.CHECK_IN: task.arrive_due_at}
        found.append(
            OwnTask(
                task=task,
                case=case,
                verb=verb,
                due_at=until.get(verb) or task.due_at,
                assignee_name=named.get(task.assignee_id or 0, ""),
                mine=task.assignee_id in actor.persons,
            )
        )
    return sorted(found, key=lambda each: not each.mine)


def _next(task: Task, may: Collection[Verb]) -> Verb | None:
    able = [verb for verb in ONWARD if verb in may]
    # Who is called is to come; anybody else may go on without having reported in.
    if task.arrive_due_at is None and able[:1] == [Verb.CHECK_IN]:
        able = able[1:]
    return able[0] if able else None


async def own_part(actor: Actor, case: Case, *, at: datetime) -> OwnPart:
    """Return what of a case waits for the actor; it asks for nothing that a grant rules out."""
    # A grid worker is of a township, and what waits for its room waits for nobody else there.
    units = sorted(actor.unit_ids) if Permission.TASK_ACCEPT in actor.permissions else []
    of_case = {"case_id": case.id}
    task = Task.filter(**of_case, unit_id__in=units, stage__in=sorted(TASK_OPEN))
    look = Verification.filter(**of_case, assignee_id=actor.id, done_at__isnull=True)
    check = await Check.filter(**of_case, cycle=case.cycle, done_at__isnull=True).first()
    told = Instruction.filter(**of_case, unit_id__in=units, replied_at__isnull=True)
    call = Call.filter(**of_case).filter(Q(by_id=actor.id) | Q(caller_unit_id__in=units))
    mine = check is not None and check.assignee_id == actor.id
    return OwnPart(
        task=await _first(task.order_by("part", "id")),
        verification=await _first(look),
        check=check.id if check and mine else None,
        documents=check.id
        if check and not mine and _by_documents(actor, case, check, at)
        else None,
        instruction=await _first(told.order_by("reply_due_at")),
        call=await _first(call.order_by("-id")),
    )


async def _first(found: QuerySet[Any]) -> int | None:
    ids = await found.limit(1).values_list("id", flat=True)
    return int(str(ids[0])) if ids else None


def _by_documents(actor: Actor, case: Case, check: Check, at: datetime) -> bool:
    handled = case.handled_by_id in actor.persons or case.lead_id in actor.unit_ids
    over = check.assignee_id is None or check.due_at <= at
    return looks_by_documents(actor) and over and not handled


async def passed(case: CaseRow) -> bool | None:
    """Tell whether the last check found the case settled; None while none was made."""
    made = Check.filter(case_id=case.id, cycle=case.cycle, done_at__isnull=False)
    found = await made.first()
    return found.passed if found else None


async def least_busy(workers: Collection[int]) -> int:
    """Return who of them has the fewest checks and verifications open, the first of equals."""
    load = dict.fromkeys(workers, 0)
    for table in (Check, Verification):
        open_ones = table.filter(assignee_id__in=list(workers), done_at__isnull=True)
        counted = open_ones.annotate(n=Count("id")).group_by("assignee_id")
        for row in await counted.values("assignee_id", "n"):
            load[row["assignee_id"]] += row["n"]
    return min(load, key=lambda worker: (load[worker], worker))


async def glimpses(nos: Collection[str]) -> dict[str, Glimpse]:
    """Return by what one knows these cases, by their numbers; persons masked."""
    connection = Tortoise.get_connection("default")
    rows = await connection.execute_query_dict(_GLIMPSES, [sorted(set(nos))])
    senders = {int(i) for row in rows for i in row["senders"] or () if i is not None}
    hidden = set((await names(senders)).values())
    return {
        row["no"]: Glimpse(
            title=row["title"],
            place=row["place"] or "",
            words=_beginning(masked(row["text"] or "", hidden)),
            photo=row["photo_id"],
            since=row["since"],
        )
        for row in rows
    }


def _beginning(words: str) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= _BEGINNING else plain[: _BEGINNING - 1] + "…"
