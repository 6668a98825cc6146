"""Which unit answers for a matter at a place: a look-up that can be explained afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, tzinfo
from typing import Final

from server.people.units import Units
from server.responsibility.list.entries import (
    CandidateUnit,
    CitedPrecedent,
    Explanation,
    Finding,
    PrecedentView,
    StepShare,
    VersionView,
)
from server.responsibility.list.fields import EntryView, FilingCondition, ProcessStep
from server.responsibility.list.list_types import list_types
from server.responsibility.sheets import columns
from server.texts.catalogue import text

#: So much of a precedent's minutes is cited.
_CITED: Final = 80


@dataclass(frozen=True, slots=True)
class Lead:
    """The unit found for a place, by which rule, and why not by the first choice."""

    unit_id: int | None
    rule: str
    fallback: str | None = None


class CompiledVersion:
    """A version's entries by matter code; immutable."""

    __slots__ = ("enforces", "entries", "version")

    def __init__(self, version: VersionView, entries: Sequence[EntryView]) -> None:
        self.version = version
        kind = list_types().get(version.list_type)
        self.enforces = kind is not None and kind.enforcement
        self.entries: Mapping[str, EntryView] = {each.matter_code: each for each in entries}

    def as_of(self, moment: datetime, units: Units) -> "CompiledVersion":
        """Return the version without what townships were admitted to until before an instant."""
        entries = self.entries.values()
        if not any(each.township_until and each.township_until <= moment for each in entries):
            return self
        kept = (_still(each, moment, units) for each in entries)
        return CompiledVersion(self.version, [each for each in kept if each is not None])


Precedents = Mapping[str, tuple[PrecedentView, ...]]


class ListInForce:
    """The versions in force at one moment, in the configured order of list types.

    `precedents` are those of each matter, the newest first; their days are those of `zone`.
    """

    __slots__ = ("_enforcing", "_precedents", "_units", "_zone", "versions")

    def __init__(
        self,
        versions: Sequence[CompiledVersion],
        units: Units,
        *,
        precedents: Precedents | None = None,
        zone: tzinfo = UTC,
    ) -> None:
        self.versions = tuple(versions)
        # Sorting keeps the configured order on either side.
        self._enforcing = tuple(sorted(versions, key=lambda each: not each.enforces))
        self._units = units
        self._precedents = precedents or {}
        self._zone = zone

    def entry(self, matter_code: str) -> EntryView | None:
        """Return the entry that governs a matter: of the first list that has it."""
        for version in self.versions:
            found = version.entries.get(matter_code)
            if found is not None:
                return found
        return None

    def entries(self) -> list[EntryView]:
        """Return the governing entry of every matter, in the order of the codes."""
        governing = dict[str, EntryView]()
        for version in reversed(self.versions):
            governing.update(version.entries)
        return [governing[code] for code in sorted(governing)]

    def lookup(
        self,
        matter_code: str,
        township_code: str,
        condition: int | None = None,
        *,
        enforcement: bool = False,
    ) -> Finding:
        """Return who answers for a matter in a township, '' for a place not known.

        `condition` is the position of the chosen filing condition, whose limit goes before the
        entry's; a question of `enforcement` asks the enforcement lists first. A matter on no list
        is `off_list` and has no lead: it falls on nobody by default. Precedents are cited; they
        bind whoever has to decide, and decide nothing by themselves.
        """
        asked = self._enforcing if enforcement else self.versions
        found = self._look_up(asked, matter_code, township_code, condition)
        cited = replace(found.explanation, precedents=self._cited(matter_code))
        return replace(found, explanation=cited)

    def _look_up(
        self,
        asked: Sequence[CompiledVersion],
        matter_code: str,
        township_code: str,
        condition: int | None,
    ) -> Finding:
        for compiled in asked:
            entry = compiled.entries.get(matter_code)
            if entry is not None:
                return self._found(compiled.version, entry, township_code, condition)
        return Finding(
            entry=None,
            version=None,
            lead_unit_id=None,
            cooperating=(),
            limit=None,
            urgency="",
            explanation=Explanation(
                rule="off_list",
                matter_code=matter_code,
                township_code=township_code,
                searched=tuple(each.version.id for each in self.versions),
            ),
            off_list=True,
        )

    def _found(
        self, version: VersionView, entry: EntryView, township_code: str, condition: int | None
    ) -> Finding:
        lead = self._lead(entry, township_code)
        limit, urgency = entry.limit, entry.urgency
        chosen = _chosen(entry, condition)
        if chosen is not None and chosen.limit is not None and chosen.urgency is not None:
            limit, urgency = chosen.limit, chosen.urgency
        cooperating, missing = self._cooperating(entry, lead.unit_id, township_code)
        return Finding(
            entry=entry,
            version=version,
            lead_unit_id=lead.unit_id,
            cooperating=cooperating,
            limit=limit,
            urgency=urgency,
            explanation=Explanation(
                rule=lead.rule,
                fallback=lead.fallback,
                version_id=version.id,
                version=version.label,
                list=version.list_name,
                list_type=version.list_type,
                entry_id=entry.id,
                row=entry.row,
                matter_code=entry.matter_code,
                matter=entry.name,
                platform=entry.platform,
                township_code=township_code,
                lead=self._name(lead.unit_id),
                lead_unit_id=lead.unit_id,
                named_lead=self._name(entry.lead_id),
                candidates=tuple(
                    CandidateUnit(unit, self._name(unit))
                    for unit in dict.fromkeys((lead.unit_id, entry.lead_id))
                    if unit
                ),
                cooperating=tuple(self._name(unit_id) or "" for unit_id, _ in cooperating),
                township_missing=missing,
                condition=chosen.text if chosen else None,
                limit=limit,
                urgency=urgency,
            ),
            off_list=False,
            steps=self._steps(entry, lead.unit_id, township_code),
        )

    def _steps(
        self, entry: EntryView, lead_id: int | None, township_code: str
    ) -> tuple[StepShare, ...]:
        """Return the matter's process at a place, in order; what no unit can do is the lead's."""
        leads = {lead_id, entry.lead_id}
        ordered = sorted(entry.process, key=lambda step: step.position)
        found = [(step, self._unit_of(step, township_code)) for step in ordered]
        return tuple(
            StepShare(
                position=step.position,
                unit_id=None if unit_id in leads else unit_id,
                step=step.step,
                limit=step.limit,
                urgency=step.urgency,
            )
            for step, unit_id in found
        )

    def _unit_of(self, step: ProcessStep, township_code: str) -> int | None:
        if columns.is_township(step.unit):
            unit = self._units.township_unit(township_code) if township_code else None
        else:
            named = self._units.named(step.unit)
            unit = self._units.acting(named.id) if named is not None else None
        return unit.id if unit is not None and unit.active else None

    def _lead(self, entry: EntryView, township_code: str) -> Lead:
        if entry.lead_id is None:
            return self._township_lead(township_code)
        department = self._units.acting(entry.lead_id)
        if department is None:
            return Lead(None, "lead_gone", "unit_inactive")
        if entry.receives != "station":
            merged = department.id != entry.lead_id
            return Lead(department.id, "lead", "unit_merged" if merged else None)
        if not township_code:
            return Lead(department.id, "department_no_station", "place_unknown")
        station = self._units.station_for(department.id, township_code)
        if station is None or not station.active:
            return Lead(department.id, "department_no_station", "no_station")
        return Lead(station.id, "station")

    def _township_lead(self, township_code: str) -> Lead:
        if not township_code:
            return Lead(None, "township_unknown", "place_unknown")
        township = self._units.township_unit(township_code)
        if township is None or not township.active:
            return Lead(None, "township_unknown", "no_township_unit")
        return Lead(township.id, "township_of_place")

    def _cooperating(
        self, entry: EntryView, lead_id: int | None, township_code: str
    ) -> tuple[tuple[tuple[int, str], ...], bool]:
        """Return each cooperating unit once, and whether the township's could not be told."""
        township = self._units.township_unit(township_code) if township_code else None
        found = dict[int, str]()
        missing = False
        for each in entry.cooperating:
            if each.unit_id is None:
                unit_id = township.id if township else None
            else:
                heir = self._units.acting(each.unit_id)
                unit_id = heir.id if heir else each.unit_id
            if unit_id is None:
                missing = True
            elif unit_id not in (lead_id, entry.lead_id):
                found.setdefault(unit_id, each.duties)
        return tuple(found.items()), missing

    def _cited(self, matter_code: str) -> tuple[CitedPrecedent, ...]:
        return tuple(
            CitedPrecedent(
                on=f"{each.decided_at.astimezone(self._zone):%Y-%m-%d}",
                no=each.case_no,
                lead=self._name(each.lead_id),
                lead_unit_id=each.lead_id,
                text=each.text if len(each.text) <= _CITED else f"{each.text[:_CITED]}…",
            )
            for each in self._precedents.get(matter_code, ())
        )

    def _name(self, unit_id: int | None) -> str | None:
        unit = self._units.by_id.get(unit_id) if unit_id is not None else None
        return unit.name if unit is not None else None


def _still(entry: EntryView, moment: datetime, units: Units) -> EntryView | None:
    """Return what is left of an entry once its townships' admission is over."""
    if entry.township_until is None or entry.township_until > moment:
        return entry
    if units.local(entry.lead_id):
        return None
    helpers = tuple(each for each in entry.cooperating if not units.local(each.unit_id))
    return replace(entry, cooperating=helpers, township_duties="")


def _chosen(entry: EntryView, condition: int | None) -> FilingCondition | None:
    if condition is None or not 0 <= condition < len(entry.filing_conditions):
        return None
    return entry.filing_conditions[condition]


def explain(explanation: Explanation) -> str:
    """Return a finding's explanation as a sentence that a clerk can read out."""
    facts = words_of(explanation)
    sentence = text(f"explanation.{explanation.rule}", **facts)
    if explanation.fallback:
        sentence += text(f"explanation.fallback.{explanation.fallback}", **facts)
    if explanation.cooperating:
        sentence += text("explanation.cooperating", **facts)
    for each in explanation.precedents:
        sentence += text(
            "explanation.precedent", no=each.no, on=each.on, lead=each.lead, text=each.text
        )
    return sentence


def words_of(explanation: Explanation) -> dict[str, object]:
    """Return what sentences about an explanation may name."""
    helpers = text("explanation.and").join(explanation.cooperating)
    return {each.name: getattr(explanation, each.name) for each in fields(explanation)} | {
        "cooperating": helpers
    }
