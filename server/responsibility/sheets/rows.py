"""The rows of one matter turned into an entry, or into what is wrong with them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from server.responsibility.sheets import columns, limits
from server.responsibility.sheets.asking import Asking
from server.responsibility.sheets.layout import Layout
from server.responsibility.sheets.matching import Match, Question, UnitMatcher
from server.responsibility.sheets.matter_rows import Fault, MatterRows
from server.responsibility.sheets.sharing import UNITS, Means, Sharing
from server.texts.catalogue import text

_CONDITIONS: Final = re.compile(r"[；;\n]+")
_LISTED: Final = re.compile(r"[、，,;；\n]+")
_SEPARATED: Final = {
    "lead": UNITS,
    "cooperating": UNITS,
    "filing_conditions": _CONDITIONS,
    "words": _LISTED,
    "tags": _LISTED,
}
_MOST_PARTS: Final = 100
_MOST_OFFERED: Final = 20
_CONDITION: Final = re.compile(r"(.+?)\s*〔(.+)〕")
_STEP: Final = re.compile(r"\s*(\d{1,3})\s*[.．、]\s*([^|｜]+)[|｜]([^|｜]+)(?:[|｜]([^|｜]*))?")
#: What an entry says once, however many rows it has.
_ONCE: Final = ("name", "domain", "platform", "short_title")
_CHOICES: Final = ("kind", "responsibility", "self_handle", "receives")
_SAID_ONCE: Final = (*_ONCE, *_CHOICES, "code", "limit", "urgency")
# Text in which a number has lost something: leading zeros, or digits.
_NEVER_NUMBERS: Final = ("code", *(each.name for each in TEXTS if each.never_number))


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
    """Reads matters of one table; collects every fault, and what only a person can say.

    `defaulted` are the rows in which a field is not said, `left_out` those of matters whose lead
    is nobody by a person's answer; `unused` are cells, by row and heading, of which nothing was
    taken, since another row of the matter says something else; `unshared` are rows of several
    leads whose duties do not name each; `settled` is what else was taken otherwise than it is
    written.
    """

    def __init__(self, layout: Layout, reading: Reading) -> None:
        self._layout = layout
        self._kind = reading.kind
        self._units = reading.units
        self._asking = Asking(reading.units, reading.answers)
        self._of = MatterRows(layout, (1,))
        self.faults: list[Fault] = []
        self.defaulted: dict[str, list[int]] = defaultdict(list)
        self.left_out: list[int] = []
        self._usually: dict[str, str] = {}
        self.unused: list[tuple[int, str, str]] = []
        self.unshared: list[int] = []
        self.settled: list[Fault] = []
        self._leading: list[str] | None = None

    @property
    def questions(self) -> dict[str, Question]:
        """What was asked so far, by id."""
        return self._asking.questions

    def read(self, rows: Sequence[int], domain: str = "") -> Draft | None:
        """Return the entry of rows counted from 1, or None when `faults` say why not.

        `domain` is what a heading above it said. While `questions` wait, units may be missing.
        """
        self._of = MatterRows(self._layout, rows)
        before = len(self.faults)
        self._check_cells()
        self._tell_unused()
        means = Means(
            self._kind, self._units, self._asking, self._settle, self._heading, self._usual_leads
        )
        sharing = Sharing(self._of, means)
        responsibility = self._responsibility(sharing)
        shares = sharing.read(responsibility)
        limit, urgency = self._limit()
        texts = self._texts() | {"lead_duties": shares.lead_duties}
        draft = Draft(
            row=self._of.first,
            code=self._code(),
            texts=texts | {"domain": texts["domain"] or domain[: LONGEST["domain"]]},
            kind=self._choice("kind"),
            responsibility=responsibility,
            lead_id=shares.lead_id,
            self_handle=self._choice("self_handle") == "yes",
            receives=self._choice("receives"),
            limit=limit,
            urgency=urgency,
            filing_conditions=tuple(self._conditions()),
            words=tuple(dict.fromkeys(self._parts("words"))),
            process=tuple(self._process()),
            cooperating=tuple(shares.others.items()),
            tags=tuple(dict.fromkeys([*self._parts("tags"), *self._powers()])),
            extras=self._of.extras(),
            matches=tuple(sharing.matches),
        )
        self.unshared += sharing.unshared
        if shares.nobody:
            self.left_out.append(self._of.first)
        return None if shares.nobody or len(self.faults) > before else draft

    def _fault(self, name: str, code: str, **facts: object) -> None:
        self.faults.append(Fault(self._of.first, name, code, facts))

    def _settle(self, row: int, name: str, code: str, said: str) -> None:
        self.settled.append(Fault(row, name, code, {"text": said}))

    def _usual_leads(self) -> list[str]:
        """Return the ids of the units that most cells of leads name, the usual first."""
        if self._leading is None:
            said = (self._layout.cell(row, "lead").text for row in self._layout.entries())
            known = (self._units.known(each) for each in said if each)
            counted = Counter(each for each in known if each is not None)
            self._leading = [str(each) for each, _ in counted.most_common(_MOST_OFFERED)]
        return self._leading

    def _parts(self, name: str) -> list[str]:
        parts = [part.strip() for part in _SEPARATED[name].split(self._of.said(name))]
        return [part for part in parts if part][:_MOST_PARTS]

    def _check_cells(self) -> None:
        for row in self._of.rows:
            for name in self._layout.columns:
                self._check_cell(row, name)

    def _tell_unused(self) -> None:
        for name in _SAID_ONCE:
            taken = self._of.once(name)
            for row in self._of.rows[1:]:
                if (said := self._of.own(row, name)) not in ("", taken):
                    self.unused.append((row, self._heading(name), said))

    def _check_cell(self, row: int, name: str) -> None:
        cell, facts = self._layout.cell(row, name), dict[str, object]()
        if cell.error:
            code, facts["text"] = "error_value", cell.text
        elif cell.damaged or (cell.number and name in _NEVER_NUMBERS and "." in cell.text):
            code, facts["text"] = "number_for_text", cell.text
        elif cell.number and name in _NEVER_NUMBERS:
            self._settle(row, name, "number_taken", cell.text)
            return
        elif name in _SEPARATED and len(_SEPARATED[name].split(cell.text)) > _MOST_PARTS:
            code, facts["most"] = "too_many_parts", _MOST_PARTS
        else:
            return
        self.faults.append(Fault(row, name, code, facts))

    def _texts(self) -> dict[str, str]:
        said = {
            each.name: self._of.once(each.name) if each.name in _ONCE else self._of.said(each.name)
            for each in TEXTS
        }
        for name, most in LONGEST.items():
            if len(said[name]) > most:
                self._fault(name, "too_long", most=most)
        if not said["name"]:
            self._fault("name", "missing")
        return said

    def _code(self) -> str:
        said = self._of.once("code")
        if said and not columns.is_code(said):
            self._fault("code", "bad_code", text=said[:40])
        return said

    def _choice(self, name: str, fitting: Sequence[str] = ()) -> str:
        """Return the code of what is said, or as a person says it is meant, of those that fit."""
        said, default = self._of.once(name), self._kind.unsaid[name]
        if not said:
            self.defaulted[name].append(self._of.first)
            return default
        if (found := columns.value(name, said)) is not None:
            return found
        options = sorted(
            fitting or columns.codes(name), key=lambda code: code != self._usual(name)
        )
        if len(options) == 1:
            return options[0]
        meant = self._asking.choice(name, said, options, self._heading(name), self._of.first)
        return meant or default

    def _usual(self, name: str) -> str:
        """Return what most rows of the table say of a field, else what holds for the type."""
        if name not in self._usually:
            said = (self._layout.cell(row, name).text for row in self._layout.entries())
            known = Counter(code for each in said if (code := columns.value(name, each)))
            usual = known.most_common(1)
            self._usually[name] = usual[0][0] if usual else self._kind.unsaid[name]
        return self._usually[name]

    def _powers(self) -> list[str]:
        """Return the words of a kind that say more than it: powers, and what was asked for."""
        said = self._of.once("kind")
        if not said or columns.value("kind", columns.bare(said)):
            return columns.powers(said)
        return [said]

    def _responsibility(self, sharing: Sharing) -> str:
        """Return whose it is: by the type of list, as it is said, or by who leads."""
        name, said = "responsibility", self._of.once("responsibility")
        codes, local = columns.codes(name), sharing.township_leads
        if self._kind.leads != "either":
            side = self._kind.leads == "township"
            return self._choice(name, [code for code in codes if (code == "township") == side])
        if local and not said:
            return "township"
        mixed = sharing.several_sides
        fitting = [code for code in codes if mixed or (code == "township") == local]
        found = self._choice(name, fitting)
        against_local = local and found == "county"
        if not against_local and not (sharing.departments_lead and found == "township"):
            return found
        # The two cells say different things; who leads holds until a person says otherwise.
        options = list(dict.fromkeys([fitting[0], "joint", *codes]))
        lead, row = self._of.said("lead"), self._of.first
        written = text("sheet.against", text=said, column=self._heading("lead"), lead=lead)
        about = f"{said}/{fitting[0]}"
        meant = self._asking.choice(
            name, written, options, self._heading(name), row, against=about
        )
        return meant or fitting[0]

    def _limit(self) -> tuple[int, str]:
        said = self._of.once("limit")
        if not said:
            self.defaulted["limit"].append(self._of.first)
            return limits.amount(self._kind.limit) or (0, "")
        unit = self._of.once("urgency") or columns.unit_of(self._layout.headers["limit"])
        return self._amount("limit", said, unit) or (0, "")

    def _amount(self, name: str, said: str, unit: str = "") -> tuple[int, str] | None:
        """Return a limit as it is written, or as a person says it is meant; None while asked."""
        found = limits.amount(said, unit)
        if found is not None:
            return found
        asked = said if columns.value("urgency", unit) else said + unit
        return self._asking.limit(asked, self._kind.limit, self._heading(name), self._of.first)

    def _heading(self, name: str) -> str:
        written = self._layout.headers.get(name)
        written = written or self._layout.headers.get(columns.with_duties(name))
        return written or columns.heading(name, self._kind)

    def _conditions(self) -> Iterator[FilingCondition]:
        for part in self._parts("filing_conditions"):
            split = _CONDITION.fullmatch(part)
            if split is None:
                yield FilingCondition(part)
            elif (limit := self._amount("filing_conditions", split[2])) is not None:
                yield FilingCondition(split[1], *limit)

    def _process(self) -> Iterator[ProcessStep]:
        for line in self._of.said("process").splitlines():
            if not line.strip():
                continue
            split = _STEP.fullmatch(line)
            if split is None:
                self._fault("process", "bad_step", text=line[:80])
                continue
            said = (split[4] or "").strip()
            limit = self._amount("process", said) if said else None
            unit = split[2].strip()
            if self._asking.township(unit) and not columns.is_township(unit):
                unit = columns.township()  # by an answer
            if not columns.is_township(unit) and self._units.match(unit) is None:
                match = self._asking.unit(unit, self._heading("process"), self._of.first)
                known = self._units.by_id(str(match.unit_id)) if match else None
                if known is None:
                    continue  # asked, or nobody's
                unit = known.name
            yield ProcessStep(int(split[1]), unit, split[3].strip(), *(limit or (None, None)))
