"""What only a person can say of a sheet: asked once for all its rows, and what they answered."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final

from server.calendar.working import limit_text
from server.responsibility.sheets import columns, limits
from server.responsibility.sheets.matching import (
    EXACT,
    Candidate,
    Match,
    Question,
    UnitMatcher,
)
from server.texts.catalogue import text

#: The answer to what a matter or a unit is: none of those there are, but a new one.
NEW: Final = "new"
#: The answer to which unit is meant: nobody to whom anything could be dispatched.
NOBODY: Final = "nobody"
#: The answer to which unit is meant: the township of the place.
TOWNSHIP: Final = "township"
#: The first half of the answers that say which field a column holds, by its heading.
COLUMN: Final = "column:"
_LONGEST_KEY: Final = 100
_LONGEST: Final = 80
_QUOTED: Final = 30
_LONGEST_NAME: Final = 40  # of a unit that is new


def key(kind: str, said: str) -> str:
    """Return the id of a question on what a text means."""
    plain = f"{kind}:{columns.plain(said)}"
    if len(plain) <= _LONGEST_KEY:
        return plain
    return f"{kind}:{sha256(plain.encode()).hexdigest()[:16]}"


def columns_said(answers: Mapping[str, str]) -> dict[str, str]:
    """Return what was answered of columns: fields, or to leave one, by `plain` heading."""
    return {
        columns.plain(asked.removeprefix(COLUMN)): named
        for asked, named in answers.items()
        if asked.startswith(COLUMN)
    }


class Asking:
    """Asks a person what a text means; a question that comes again gains a row."""

    def __init__(self, units: UnitMatcher, answers: Mapping[str, str]) -> None:
        self._units = units
        self.answers = answers
        self.questions: dict[str, Question] = {}

    def township(self, written: str) -> bool:
        """Tell whether a name means the township of the place, by itself or by an answer."""
        answer = self.answers.get(key("unit", written), "")
        return columns.is_township(written) or columns.is_township(answer)

    def unit(self, written: str, column: str, row: int) -> Match | None:
        """Return the unit that is meant, one of the id 0 where it is nobody; None while asked."""
        match = self._units.match(written)
        if match is not None:
            return match
        asked = key("unit", written)
        answer = self.answers.get(asked, "")
        if answer == NOBODY:
            return Match(written, 0, EXACT)
        if (unit := self._units.by_id(answer)) is not None:
            return Match(written, unit.id, EXACT)
        others = {TOWNSHIP: columns.township(), NOBODY: text("sheet.nobody")}
        if len(written) <= _LONGEST_NAME:
            others = {NEW: text("sheet.new_unit")} | others
        alike = self._units.candidates(written)
        candidates = (*alike, *(Candidate(value, name, 0.0) for value, name in others.items()))
        self._ask(asked, "unit", written, (column, row), candidates)
        return None

    def limit(self, said: str, default: str, column: str, row: int) -> tuple[int, str] | None:
        """Return the limit that a text without one means; None while it is asked."""
        asked = key("limit", said)
        if (answer := limits.amount(self.answers.get(asked, ""))) is not None:
            return answer
        names = [limit_text(*each) for each in limits.offers(said, default)]
        candidates = tuple(Candidate(name, name, 0.0) for name in names)
        self._ask(asked, "limit", said, (column, row), candidates)
        return None

    def choice(
        self,
        field: str,
        said: str,
        options: Sequence[str],
        column: str,
        row: int,
        *,
        against: str = "",
    ) -> str | None:
        """Return which code of a field a word means that says none; None while it is asked.

        Also what holds where cells `against` each other say different ones.
        """
        asked = key(field, against or said)
        answer = self.answers.get(asked, "")
        code = answer if answer in options else columns.value(field, answer)
        if code in options:
            return code
        names = {code: columns.written(field, code) for code in options}
        candidates = tuple(Candidate(code, name, 0.0) for code, name in names.items())
        self._ask(asked, "choice", said, (column, row), candidates)
        return None

    def like(self, written: str) -> bool:
        """Tell whether a text names a unit, or may be what one is called in short."""
        return self.names(written) or bool(self._units.candidates(written))

    def names(self, written: str) -> bool:
        """Tell whether a text names a unit, by itself or by an answer."""
        answer = self.answers.get(key("unit", written), "")
        return bool(answer) or self._units.match(written) is not None

    def offered(
        self, kind: str, said: str, written: str, offers: Mapping[str, str], column: str, row: int
    ) -> str:
        """Return which of some offers, by code and name, a person chose; '' while asked."""
        asked = key(kind, said)
        if (answer := self.answers.get(asked, "")) in offers:
            return answer
        candidates = tuple(Candidate(code, name, 0.0) for code, name in offers.items())
        self._ask(asked, "choice", written, (column, row), candidates)
        return ""

    def unsaid_lead(
        self,
        domain: str,
        name: str,
        units: Iterable[str],
        column: str,
        row: int,
        *,
        township: bool,
        written: str,
    ) -> str:
        """Return who leads a matter that does not say it: an id, nobody, maybe the township.

        '' while it is asked; `units` are the ids of those that it may be, the likeliest first;
        `written` is what stands where no unit was read.
        """
        asked = key("unsaid_lead", f"{domain}/{name}")
        answer = self.answers.get(asked, "")
        others = {TOWNSHIP: columns.township()} if township else {}
        others |= {NOBODY: text("sheet.nobody")}
        if columns.is_township(answer) and township:
            return TOWNSHIP
        if answer in others or self._units.by_id(answer) is not None:
            return answer
        known = (self._units.by_id(each) for each in units)
        named = {str(unit.id): unit.name for unit in known if unit is not None}
        candidates = tuple(Candidate(*each, 0.0) for each in (named | others).items())
        if written:
            written = text("sheet.unread_lead", name=name[:_QUOTED], text=written[:_QUOTED])
        written = written or text("sheet.unsaid_lead", name=name)
        self._ask(asked, "unit", written, (column, row), candidates)
        return ""

    def lead(
        self, named: Sequence[tuple[int, str]], written: str, column: str, row: int
    ) -> int | None:
        """Return which of several units leads, each an id and as written; None while asked."""
        said = "\n".join(columns.plain(name) for _, name in named)
        asked = f"lead:{sha256(said.encode()).hexdigest()[:16]}"
        answer = self.answers.get(asked, "")
        if answer in {str(unit_id) for unit_id, _ in named}:
            return int(answer)
        candidates = tuple(Candidate(str(unit_id), name, EXACT) for unit_id, name in named)
        self._ask(asked, "lead", written, (column, row), candidates)
        return None

    def _ask(
        self,
        asked: str,
        kind: str,
        written: str,
        place: tuple[str, int],
        candidates: tuple[Candidate, ...],
    ) -> None:
        column, row = place
        new = Question(asked, kind, column, written[:_LONGEST], [], candidates)
        rows = self.questions.setdefault(asked, new).rows
        if row not in rows[-1:]:
            rows.append(row)
