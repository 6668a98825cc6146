"""Which matter it is, who would answer, where a point is, what is reported there already."""

from datetime import UTC, datetime, time
from typing import Annotated

from aiohttp import web
from pydantic import Field

from server.cases.door import placing
from server.cases.door.placing import Placed, Position
from server.cases.reading import nearby as around
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Stage
from server.clock import now
from server.errors import BadInput
from server.http.answers import reply
from server.http.forms import Answer, Query
from server.http.keys import basis, call_of
from server.http.routes import Routes
from server.places.boundaries import PlaceName
from server.responsibility.search.asked import who_sees_to
from server.responsibility.search.suggest import Circumstances, band_of
from server.shared_api.narrowing import require_known
from server.shared_api.positions import Datum
from server.texts.catalogue import plainly
from server.texts.closed import one_of

routes = Routes("/m/v1", tag="matters")


class PointQuery(Query):
    """A point as the phone gives it."""

    lon: float | None = None
    lat: float | None = None
    datum: Datum = "unknown"
    accuracy: float | None = Field(default=None, ge=0, le=1_000_000)

    def placed(self, known: Basis, at: datetime) -> Placed | None:
        """Return where it lies; raises BadPosition, BadInput when only half is given."""
        if self.lon is None and self.lat is None:
            return None
        if self.lon is None or self.lat is None:
            missing = "/lon" if self.lon is None else "/lat"
            raise BadInput([{"pointer": missing, "reason": "missing"}])
        position = Position(
            lon=self.lon, lat=self.lat, datum=self.datum, accuracy=self.accuracy, source="device"
        )
        return placing.place(position, at=at, basis=known)


class MatterQuery(PointQuery):
    """What somebody says of it, and where."""

    q: str = Field(default="", max_length=2000)


class SuggestionAnswer(Answer):
    """A matter that may be meant, who leads it there, and why it is suggested.

    `process`: it goes its fixed way over several units (一件事). `self_handle`: the list lets it
    be settled on the spot (就地处理).
    """

    code: str
    name: str
    domain: str
    lead: str | None
    process: bool
    self_handle: bool
    why: list[str]


class SuggestionsAnswer(Answer):
    """What a unit leads that the words name, and at most five by the rest of them, best first."""

    items: list[SuggestionAnswer]


@routes.get("/matters", query=MatterQuery, answer=SuggestionsAnswer)
async def matters(request: web.Request, query: MatterQuery) -> web.Response:
    """Suggest matters for words, with the unit that would lead at the place.

    Of a question, which is short, what has nothing to do with it is left out.
    """
    at, known = now(), basis(request)
    placed = query.placed(known, at)
    township = placed.location.found.township if placed else None
    lists = known.lists.at(at)
    items = []
    around = Circumstances(
        band=band_of(at.astimezone(known.zone)),
        township=township.code if township else "",
        village=_village(placed),
    )
    suggester = known.lists.suggester(at)
    meant = who_sees_to(query.q, lists.entries(), suggester, known.units, circumstances=around)
    for found in meant:
        finding = lists.lookup(found.code, township.code if township else "")
        lead = known.units.by_id.get(finding.lead_unit_id or 0)
        items.append(
            SuggestionAnswer(
                code=found.code,
                name=found.name,
                domain=found.domain,
                lead=lead.name if lead else None,
                process=bool(finding.steps),
                self_handle=bool(finding.entry and finding.entry.self_handle),
                why=list(found.why),
            )
        )
    return reply(SuggestionsAnswer(items=items))


def _village(placed: Placed | None) -> str:
    village = placed.location.found.village if placed else None
    return village.name if village else ""


class NearbyQuery(PointQuery):
    """Around which point, and of which matter."""

    matter: str = Field(default="", max_length=20)


class NearbyCase(Answer):
    """An open case nearby: the square in which it lies, within how many metres, on which day.

    `about` says the latter two in words; `received_at` is the beginning of that day.

    No words and no photo, by decision: both are their reporter's until the case is closed, and
    followers do not get them either. What one needs to know a case again is its matter, about how
    far away and since when, and what is done about it, in `stage_text`.
    """

    no: str
    matter: str
    stage: Stage
    stage_text: str
    lon: float
    lat: float
    received_at: datetime
    within_m: int
    about: str


class NearbyAnswer(Answer):
    """Open cases that others reported within some 100 m and 15 days; all within 50 m."""

    items: list[NearbyCase]


@routes.get("/nearby", query=NearbyQuery, answer=NearbyAnswer)
async def nearby(request: web.Request, query: NearbyQuery) -> web.Response:
    """List what has been reported here already, so that one may follow it instead."""
    by, at, known = call_of(request)
    placed = query.placed(known, at)
    if placed is None:
        raise BadInput([{"pointer": "/lon", "reason": "missing"}])
    await require_known(known, at, matter=query.matter)
    rows = await around.nearby(
        placed.lon, placed.lat, by=by, at=at, basis=known, matter=query.matter
    )
    items = [
        NearbyCase(
            no=row.no,
            matter=row.matter,
            stage=row.stage,
            stage_text=plainly("stage", row.stage),
            lon=row.lon,
            lat=row.lat,
            received_at=datetime.combine(row.on, time(), known.zone).astimezone(UTC),
            within_m=row.within_m,
            about=row.about,
        )
        for row in rows
    ]
    return reply(NearbyAnswer(items=items))


class PlaceAnswer(Answer):
    """A place by code and name."""

    code: str
    name: str


class PlaceCandidate(Answer):
    """A grid that the point may lie in, with probability and distance in metres."""

    code: str
    name: str
    township: str
    p: float
    distance_m: float


#: Why a point is not settled.
Doubt = Annotated[str, one_of("outside_county", "no_grid", "border", "datum_unknown")]


class WhereAnswer(Answer):
    """Where a point is: one place per level, or candidates with distances."""

    county: PlaceAnswer | None
    township: PlaceAnswer | None
    village: PlaceAnswer | None
    grid: PlaceAnswer | None
    certain: bool
    why: list[Doubt]
    candidates: list[PlaceCandidate]
    nearest: PlaceCandidate | None
    generation: str


@routes.get("/place", query=PointQuery, answer=WhereAnswer)
async def place(request: web.Request, query: PointQuery) -> web.Response:
    """Say where a point is."""
    placed = query.placed(basis(request), now())
    if placed is None:
        raise BadInput([{"pointer": "/lon", "reason": "missing"}])
    location = placed.location
    nearest = location.nearest
    return reply(
        WhereAnswer(
            county=_named(location.found.county),
            township=_named(location.found.township),
            village=_named(location.found.village),
            grid=_named(location.found.grid),
            certain=placing.certain(placed, basis=basis(request)),
            why=list(placed.doubts),
            candidates=[
                PlaceCandidate.model_validate(each, from_attributes=True)
                for each in location.candidates
            ],
            nearest=PlaceCandidate.model_validate(nearest, from_attributes=True)
            if nearest
            else None,
            generation=str(location.generation_id),
        )
    )


def _named(place_name: PlaceName | None) -> PlaceAnswer | None:
    return PlaceAnswer(code=place_name.code, name=place_name.name) if place_name else None
