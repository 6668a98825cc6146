"""Objections of townships to what is pushed down to them outside the lists (清单外负担)."""

from datetime import datetime

from tortoise.transactions import in_transaction

from server.cases.door.briefing import moment
from server.cases.rules.basis import Basis
from server.errors import AnswerPending, BadInput, NotPermitted
from server.governance.journal import locked_burden, move, require
from server.governance.models.burden import Burden
from server.governance.procedure import ProcedureStage, ProcedureVerb
from server.people.actor import Actor
from server.people.units import UnitKind


async def register(
    form: str,
    title: str,
    words: str,
    *,
    against: str,
    document: str = "",
    by: Actor,
    at: datetime,
    basis: Basis,
) -> Burden:
    """Object as a township to a burden that a unit put on it; the unit has to answer.

    A unit that was merged answers as who took it over. Raises NotPermitted for who is no township,
    BadInput for an unknown unit or a township.
    """
    unit = basis.units.by_id.get(by.unit_id) if by.unit_id is not None else None
    if unit is None or unit.kind is not UnitKind.TOWNSHIP:
        raise NotPermitted(permission="burden.register")
    require(by, "burden", ProcedureVerb.REGISTER, unit.id)
    named = basis.units.named(against)
    other = basis.units.acting(named.id) if named is not None else None
    if other is None or other.kind in (UnitKind.TOWNSHIP, UnitKind.VILLAGE):
        raise BadInput([{"pointer": "/against", "reason": "unknown"}])
    said = {"form": form, "title": title, "text": words, "document": document}
    async with in_transaction():
        burden = Burden(
            stage="",
            **said,
            unit_id=unit.id,
            against_id=other.id,
            by_id=by.id,
            created_at=at,
        )
        await burden.save()
        await move(burden, ProcedureVerb.REGISTER, by=by, at=at, basis=basis, words=words)
    return burden


async def answer(burden_id: int, words: str, *, by: Actor, at: datetime, basis: Basis) -> Burden:
    """Answer as the unit that is objected to."""
    async with in_transaction():
        burden = await locked_burden(burden_id)
        require(by, "burden", ProcedureVerb.ANSWER, burden.against_id)
        await move(burden, ProcedureVerb.ANSWER, by=by, at=at, basis=basis, words=words)
    return burden


async def rule(
    burden_id: int, words: str, *, upheld: bool, by: Actor, at: datetime, basis: Basis
) -> Burden:
    """Rule as an office that keeps the list: upheld, the unit has to take the burden back.

    Raises AnswerPending while the unit may still answer, NotPermitted for who belongs to it.
    """
    async with in_transaction():
        burden = await locked_burden(burden_id)
        require_ruling(burden, by=by, at=at, basis=basis)
        way = "upheld" if upheld else ""
        await move(burden, ProcedureVerb.RULE, by=by, at=at, basis=basis, words=words, way=way)
    return burden


def require_ruling(burden: Burden, *, by: Actor, at: datetime, basis: Basis) -> None:
    """Refuse who may not rule on an objection, or not yet; raises as `rule`."""
    require(by, "burden", ProcedureVerb.RULE)
    if burden.against_id in by.unit_ids or burden.unit_id in by.unit_ids:
        raise NotPermitted(permission="burden.rule")
    waiting = burden.stage == ProcedureStage.REGISTERED and burden.due_at and at < burden.due_at
    if waiting:
        raise AnswerPending(until=moment(burden.due_at, basis.zone))


async def withdraw(burden_id: int, words: str, *, by: Actor, at: datetime, basis: Basis) -> Burden:
    """Take an objection back, as the township that made it."""
    async with in_transaction():
        burden = await locked_burden(burden_id)
        require(by, "burden", ProcedureVerb.WITHDRAW, burden.unit_id)
        await move(burden, ProcedureVerb.WITHDRAW, by=by, at=at, basis=basis, words=words)
    return burden
