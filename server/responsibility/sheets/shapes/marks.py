"""Columns of units in which marks say who leads and who helps, turned into two of names."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final

from server.responsibility.files.cells import EMPTY, Cell, Sheet
from server.responsibility.sheets import columns, duties
from server.responsibility.sheets.asking import Asking
from server.responsibility.sheets.layout import LAST_HEADER_ROW
from server.texts.catalogue import text

_FEWEST: Final = 2
_HALF: Final = 2
_LONGEST_MARK: Final = 4  # of what may be one that nobody has explained
LEADS: Final = "lead"
HELPS: Final = "help"
_DUTIES: Final = {LEADS: "lead_duties", HELPS: "cooperating_duties"}


@dataclass(frozen=True, slots=True)
class _Said:
    """What a cell below a unit says: its mark, a sign or a word, and what the unit has to do."""

    mark: str
    duty: str = ""
    known: bool = True


def spelt(sheets: Sequence[Sheet], asking: Asking) -> list[Sheet]:
    """Return sheets whose columns of units, if they have such, say who leads and who helps.

    What a mark means is as the sheet itself says it, else as a person does.
    """
    return [_spelt(sheet, asking) for sheet in sheets]


def _spelt(sheet: Sheet, asking: Asking) -> Sheet:
    named = dict[int, str]()  # headings of names, by column
    for at, row in enumerate(sheet.rows[:LAST_HEADER_ROW]):
        said = {column: row[column].text for column in named if column < len(row)}
        if any(each not in ("", named[column]) for column, each in said.items()):
            return sheet  # the name of a matter: what is below is no header
        if units := _units(sheet, at, asking):
            return _named(sheet, at, units, asking)
        named |= {n: cell.text for n, cell in enumerate(row) if _field(cell.text) == "name"}
    return sheet


def _units(sheet: Sheet, header: int, asking: Asking) -> list[int]:
    """Return the columns of units with marks below a row, two or more; none elsewhere."""
    row = sheet.rows[header]
    below = {at: _below(sheet, header, at) for at, cell in enumerate(row) if cell.text}
    units = [at for at in below if _is_unit(row[at].text, asking) and _holds(below[at])]
    known = [at for at in below if at not in units and _is_known(row[at].text, asking)]
    fields = {_field(row[at].text) for at in below}
    says_itself = "name" in fields and not fields & {"lead", columns.with_duties("lead")}
    if says_itself:
        units += known
        units += _in_short(row, below, units, asking)
    marked = [at for at in units if any(each.known or says_itself for each in below[at])]
    return sorted(units) if len(marked) >= _FEWEST else []


def _in_short(
    row: Sequence[Cell], below: Mapping[int, Sequence[_Said]], units: Sequence[int], asking: Asking
) -> list[int]:
    """Return columns of marks below what units may be called in short, one of them alike."""
    short = columns.words_of("marks")["short"]
    found = [
        at
        for at, said in below.items()
        if at not in units
        and re.fullmatch(short, columns.plain(row[at].text))
        and _field(row[at].text) is None
        and said
        and _all_marks(said)
    ]
    return found if any(asking.like(row[at].text) for at in found) else []


def _below(sheet: Sheet, header: int, column: int) -> list[_Said]:
    """Return what stands in a column below its heading, but for the heading itself again."""
    heading = sheet.rows[header][column].text
    said = (_cell(row, column) for row in sheet.rows[header + 1 :])
    return [_read(each) for each in said if each and each != heading]


def _cell(row: Sequence[Cell], column: int) -> str:
    """Return what a row says in a column; '' where it says one thing over several."""
    if column >= len(row) or not row[column].text:
        return ""
    said = [cell.text for cell in row if cell.text]
    return "" if len(said) > 1 and len({*said}) == 1 else row[column].text


def _all_marks(said: Iterable[_Said]) -> bool:
    return all(each.known for each in said)


def _holds(said: Sequence[_Said]) -> bool:
    """Tell whether most of what stands in a column is a mark."""
    return _HALF * sum(each.known for each in said) >= len(said)


def _field(heading: str) -> str | None:
    said = columns.plain(heading)
    return columns.headers().get(said) or columns.composed(said)


def _is_unit(heading: str, asking: Asking) -> bool:
    """Tell whether a heading names a unit, and no field of a list."""
    if _field(heading) is not None:
        return False
    office = re.search(columns.words_of("marks")["office"], columns.plain(heading))
    return office is not None or columns.is_township(heading) or asking.names(heading)


def _is_known(heading: str, asking: Asking) -> bool:
    if _field(heading) is not None or columns.is_township(heading):
        return False
    return asking.names(heading)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what a mark is, maybe several, and one before a duty: 牵头：查处, ★（查处）."""
    words = columns.words_of("marks")
    sign, word, between = words["sign"], words["word"], words["between"]
    marks = re.compile(rf"{words['letter']}|(?:(?:{sign}|{word}){between})*(?:{sign}|{word})")
    before = (
        rf"[（(【]?(?P<word>{word})(?:[）)】][：:]?|[：:，,（(\s])|(?P<sign>{sign})[：:（(\s]?"
    )
    return marks, re.compile(rf"\s*(?:{before})\s*(?P<duty>\S.*)", re.DOTALL)


@lru_cache(maxsize=4096)
def _read(said: str) -> _Said:
    """Return the mark and the duty of a cell; a short text may be a mark that nobody knows."""
    bare = columns.spaceless(said)
    marks, with_duty = _patterns()
    if marks.fullmatch(bare):
        return _Said(bare)
    if found := with_duty.fullmatch(said):
        duty = found["duty"].strip()
        if duty[-1:] in "）)" and not re.search("[（(]", duty):
            duty = duty[:-1].strip()
        return _Said(found["word"] or found["sign"], duty)
    return _Said(bare, known=False) if len(bare) <= _LONGEST_MARK else _Said("", said, known=False)


def _named(sheet: Sheet, header: int, units: Sequence[int], asking: Asking) -> Sheet:
    """Return a sheet with two columns of names in place of those of its units.

    What the units have to do stands in those of duties, at the end where there are none.
    """
    lead, helps, *gone = units
    headings = [sheet.rows[header][at].text for at in units]
    meanings = _meanings(sheet, header, units, asking)
    end = max(map(len, sheet.rows))
    fields = {"lead": lead, "cooperating": helps}
    fields |= {name: end + n for n, name in enumerate(_DUTIES.values())}
    fields |= _columns_of_duties(sheet, header, units)
    rows, last = list[tuple[Cell, ...]](), end
    for n, row in enumerate(sheet.rows):
        cells = [*row, *[EMPTY] * (end + len(_DUTIES) - len(row))]
        below = [_cell(row, at) for at in units]
        if n == header or (n > header and below == headings):
            new = {name: columns.heading(name) for name, at in fields.items() if at >= end}
            new |= {name: columns.heading(name) for name in ("lead", "cooperating")}
        elif n > header:
            of = {
                "".join(each.split()): _read(said)
                for each, said in zip(headings, below, strict=True)
                if said not in ("", each)
            }
            new = dict(_shared_out(of, meanings))
            last = max([last, *(fields[name] + 1 for name, said in new.items() if said)])
        else:
            new = {}
        for name, said in new.items():
            at = fields[name]
            own = cells[at].text if name in _DUTIES.values() else ""
            cells[at] = Cell(duties.together(own, said))
        rows.append(tuple(cells))
    spans = {row: last - 1 if at == end - 1 else at for row, at in sheet.spans.items()}
    carried = frozenset(
        (row, at) for row, at in sheet.carried if row <= header + 1 or at not in units
    )
    rows = [row[:last] for row in rows]
    return narrowed(replace(sheet, rows=tuple(rows), spans=spans, carried=carried), gone)


def narrowed(sheet: Sheet, gone: Sequence[int]) -> Sheet:
    """Return a sheet without some of its columns."""
    return replace(
        sheet,
        rows=tuple(
            tuple(cell for at, cell in enumerate(row) if at not in gone) for row in sheet.rows
        ),
        spans={row: at - _n_before(gone, at) for row, at in sheet.spans.items()},
        carried=frozenset(
            (row, at - _n_before(gone, at)) for row, at in sheet.carried if at not in gone
        ),
    )


def is_mark(said: str) -> bool:
    """Tell whether a text is a mark, and says nothing else."""
    found = _read(said)
    return found.known and not found.duty


def _shared_out(of: Mapping[str, _Said], meanings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what a row's columns of names and of duties say, by their fields."""
    for field, role in (("lead", LEADS), ("cooperating", HELPS)):
        meant = {name: said for name, said in of.items() if meanings[said.mark] == role}
        yield field, text("sheet.and").join(meant)
        yield _DUTIES[role], _duty([(name, said.duty) for name, said in meant.items()], role)


def _columns_of_duties(sheet: Sheet, header: int, units: Sequence[int]) -> dict[str, int]:
    """Return which columns of a sheet hold duties already, by their fields."""
    found = dict[str, int]()
    for at, cell in enumerate(sheet.rows[header]):
        field = _field(cell.text)
        if field in _DUTIES.values() and at not in units:
            found.setdefault(str(field), at)
    return found


def _duty(said: Sequence[tuple[str, str]], role: str) -> str:
    """Return what units have to do, each by its name; of the one that leads without."""
    if role == LEADS and len(said) == 1:
        return said[0][1]
    return "\n".join(f"{name}\uff1a{duty}" for name, duty in said if duty)


def _n_before(gone: Iterable[int], at: int) -> int:
    return sum(each <= at for each in gone)


def _meanings(sheet: Sheet, header: int, units: Sequence[int], asking: Asking) -> dict[str, str]:
    """Return what each mark of a sheet means; asked is what it neither is nor says."""
    words = columns.words_of("marks")
    first = dict[str, int]()
    headings = {at: sheet.rows[header][at].text for at in units}
    for n, row in enumerate(sheet.rows[header + 1 :], header + 2):
        for at in units:
            if (said := _cell(row, at)) and said != headings[at]:
                first.setdefault(_read(said).mark, n)
    found = {"": HELPS}  # who leads is asked where nobody is marked as the lead
    first.pop("", None)
    legend = "\n".join(
        each
        for row in sheet.rows
        for cell in row
        if (each := columns.spaceless(cell.text)) and each not in first
    )
    ranks = {mark: _rank(mark, words["strongest"]) for mark in first}
    strongest = min(ranks.values(), default=0)
    led = "lead" in {_field(cell.text) for cell in sheet.rows[header]}  # by a column of its own
    for mark, number in first.items():
        if means := _means(mark, legend):
            found[mark] = means
            continue
        likely = LEADS if ranks[mark] == strongest and not led else HELPS
        offers = sorted((LEADS, HELPS), key=lambda role: role != likely)
        names = {role: text(f"sheet.mark_{role}") for role in offers}
        heading = columns.heading("lead")
        found[mark] = asking.offered("mark", mark, mark, names, heading, number) or likely
    return found


def _rank(mark: str, strongest: str) -> int:
    """Return how likely a mark says more than others, the least the likeliest."""
    ranks = [at for each in mark if (at := strongest.find(each)) >= 0]
    return min(ranks, default=len(strongest))


def _means(mark: str, legend: str) -> str:
    """Return what a mark means by itself or by a legend; '' where that is nothing, or both."""
    words = columns.words_of("marks")
    signs = re.findall(words["sign"], mark) or [mark]
    said = re.findall(words["says"], mark) or [_said_of(each, legend) for each in signs]
    roles = {LEADS if re.search(words["leads"], each) else HELPS for each in said if each}
    return roles.pop() if len(roles) == 1 and all(said) else ""


def _said_of(mark: str, legend: str) -> str:
    """Return the word by which a legend says what a mark means; ''."""
    words = columns.words_of("marks")
    sign = re.escape(mark)
    for pattern in (words["sign_first"], words["word_first"]):
        if found := re.search(pattern.format(sign=sign, word=words["says"]), legend):
            return found[1]
    return ""
