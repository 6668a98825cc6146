"""How the list of cases is narrowed at a desk; what there is not is refused by its name."""

from datetime import datetime
from typing import Self

from pydantic import Field

from server.cases.reading import queries
from server.cases.reading.by_words import said_of
from server.cases.reading.queries import Narrowing
from server.cases.reading.states import Appraised, Clock, States, Trouble
from server.cases.rules.basis import Basis
from server.cases.rules.flow import Part, Stage
from server.cases.rules.shown import CHANNELS, channels_meant
from server.errors import BadInput, UnknownUnit
from server.http.boxes import Box, read_box
from server.http.forms import Answer, Moment, PageQuery, Query
from server.people.actor import Actor
from server.people.queries import once_called
from server.shared_api.enumerations import (
    AnyChannel,
    AnyMatterKind,
    AnyPlatform,
    AnyStage,
)
from server.shared_api.narrowing import refuse, unknown
from server.texts.catalogue import names, text


class Choice(Answer):
    """One of what a filter can be set to."""

    code: str
    name: str


class CaseChoices(Answer):
    """What the list can be narrowed to, as people call it."""

    stages: list[Choice]
    townships: list[Choice]
    domains: list[Choice]
    channels: list[Choice]
    platforms: list[Choice]
    troubles: list[Choice]
    parts: list[Choice]

    @classmethod
    def of(cls, known: Basis, *, by: Actor, at: datetime) -> Self:
        """Return what there is at a moment for somebody."""
        told = [each for each in CHANNELS if channels_meant(each, queries.reader(by))]
        places = known.places.at(at)
        townships = places.rows("township") if places else ()
        domains = sorted({entry.domain for entry in known.lists.at(at).entries() if entry.domain})
        return cls(
            stages=[Choice(code=each, name=text(f"stage.{each}")) for each in Stage],
            townships=[Choice(code=each.code, name=each.name) for each in townships],
            domains=[Choice(code=each, name=each) for each in domains],
            channels=[Choice(code=each, name=text(f"channel.{each}")) for each in told],
            platforms=[Choice(code=each, name=each) for each in names("platform")],
            troubles=[Choice(code=each, name=text(f"trouble.{each}")) for each in Trouble],
            parts=[Choice(code=each, name=text(f"part.{each}")) for each in Part],
        )


class CasesFilter(Query):
    """How cases are narrowed; every part does.

    `q`: all its words are said of a case: in what was reported, its address, places, matter,
    result, in the names of its units; digits are also an end of its number. `township`, `village`
    and `grid` are codes, `channel` is the way by which it came, as far as one may know, `platform`
    that of a task, `appraisal` what was last said of a closed one, `unit` any name of one and
    `part` what it does there, `lead` the unit that leads it now, by id or name,
    `domain` as the lists in force call it.
    """

    stage: AnyStage = ""
    kind: AnyMatterKind = ""
    township: str = Field(default="", max_length=20)
    village: str = Field(default="", max_length=20)
    grid: str = Field(default="", max_length=20)
    unit: str = Field(default="", max_length=80)
    part: Part | None = None
    domain: str = Field(default="", max_length=40)
    matter: str = Field(default="", max_length=20)
    overdue: bool = False
    open: bool = False
    lead: str = Field(default="", max_length=80)
    channel: AnyChannel = ""
    platform: AnyPlatform = ""
    clock: Clock | None = None
    appraisal: Appraised | None = None
    trouble: Trouble | None = None
    q: str = Field(default="", max_length=50)
    bbox: str = Field(default="", max_length=100)
    from_: Moment | None = Field(default=None, alias="from")
    to: Moment | None = None
    closed_from: Moment | None = None
    closed_to: Moment | None = None

    def box(self) -> Box | None:
        """Return the box; raises BadInput for what is none."""
        return read_box(self.bbox)

    async def narrowing(self, known: Basis, *, by: Actor, at: datetime) -> Narrowing:
        """Return what somebody's list is narrowed to; raises BadInput naming what there is not."""
        await self._require_known(known, at)
        unit = await once_called(self.unit, known.units) if self.unit else None
        return Narrowing(
            stage=self.stage,
            kind=self.kind,
            township=self.township,
            village=self.village,
            grid=self.grid,
            unit_ids=known.units.house(unit.id) if unit else (),
            part=self.part.value if self.part else "",
            matters=self._matters(known, at),
            overdue=self.overdue,
            open=self.open,
            lead_id=known.units.identified(self.lead).id if self.lead else None,
            closed_from=self.closed_from,
            closed_to=self.closed_to,
            states=States(
                channels=channels_meant(self.channel, queries.reader(by))
                if self.channel
                else None,
                platform=self.platform,
                clock=self.clock,
                appraisal=self.appraisal,
                trouble=self.trouble,
            ),
            words=said_of(self.q, known.units) if self.q.strip() else None,
            bbox=self.box(),
            received_from=self.from_,
            received_to=self.to,
        )

    async def _require_known(self, known: Basis, at: datetime) -> None:
        if self.part and not self.unit:
            raise BadInput([{"pointer": "/unit", "reason": "missing"}])
        found = await unknown(
            known,
            at,
            unit=self.unit,
            matter=self.matter,
            township=self.township,
            village=self.village,
            grid=self.grid,
        )
        if self.lead and not _is_unit(self.lead, known):
            found.add("lead")
        if self.domain and not self._in_domain(known, at):
            found.add("domain")
        refuse(found)

    def _matters(self, known: Basis, at: datetime) -> tuple[str, ...] | None:
        """Return the codes of the matters that are asked for; None for whichever."""
        if not self.domain:
            return (self.matter,) if self.matter else None
        return tuple(c for c in self._in_domain(known, at) if self.matter in ("", c))

    def _in_domain(self, known: Basis, at: datetime) -> list[str]:
        entries = known.lists.at(at).entries()
        return [entry.matter_code for entry in entries if entry.domain == self.domain]


def _is_unit(written: str, known: Basis) -> bool:
    try:
        known.units.identified(written)
    except UnknownUnit:
        return False
    return True


class CasesQuery(PageQuery, CasesFilter):
    """How the list of cases is narrowed, and where in it to go on."""
