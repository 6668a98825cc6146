"""One row of a spreadsheet turned into an entry, or into what is wrong with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from server.people.units import Units
from server.responsibility import columns
from server.responsibility.columns import Layout
from server.responsibility.entries import FilingCondition, ProcessStep

_UNITS: Final = re.compile(r"[、，,;；/／\n]+")
_CONDITIONS: Final = re.compile(r"[；;\n]+")
_WORDS: Final = re.compile(r"[、，,;；\n]+")
_CONDITION: Final = re.compile(r"(.+?)\s*〔(.+)〕")
_DUTY: Final = re.compile(r"([^：:]{2,80})[：:](.*)", re.DOTALL)
_STEP: Final = re.compile(r"\s*(\d{1,3})\s*[.．、]\s*([^|｜]+)[|｜]([^|｜]+)(?:[|｜]([^|｜]*))?")
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,19}")
_LONGEST: Final = {
    "name": 120,
    "domain": 40,
    "platform": 20,
    "contact_name": 80,
    "contact_phone": 40,
}
# Text in which a number has lost something: leading zeros, or digits.
_NEVER_NUMBERS: Final = ("code", "contact_phone", "name")


@dataclass(frozen=True, slots=True)
class Match:
    """How a written name was understood; `confidence` 1 for the name, 0.9 for a short name."""

    written: str
    unit_id: int | None
    confidence: float


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: in which column, a stable code, facts for the sentence."""

    row: int
    column: str
    code: str
    facts: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as a row gives it; None for a unit is the township of the place."""

    row: int
    code: str
    texts: dict[str, str]
    kind: str
    responsibility: str
    lead_id: int | None
    self_handle: bool
    receives: str
    limit: int
    urgency: str
    filing_conditions: tuple[FilingCondition, ...]
    words: tuple[str, ...]
    process: tuple[ProcessStep, ...]
    cooperating: tuple[tuple[int | None, str], ...]
    matches: tuple[Match, ...]


class RowReader:
    """Reads rows of one table with one view of the units; collects every fault of a row."""

    def __init__(self, layout: Layout, units: Units) -> None:
        self._layout = layout
        self._units = units
        self._row = 0
        self.faults: list[Fault] = []

    def read(self, row: int) -> Draft | None:
        """Return the entry of a row counted from 1, or None when `faults` say why not."""
        self._row = row
        before = len(self.faults)
        self._check_cells()
        matches = list[Match]()
        responsibility = self._choice("responsibility", "county")
        lead_id = self._lead(responsibility, matches)
        limit, urgency = self._limit()
        draft = Draft(
            row=row,
            code=self._code(),
            texts=self._texts(),
            kind=self._choice("kind", "livelihood"),
            responsibility=responsibility,
            lead_id=lead_id,
            self_handle=self._choice("self_handle", "no") == "yes",
            receives=self._choice("receives", "department"),
            limit=limit,
            urgency=urgency,
            filing_conditions=tuple(self._conditions()),
            words=tuple(dict.fromkeys(self._parts("words", _WORDS))),
            process=tuple(self._process()),
            cooperating=self._cooperating(lead_id, responsibility, matches),
            matches=tuple(matches),
        )
        return draft if len(self.faults) == before else None

    def _said(self, name: str) -> str:
        return self._layout.cell(self._row, name).text

    def _fault(self, name: str, code: str, **facts: object) -> None:
        self.faults.append(Fault(self._row, name, code, facts))

    def _parts(self, name: str, separator: re.Pattern[str]) -> list[str]:
        return [part.strip() for part in separator.split(self._said(name)) if part.strip()]

    def _check_cells(self) -> None:
        for name in self._layout.columns:
            cell = self._layout.cell(self._row, name)
            if cell.error:
                self._fault(name, "error_value", text=cell.text)
            elif cell.damaged or (cell.number and name in _NEVER_NUMBERS):
                self._fault(name, "number_for_text", text=cell.text)

    def _texts(self) -> dict[str, str]:
        for name, most in _LONGEST.items():
            if len(self._said(name)) > most:
                self._fault(name, "too_long", most=most)
        if not self._said("name"):
            self._fault("name", "missing")
        return {
            name: self._said(name)
            for name in (
                "name",
                "domain",
                "description",
                "platform",
                "lead_duties",
                "township_duties",
                "legal_basis",
                "contact_name",
                "contact_phone",
                "closing_condition",
            )
        }

    def _code(self) -> str:
        said = self._said("code")
        if said and not _CODE.fullmatch(said):
            self._fault("code", "bad_code", text=said[:40])
        return said

    def _choice(self, name: str, default: str) -> str:
        said = self._said(name)
        if not said:
            return default
        found = columns.value(name, said)
        if found is None:
            self._fault(name, "unknown_value", text=said[:40])
        return found or default

    def _limit(self) -> tuple[int, str]:
        said = self._said("limit")
        found = columns.amount(said, self._said("urgency"))
        if found is None:
            self._fault("limit", "bad_limit" if said else "missing", text=said[:40])
        return found or (0, "")

    def _unit(self, name: str, written: str, matches: list[Match]) -> int | None:
        unit = self._units.by_name(written)
        if unit is None or not unit.active:
            self._fault(name, "unknown_unit", text=written[:80])
            return None
        exact = columns.plain(unit.name) == columns.plain(written)
        matches.append(Match(written, unit.id, 1.0 if exact else 0.9))
        return unit.id

    def _lead(self, responsibility: str, matches: list[Match]) -> int | None:
        named = self._parts("lead", _UNITS)
        if len(named) != 1:
            code = "two_leads" if named else "missing"
            self._fault("lead", code, text=self._said("lead")[:80])
            return None
        if columns.is_township(named[0]):
            if responsibility != "township":
                self._fault("lead", "township_leads_county_matter")
            return None
        if responsibility == "township":
            self._fault("lead", "department_leads_township_matter", text=named[0][:80])
        return self._unit("lead", named[0], matches)

    def _cooperating(
        self, lead_id: int | None, responsibility: str, matches: list[Match]
    ) -> tuple[tuple[int | None, str], ...]:
        duties = self._duties()
        found = dict[int | None, str]()
        for written in self._parts("cooperating", _UNITS):
            said = duties.pop(columns.plain(written), "")
            if columns.is_township(written):
                if responsibility == "township":
                    self._fault("cooperating", "lead_cooperates", text=written)
                unit_id, said = None, said or self._said("township_duties")
            else:
                unit_id = self._unit("cooperating", written, matches)
                if unit_id is None:
                    continue
                if unit_id == lead_id:
                    self._fault("cooperating", "lead_cooperates", text=written[:80])
            if unit_id in found:
                self._fault("cooperating", "unit_twice", text=written[:80])
            found[unit_id] = said
        for written in duties:
            self._fault("cooperating_duties", "duty_of_no_unit", text=written[:80])
        return tuple(found.items())

    def _duties(self) -> dict[str, str]:
        said = self._said("cooperating_duties")
        named = self._parts("cooperating", _UNITS)
        found, last = dict[str, str](), ""
        for line in said.splitlines():
            split = _DUTY.fullmatch(line.strip())
            if split is not None:
                last = columns.plain(split[1])
                found[last] = split[2].strip()
            elif last:
                found[last] += "\n" + line.strip()
            elif len(named) == 1:
                last = columns.plain(named[0])
                found[last] = line.strip()
            elif line.strip():
                self._fault("cooperating_duties", "duty_of_no_unit", text=line.strip()[:80])
        return found

    def _conditions(self) -> Iterator[FilingCondition]:
        for part in self._parts("filing_conditions", _CONDITIONS):
            split = _CONDITION.fullmatch(part)
            if split is None:
                yield FilingCondition(part)
                continue
            limit = columns.amount(split[2])
            if limit is None:
                self._fault("filing_conditions", "bad_limit", text=split[2][:40])
            else:
                yield FilingCondition(split[1], *limit)

    def _process(self) -> Iterator[ProcessStep]:
        for line in self._said("process").splitlines():
            if not line.strip():
                continue
            split = _STEP.fullmatch(line)
            said = (split[4] or "").strip() if split else ""
            limit = columns.amount(said) if said else None
            if split is None or (said and limit is None):
                self._fault("process", "bad_step", text=line[:80])
                continue
            unit = split[2].strip()
            if not columns.is_township(unit) and self._units.by_name(unit) is None:
                self._fault("process", "unknown_unit", text=unit[:80])
            yield ProcessStep(int(split[1]), unit, split[3].strip(), *(limit or (None, None)))
