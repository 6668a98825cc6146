"""What anybody may see without signing in: nothing personal, nothing precise."""

from datetime import datetime
from typing import Final, Literal, Self

from aiohttp import web
from pydantic import Field

from server.cases.door.briefing import called
from server.cases.reading import queries
from server.cases.rules.basis import Basis
from server.cases.rules.views import CaseRow
from server.clock import now
from server.errors import NotFound
from server.http.answers import reply, reply_stored
from server.http.boxes import Box, of_rounded, read_box
from server.http.forms import Answer, Page, PageQuery, Query
from server.http.keys import basis
from server.http.paging import before_id, cursor, uncursor
from server.http.routes import Routes
from server.http.sending.encodings import packed
from server.places.boundaries import Level
from server.places.queries import geojson
from server.responsibility.list.fields import Addressee, EntryView
from server.responsibility.search.asked import who_sees_to
from server.shared_api.enumerations import LimitUnit, Responsibility
from server.shared_api.list_columns import answering
from server.shared_api.positions import DECIMALS
from server.texts.catalogue import text
from server.texts.words import said, wanted

routes = Routes("/m/v1/public", tag="public")

_MOST_MEANT: Final = 10
#: Suggested, but far behind the likeliest, is not what somebody looks for.
_LIKELY: Final = 0.4


class BoxQuery(PageQuery):
    """A box in WGS-84: west, south, east, north."""

    bbox: str = Field(default="", max_length=100)

    def box(self) -> Box | None:
        """Return the box; raises BadInput for what is none."""
        return read_box(self.bbox)


class PublicCase(Answer):
    """A closed case: what, in which village, by whom, when; the place to some 100 metres."""

    no: str
    matter: str
    township: str
    village: str
    lead: str
    received_on: str
    closed_on: str
    in_time: bool | None
    lon: float | None
    lat: float | None
    point_sure: bool

    @classmethod
    def of(cls, case: CaseRow, known: Basis) -> Self:
        """Build what is shown of a case; `in_time` is null where it cannot be told."""
        due, handled = case.due_at, case.handled_at
        township, village, _ = case.place.as_sure()
        return cls(
            no=case.no,
            matter=case.matter_name,
            township=township,
            village=village,
            lead=called(case.lead_id, known.units),
            received_on=_day(case.received_at, known),
            closed_on=_day(case.closed_at or case.received_at, known),
            in_time=handled <= due if handled and due else None,
            lon=round(case.lon, DECIMALS) if case.lon is not None else None,
            lat=round(case.lat, DECIMALS) if case.lat is not None else None,
            point_sure=case.place.point_sure,
        )


def _day(at: datetime, known: Basis) -> str:
    return f"{at.astimezone(known.zone):%Y-%m-%d}"


@routes.get("/cases", query=BoxQuery, answer=Page[PublicCase], public=True)
async def cases(request: web.Request, query: BoxQuery) -> web.Response:
    """List closed cases, the latest first."""
    asked = query.box()
    box = of_rounded(asked, DECIMALS) if asked else None
    rows = await queries.closed(box, limit=query.limit + 1, before_id=before_id(query.after))
    shown = rows[: query.limit]
    items = [PublicCase.of(case, basis(request)) for case in shown]
    following = cursor([shown[-1].id]) if len(rows) > query.limit else None
    return packed(request, reply(Page[PublicCase](items=items, next=following)))


@answering(Addressee.PUBLIC)
class PublicEntry(Answer):
    """Who answers for what, by the published list, and what may be settled on the spot."""

    code: str
    responsibility: Responsibility
    lead: str
    cooperating: list[str]
    contact: str
    phone: str
    limit: int
    urgency: LimitUnit
    self_handle: bool


class MattersQuery(PageQuery):
    """Everyday words for what it is about, or any words of the list; all of it without them."""

    q: str = Field(default="", max_length=100)


def _meant(words: str, known: Basis, at: datetime) -> list[EntryView]:
    """Return the entries that words mean, as they are suggested to a report, and that say them."""
    entries = known.lists.at(at).entries()
    by_code = {entry.matter_code: entry for entry in entries}
    suggester = known.lists.suggester(at)
    meant = who_sees_to(words, entries, suggester, known.units, most=_MOST_MEANT)
    likely = [by_code[each.code] for each in meant if each.score >= _LIKELY]
    sought = wanted(words)
    saying = (entry for entry in entries if said(sought, _said(entry, known)))
    found = {entry.matter_code: entry for entry in (*likely, *saying)}
    return list(found.values())


def _said(entry: EntryView, known: Basis) -> list[str]:
    """Return what is said of an entry: also by which names its lead was known before."""
    units = known.units
    leads = [units.by_id[each] for each in units.house(entry.lead_id)] if entry.lead_id else []
    named = [name for unit in leads for name in (unit.name, *unit.short_names)]
    texts = (entry.matter_code, entry.domain, *(named or [text("word.township")]), *entry.words)
    return [*texts, *entry.texts(Addressee.PUBLIC).values()]


@routes.get("/matters", query=MattersQuery, answer=Page[PublicEntry], public=True)
async def matters(request: web.Request, query: MattersQuery) -> web.Response:
    """Show the responsibility list in force, or what of it words mean, the likeliest first.

    What is found by words is one page, of at most as many as asked for.
    """
    known, at = basis(request), now()
    after = uncursor(query.after, str)
    if query.q.strip():
        entries = _meant(query.q, known, at)[: query.limit]
    else:
        entries = known.lists.at(at).entries()
    if after:
        entries = [entry for entry in entries if entry.matter_code > str(after[0])]
    shown = entries[: query.limit]
    township = text("word.township")
    items = []
    for entry in shown:
        helpers = [called(each.unit_id, known.units) or township for each in entry.cooperating]
        items.append(
            PublicEntry(
                code=entry.matter_code,
                responsibility=entry.responsibility,
                lead=called(entry.lead_id, known.units) or township,
                cooperating=helpers,
                contact=entry.contact_name,
                phone=entry.contact_phone,
                limit=entry.limit,
                urgency=entry.urgency,
                self_handle=entry.self_handle,
                **entry.texts(Addressee.PUBLIC),
            )
        )
    following = cursor([shown[-1].matter_code]) if len(entries) > query.limit else None
    return packed(request, reply(Page[PublicEntry](items=items, next=following)))


class LevelQuery(Query):
    """Which level of places."""

    level: Literal["county", "township", "village", "grid"] = "township"


class PlaceShape(Answer):
    """A geometry of GeoJSON in WGS-84."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[list[list[float]]] | list[list[list[list[float]]]]


class PlaceFacts(Answer):
    """Which place it is; `parent` is the code of the one above, if any."""

    code: str
    name: str
    level: Level
    parent: str | None


class PlaceFeature(Answer):
    """A place with its shape."""

    type: Literal["Feature"]
    properties: PlaceFacts
    geometry: PlaceShape


class PlaceFeatures(Answer):
    """The places of a level, to be drawn."""

    type: Literal["FeatureCollection"]
    features: list[PlaceFeature]


@routes.get("/places.geojson", query=LevelQuery, answer=PlaceFeatures, public=True)
async def places(request: web.Request, query: LevelQuery) -> web.Response:
    """Answer the county's own map as GeoJSON."""
    boundaries = basis(request).places.at(now())
    if boundaries is None:
        raise NotFound()
    return packed(request, reply_stored(await geojson(boundaries.generation_id, query.level)))
