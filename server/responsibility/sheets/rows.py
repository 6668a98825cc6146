"""One row of a spreadsheet turned into an entry, or into what is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from server.responsibility.list.fields import (
    LONGEST,
    TEXTS,
    Cooperating,
    EntryView,
    FilingCondition,
    ProcessStep,
)
from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns
from server.responsibility.sheets.columns import Layout
from server.responsibility.sheets.matching import EXACT, Candidate, Match, Question, UnitMatcher

_UNITS: Final = re.compile(r"[、，,;；/／\n]+")
_CONDITIONS: Final = re.compile(r"[；;\n]+")
_LISTED: Final = re.compile(r"[、，,;；\n]+")
_SEPARATED: Final = {
    "lead": _UNITS,
    "cooperating": _UNITS,
    "filing_conditions": _CONDITIONS,
    "words": _LISTED,
    "tags": _LISTED,
}
_MOST_PARTS: Final = 100
_CONDITION: Final = re.compile(r"(.+?)\s*〔(.+)〕")
_DUTY: Final = re.compile(r"([^：:]{2,80})[：:](.*)", re.DOTALL)
_STEP: Final = re.compile(r"\s*(\d{1,3})\s*[.．、]\s*([^|｜]+)[|｜]([^|｜]+)(?:[|｜]([^|｜]*))?")
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,19}")
#: Begins a line that belongs to the duty above, whatever it looks like.
GOES_ON: Final = "\u3000"
# Text in which a number has lost something: leading zeros, or digits.
_NEVER_NUMBERS: Final = ("code", *(each.name for each in TEXTS if each.never_number))


def is_code(said: str) -> bool:
    """Tell whether a text can be a matter's code."""
    return _CODE.fullmatch(said) is not None


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
    tags: tuple[str, ...]
    extras: dict[str, str]
    matches: tuple[Match, ...]

    def entry(self, number: int, version_id: int) -> EntryView:
        """Return the entry that the row becomes."""
        return EntryView(
            id=number,
            version_id=version_id,
            matter_code=self.code,
            row=self.row,
            kind=self.kind,
            responsibility=self.responsibility,
            lead_id=self.lead_id,
            cooperating=tuple(Cooperating(*each) for each in self.cooperating),
            limit=self.limit,
            urgency=self.urgency,
            self_handle=self.self_handle,
            receives=self.receives,
            filing_conditions=self.filing_conditions,
            words=self.words,
            process=self.process,
            tags=self.tags,
            extras=self.extras,
            township_until=None,
            **self.texts,
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """With what a sheet is read: its type, the units, and what a person answered before."""

    kind: ListType
    units: UnitMatcher
    answers: Mapping[str, str]


class RowReader:
    """Reads rows of one table; collects every fault of a row, and what only a person can say."""

    def __init__(self, layout: Layout, reading: Reading) -> None:
        self._layout = layout
        self._kind = reading.kind
        self._units = reading.units
        self._answers = reading.answers
        self._row = 0
        self.faults: list[Fault] = []
        self.questions: dict[str, Question] = {}

    def read(self, row: int, domain: str = "") -> Draft | None:
        """Return the entry of a row counted from 1, or None when `faults` say why not.

        `domain` is what a heading above it said. While `questions` wait, units may be missing.
        """
        self._row = row
        before = len(self.faults)
        self._check_cells()
        matches = list[Match]()
        responsibility = self._responsibility()
        lead_id, others = self._lead(responsibility, matches)
        limit, urgency = self._limit()
        texts = self._texts()
        draft = Draft(
            row=row,
            code=self._code(),
            texts=texts | {"domain": texts["domain"] or domain[: LONGEST["domain"]]},
            kind=self._choice("kind"),
            responsibility=responsibility,
            lead_id=lead_id,
            self_handle=self._choice("self_handle") == "yes",
            receives=self._choice("receives"),
            limit=limit,
            urgency=urgency,
            filing_conditions=tuple(self._conditions()),
            words=tuple(dict.fromkeys(self._parts("words"))),
            process=tuple(self._process()),
            cooperating=self._cooperating(lead_id, others, responsibility, matches),
            tags=tuple(dict.fromkeys(self._parts("tags"))),
            extras=self._extras(),
            matches=tuple(matches),
        )
        return draft if len(self.faults) == before else None

    def _said(self, name: str) -> str:
        return self._layout.cell(self._row, name).text

    def _fault(self, name: str, code: str, **facts: object) -> None:
        self.faults.append(Fault(self._row, name, code, facts))

    def _parts(self, name: str) -> list[str]:
        parts = [part.strip() for part in _SEPARATED[name].split(self._said(name))]
        return [part for part in parts if part][:_MOST_PARTS]

    def _check_cells(self) -> None:
        for name in self._layout.columns:
            cell = self._layout.cell(self._row, name)
            if cell.error:
                self._fault(name, "error_value", text=cell.text)
            elif cell.damaged or (cell.number and name in _NEVER_NUMBERS):
                self._fault(name, "number_for_text", text=cell.text)
            elif name in _SEPARATED and len(_SEPARATED[name].split(cell.text)) > _MOST_PARTS:
                self._fault(name, "too_many_parts", most=_MOST_PARTS)

    def _texts(self) -> dict[str, str]:
        for name, most in LONGEST.items():
            if len(self._said(name)) > most:
                self._fault(name, "too_long", most=most)
        if not self._said("name"):
            self._fault("name", "missing")
        return {each.name: self._said(each.name) for each in TEXTS}

    def _code(self) -> str:
        said = self._said("code")
        if said and not is_code(said):
            self._fault("code", "bad_code", text=said[:40])
        return said

    def _choice(self, name: str) -> str:
        said, default = self._said(name), self._kind.unsaid[name]
        if not said:
            return default
        found = columns.value(name, said)
        if found is None:
            self._fault(name, "unknown_value", text=said[:40])
        return found or default

    def _responsibility(self) -> str:
        """Return whose it is: by the type of list, or by the column where either may lead."""
        default, said = self._kind.unsaid["responsibility"], self._choice("responsibility")
        if self._kind.leads != "either" and (said == "township") != (default == "township"):
            self._fault("responsibility", "wrong_side", text=self._said("responsibility")[:40])
            return default
        return said

    def _limit(self) -> tuple[int, str]:
        said = self._said("limit")
        if not said and self._kind.limit:
            return columns.amount(self._kind.limit) or (0, "")
        found = columns.amount(said, self._said("urgency"))
        if found is None:
            self._fault("limit", "bad_limit" if said else "missing", text=said[:40])
        return found or (0, "")

    def _extras(self) -> dict[str, str]:
        said = {
            name: self._layout.at(self._row, at).text for name, at in self._layout.extras.items()
        }
        return {name: text for name, text in said.items() if text}

    def _unit(self, name: str, written: str, matches: list[Match]) -> int | None:
        match = self._units.match(written)
        if match is None:
            match = self._answered(name, written)
        if match is None:
            return None
        matches.append(match)
        return match.unit_id

    def _answered(self, name: str, written: str) -> Match | None:
        """Return what a person said of a name, or ask when something is like it."""
        key = f"unit:{columns.plain(written)}"[:100]
        if (unit := self._units.by_id(self._answers.get(key, ""))) is not None:
            return Match(written, unit.id, EXACT)
        candidates = self._units.candidates(written)
        if not candidates:
            self._fault(name, "unknown_unit", text=written[:80])
            return None
        self._ask(Question(key, "unit", self._heading(name), written[:80], [], candidates))
        return None

    def _ask(self, question: Question) -> None:
        asked = self.questions.setdefault(question.id, question)
        if self._row not in asked.rows[-1:]:
            asked.rows.append(self._row)

    def _heading(self, name: str) -> str:
        return self._layout.headers.get(name) or columns.heading(name, self._kind)

    def _lead(self, responsibility: str, matches: list[Match]) -> tuple[int | None, list[int]]:
        """Return the lead, and the others that a cell of several names."""
        said = [columns.lead_of(written) for written in self._parts("lead")]
        named = [name for name, _ in said]
        marked = [at for at, (_, mark) in enumerate(said) if mark]
        if self._kind.leads == "township":
            self._refuse_department(named)
            return None, []
        if len(named) > 1 and self._kind.several_leads == "ask":
            return self._which_leads(named, marked, matches)
        if len(named) != 1:
            code = "two_leads" if named else "missing"
            self._fault("lead", code, text=self._said("lead")[:80])
            return None, []
        if columns.is_township(named[0]):
            if responsibility != "township":
                self._fault("lead", "township_leads_county_matter")
            return None, []
        if responsibility == "township":
            self._refuse_department(named)
        return self._unit("lead", named[0], matches), []

    def _refuse_department(self, named: list[str]) -> None:
        for written in named:
            if not columns.is_township(written):
                self._fault("lead", "department_leads_township_matter", text=written[:80])

    def _which_leads(
        self, named: list[str], marked: list[int], matches: list[Match]
    ) -> tuple[int | None, list[int]]:
        """Return the department marked as the lead, or ask which it is; the others cooperate."""
        found = [self._unit("lead", written, matches) for written in named]
        ids = [unit_id for unit_id in dict.fromkeys(found) if unit_id is not None]
        if len(ids) != len(named):
            return None, []
        said = "\n".join(columns.plain(each) for each in named)
        key = f"lead:{sha256(said.encode()).hexdigest()[:16]}"
        answer = self._answers.get(key, "")
        lead = str(found[marked[0]]) if len(marked) == 1 else answer
        if lead in map(str, ids):
            return int(lead), [unit_id for unit_id in ids if unit_id != int(lead)]
        candidates = tuple(
            Candidate(str(unit_id), written, EXACT)
            for unit_id, written in zip(ids, named, strict=True)
        )
        written = self._said("lead")[:80]
        self._ask(Question(key, "lead", self._heading("lead"), written, [], candidates))
        return None, []

    def _cooperating(
        self,
        lead_id: int | None,
        others: list[int],
        responsibility: str,
        matches: list[Match],
    ) -> tuple[tuple[int | None, str], ...]:
        duties = self._duties()
        found = dict[int | None, str](dict.fromkeys(others, ""))
        for written in self._parts("cooperating"):
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
        if self._kind.township_cooperates:
            found.setdefault(None, self._said("township_duties"))
        return tuple(found.items())

    def _duties(self) -> dict[str, str]:
        said = self._said("cooperating_duties")
        named = self._parts("cooperating")
        found, last = dict[str, str](), ""
        for line in said.splitlines():
            goes_on = line.startswith(GOES_ON) and last
            split = None if goes_on else _DUTY.fullmatch(line.strip())
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
        for part in self._parts("filing_conditions"):
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
            if not columns.is_township(unit) and self._units.match(unit) is None:
                self._fault("process", "unknown_unit", text=unit[:80])
            yield ProcessStep(int(split[1]), unit, split[3].strip(), *(limit or (None, None)))
