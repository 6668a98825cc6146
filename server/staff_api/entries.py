"""Entries of all lists at a desk: searched, and looked up for a matter at a place."""

from dataclasses import replace
from typing import Final, Literal

from aiohttp import web
from pydantic import Field

from server.clock import now
from server.errors import UnknownMatter
from server.http.answers import reply
from server.http.forms import Answer, Moment, Page, PageQuery, Query
from server.http.keys import basis
from server.http.paging import after_id, cursor, path_id
from server.http.routes import Routes
from server.people.units import UnitKind
from server.permissions import Permission
from server.responsibility.answering.lookup import explain
from server.responsibility.list import queries
from server.responsibility.list.entries import Explanation
from server.responsibility.list.fields import Addressee
from server.responsibility.search import entries_by_words
from server.responsibility.search.entries_by_words import Hit, Wanted
from server.shared_api.enumerations import (
    LimitUnit,
    ListType,
    MatterKind,
    OneListType,
    Receives,
    Responsibility,
)
from server.shared_api.list_columns import answering
from server.shared_api.narrowing import refuse, require_known
from server.shared_api.said import explained

routes: Final = Routes("/s/v1", tag="lists")

_NEAREST: Final = 5


class EntriesQuery(PageQuery):
    """What an entry in force has to hold; every part narrows."""

    q: str | None = Field(default=None, min_length=1, max_length=100)
    law: str | None = Field(default=None, min_length=1, max_length=100)
    unit: str | None = Field(default=None, min_length=1, max_length=80)
    domain: str | None = Field(default=None, max_length=40)
    tag: str | None = Field(default=None, max_length=100)
    type: OneListType | None = None


class HitAnswer(Answer):
    """An entry in force."""

    id: str
    version_id: str
    list_type: ListType
    list_name: str
    code: str
    name: str
    domain: str
    lead: str | None
    legal_basis: str
    tags: list[str]


@routes.get(
    "/entries", query=EntriesQuery, answer=Page[HitAnswer], permission=Permission.LIST_READ
)
async def entries(request: web.Request, query: EntriesQuery) -> web.Response:
    """Search the lists in force by text, law, unit, domain and tag (bundles of powers)."""
    units = basis(request).units
    unit = units.identified(query.unit) if query.unit is not None else None
    refuse(await entries_by_words.unheard_of(domain=query.domain, tag=query.tag))
    wanted = Wanted(
        text=query.q,
        law=query.law,
        unit_ids=units.house(unit.id) if unit is not None else None,
        township=unit is not None and unit.kind is UnitKind.TOWNSHIP,
        domain=query.domain,
        tag=query.tag,
        list_type=query.type,
    )
    start = after_id(query.after)
    rows = await entries_by_words.search(wanted, at=now(), after=start, limit=query.limit + 1)
    shown = rows[: query.limit]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    return reply(Page[HitAnswer](items=[_hit(row, request) for row in shown], next=following))


def _hit(row: Hit, request: web.Request) -> HitAnswer:
    lead = basis(request).units.by_id.get(row.lead_id) if row.lead_id else None
    return HitAnswer(
        id=str(row.id),
        version_id=str(row.version_id),
        list_type=row.list_type,
        list_name=row.list_name,
        code=row.code,
        name=row.name,
        domain=row.domain,
        lead=lead.name if lead else None,
        legal_basis=row.legal_basis,
        tags=list(row.tags),
    )


class EntryStepAnswer(Answer):
    """A step of a matter's process: what, by whom, within which limit."""

    position: int
    step: str
    unit: str


class CooperatingAnswer(Answer):
    """A cooperating unit and its duties."""

    unit: str
    duties: str


@answering(Addressee.DESK)
class WholeEntryAnswer(Answer):
    """An entry whole, of whatever version; without a lead it is the township's of the place."""

    id: str
    version_id: str
    list_type: ListType
    list_name: str
    label: str
    row: int
    code: str
    kind: MatterKind
    responsibility: Responsibility
    lead: str | None
    cooperating: list[CooperatingAnswer]
    limit: int
    urgency: LimitUnit
    receives: Receives
    self_handle: bool
    steps: list[EntryStepAnswer]
    words: list[str]
    tags: list[str]


@routes.get("/entries/{id}", answer=WholeEntryAnswer, permission=Permission.LIST_READ)
async def whole(request: web.Request) -> web.Response:
    """Answer one entry whole, with what its list and its version are called."""
    entry = await queries.entry(path_id(request))
    view, units = await queries.version(entry.version_id), basis(request).units.by_id
    return reply(
        WholeEntryAnswer(
            id=str(entry.id),
            version_id=str(entry.version_id),
            list_type=view.list_type,
            list_name=view.list_name,
            label=view.label,
            row=entry.row,
            code=entry.matter_code,
            kind=entry.kind,
            responsibility=entry.responsibility,
            lead=units[entry.lead_id].name if entry.lead_id else None,
            cooperating=[
                CooperatingAnswer(
                    unit=units[each.unit_id].name if each.unit_id else "", duties=each.duties
                )
                for each in entry.cooperating
            ],
            limit=entry.limit,
            urgency=entry.urgency,
            receives=entry.receives,
            self_handle=entry.self_handle,
            steps=[
                EntryStepAnswer(position=each.position, step=each.step, unit=each.unit)
                for each in entry.process
            ],
            words=list(entry.words),
            tags=list(entry.tags),
            **entry.texts(Addressee.DESK),
        )
    )


class LookupQuery(Query):
    """Which matter, in which township, when, by which filing condition, what kind of question.

    `version` tries one, a draft too, in the place of its list's that is in force.
    """

    matter: str = Field(min_length=1, max_length=20)
    township: str = Field(default="", max_length=20)
    at: Moment | None = None
    condition: int | None = Field(default=None, ge=0, le=100)
    kind: Literal["any", "enforcement"] = "any"
    version: int | None = Field(default=None, ge=1, le=2**31 - 1)


class NearAnswer(Answer):
    """An entry that is near a matter on no list."""

    code: str
    name: str
    why: list[str]


class LookupAnswer(Answer):
    """Who answers for the matter there, until when, and why; `said` is to be read out."""

    matter: str
    off_list: bool
    lead: str | None
    cooperating: list[CooperatingAnswer]
    township_duties: str
    receives: Receives | None
    limit: int | None
    urgency: LimitUnit
    process: list[str]
    explanation: Explanation
    said: str
    nearest: list[NearAnswer]


@routes.get("/lookup", query=LookupQuery, answer=LookupAnswer, permission=Permission.LIST_READ)
async def lookup(request: web.Request, query: LookupQuery) -> web.Response:
    """Say what the lists in force now or at an instant say of a matter at a place.

    Off the lists, what is nearest to it by now.
    """
    at, known = now(), basis(request)
    await require_known(known, at, township=query.township)
    if query.version is not None:
        lists = await known.lists.trying(query.version, query.at or at)
    else:
        lists = await known.lists.recall(query.at or at)
    enforcement = query.kind == "enforcement"
    finding = lists.lookup(query.matter, query.township, query.condition, enforcement=enforcement)
    entry, units = finding.entry, known.units
    name = entry.name if entry else await queries.matter_name(query.matter)
    if name is None:
        raise UnknownMatter(code=query.matter)
    explanation = explained(replace(finding.explanation, matter=name))
    lead = units.by_id[finding.lead_unit_id].name if finding.lead_unit_id else None
    near = [] if entry else known.lists.suggester(at).suggest(name, _NEAREST)
    return reply(
        LookupAnswer(
            matter=name,
            off_list=finding.off_list,
            lead=lead,
            cooperating=[
                CooperatingAnswer(unit=units.by_id[unit_id].name, duties=duties)
                for unit_id, duties in finding.cooperating
            ],
            township_duties=entry.township_duties if entry else "",
            receives=entry.receives if entry else None,
            limit=finding.limit,
            urgency=finding.urgency,
            process=[f"{step.position}. {step.unit} {step.step}" for step in entry.process]
            if entry
            else [],
            explanation=explanation,
            said=explain(explanation),
            nearest=[NearAnswer(code=e.code, name=e.name, why=list(e.why)) for e in near],
        )
    )
