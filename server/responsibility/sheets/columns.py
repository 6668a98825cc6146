"""What a spreadsheet's columns mean, and what its cells may say."""

import re
from functools import cache, lru_cache
from importlib import resources
from tomllib import loads
from typing import Any, Final

from server.responsibility.list.list_types import ListType, list_types
from server.texts.catalogue import text
from server.texts.words import folded

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,19}")
_BRACKETS: Final = re.compile(r"[(\[【〔].*?[)\]】〕]")


#: What a person says of a column that is none of ours: it is kept as it is written.
LEAVE: Final = "leave"


def with_duties(unit: str) -> str:
    """Return what the one column is called that holds a field of units and their duties."""
    return f"{unit}_and_duties"


def field_of(named: str, kind: ListType) -> str | None:
    """Return the field of a name that a person gives a column: its code, or a heading of ours.

    LEAVE where it is to be kept as it is.
    """
    if named in (LEAVE, "", text("sheet.leave_column")):
        return LEAVE
    if named in fields() or named in _table()["together"]["headers"]:
        return named
    own = {plain(n): field for field, names in kind.headers.items() for n in names}
    return (headers() | own).get(plain(named))


def meant(heading: str) -> str | None:
    """Return the field that a heading names by itself, or None."""
    named = (plain(heading), bare(heading))
    return next(
        (found for each in named if (found := headers().get(each) or composed(each))), None
    )


def joined(said: str) -> list[str]:
    """Return the names in a text that words join: 甲局和乙局."""
    return [each for each in re.split(_table()["leads"]["joined"], said) if each]


def beside_lead(said: str) -> tuple[str, bool]:
    """Return a unit's name without the mark of one that only helps, and whether it had one."""
    name = re.sub(_table()["leads"]["beside"], "", said).strip()
    return name, name != said


def heading(field: str, kind: ListType | None = None) -> str:
    """Return the heading that we write for a field, in a type of list."""
    own = kind.headers.get(field) if kind is not None else None
    return str(
        (own or _table()["headers"].get(field) or _table()["together"]["headers"][field])[0]
    )


def composed(said: str) -> str | None:
    """Return the field that a heading names by the words it is put together of, or None."""
    for field, pattern in _composed().items():
        if pattern.fullmatch(said):
            return field
    return None


def is_duty(said: str) -> bool:
    """Tell whether a heading names what the units have to do whose column is left of it."""
    return re.fullmatch(_table()["composed"]["duty"], said) is not None


def fields() -> tuple[str, ...]:
    """Return every field that a column may hold."""
    return tuple(_table()["headers"])


def headings() -> tuple[str, ...]:
    """Return every heading that we write, in whichever type of list."""
    kinds = (None, *list_types().values())
    return tuple(dict.fromkeys(heading(field, kind) for kind in kinds for field in fields()))


def codes(field: str) -> tuple[str, ...]:
    """Return every code that a column may say."""
    return tuple(_table()["values"][field])


def value(field: str, written: str) -> str | None:
    """Return the code of what a cell says, or None when it says nothing we know."""
    if field == "kind" and powers(written):
        return "enforcement"
    return _values(field).get(plain(written))


def powers(said: str) -> list[str]:
    """Return the kinds of powers that a text names, by which lists of enforcement sort matters.

    None where it says anything else.
    """
    known = set(map(plain, _table()["powers"]["names"]))
    named = [each for each in re.split(_table()["powers"]["joined"], said.strip()) if each]
    fits = all({each, _table()["powers"]["begin"] + each} & known for each in map(bare, named))
    return named if fits else []


def bare(said: str) -> str:
    """Return a word as it is compared, without what stands in brackets."""
    return _BRACKETS.sub("", spaceless(said))


def unit_of(heading: str) -> str:
    """Return the unit of a limit that a heading names in brackets: 办理时限（工作日）."""
    inside = (each[1:-1] for each in _BRACKETS.findall(spaceless(heading)))
    return next((each for each in inside if value("urgency", each)), "")


def written(field: str, code: str) -> str:
    """Return what we write for a code."""
    return str(_table()["values"][field][code][0])


def yes(said: bool) -> str:
    """Return what we write for yes or no."""
    return written("self_handle", "yes" if said else "no")


def is_township(name: str) -> bool:
    """Tell whether a unit's name stands for the township of the place: 镇街, 各乡镇人民政府."""
    said, words = plain(name), _table()["township"]
    general = re.fullmatch(words["general"], said) and re.search(words["level"], said)
    return said in words["names"] or general is not None


def part(said: str) -> tuple[bool, str]:
    """Return whether a heading is numbered like one of a part, and what it names."""
    patterns = _table()["parts"]
    named = re.sub(patterns["numbered"], "", said, count=1)
    bare = re.sub(patterns["counted"], "", re.sub(patterns["ordinal"], "", named, count=1))
    return named != said, bare.strip().rstrip("：:")


def is_code(said: str) -> bool:
    """Tell whether a text can be a matter's code."""
    return _CODE.fullmatch(said) is not None


def is_number(said: str) -> bool:
    """Tell whether a text is the number of a matter: 3, 1.2, （二）."""
    return re.fullmatch(_table()["parts"]["number"], said) is not None


def is_note(said: str) -> bool:
    """Tell whether a text says of itself that it is a note, a signature or a date."""
    return re.search(_table()["parts"]["note"], said) is not None


def is_sentence(said: str) -> bool:
    """Tell whether a text says too much to head a part: a sentence, or one thing of another."""
    return not part(said)[0] and re.search(_table()["parts"]["sentence"], said) is not None


def what_listed(name: str) -> str:
    """Return what a list is of by its name, as it is compared: the name without the word list."""
    return re.sub(_table()["parts"]["list"], "", plain(name))


def part_heading(number: int, named: str) -> str:
    """Return the heading of the part of that number, from 1, that `part` reads again."""
    return str(_table()["parts"]["written"]).format(number=_numeral(number), named=named)


def marked_lead(said: str) -> str:
    """Return a unit's name marked as that of several which leads."""
    return f"{said}{_table()['leads']['written']}"


def lead_of(said: str) -> tuple[str, bool]:
    """Return a unit's name without the mark of the lead, and whether it had one."""
    name = re.sub(_table()["leads"]["marked"], "", said).strip()
    return name, name != said


def township() -> str:
    """Return what we write for the township of the place."""
    return str(_table()["township"]["names"][0])


def words_of(table: str) -> dict[str, Any]:
    """Return a table of the words by which offices are understood: `limits`, `together`."""
    found: dict[str, Any] = _table()[table]
    return found


@lru_cache(maxsize=4096)
def plain(said: str) -> str:
    """Return a word as it is compared: one width, no spaces, no brackets, one case."""
    return re.sub(r"[()\[\]【】〔〕*]", "", spaceless(said))


def _numeral(number: int) -> str:
    digits: list[str] = _table()["parts"]["digits"]
    tens, ones = divmod(number, 10)
    if number >= len(digits) ** 2:
        return digits[-1]
    before = digits[tens] if tens > 1 else ""
    return before + (digits[10] if tens else "") + (digits[ones] if ones else "")


def spaceless(said: str) -> str:
    """Return a text as it is compared: one width, no spaces, one case."""
    return "".join(folded(said).split())


@cache
def _table() -> dict[str, Any]:
    source = resources.files("server.responsibility.sheets").joinpath("columns.toml")
    return loads(source.read_text(encoding="utf-8"))


@cache
def _composed() -> dict[str, re.Pattern[str]]:
    words = _table()["composed"]
    known = fields()
    return {field: re.compile(words[field]) for field in words if field in known}


@cache
def headers() -> dict[str, str]:
    """Return which field each heading names, by `plain` heading."""
    named = _table()["headers"] | _table()["together"]["headers"]
    return {plain(n): field for field, names in named.items() for n in names}


@cache
def _values(field: str) -> dict[str, str]:
    codes = _table()["values"].get(field, {})
    return {plain(word): code for code, words in codes.items() for word in words}
