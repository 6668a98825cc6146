"""What the properties of a boundary file mean: code, name, level and parent of each place."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from geo.files.features import LEVELS
from geo.files.garbled import meant
from geo.files.strictjson import Json
from geo.ground.faults import Fact

Role = Literal["code", "name", "level", "parent"]
Finding = tuple[str, Mapping[str, Fact]]

_CODE: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,64}")
#: Characters that steer and do not show: controls, those that turn or join, ends of line.
_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_LONGEST_NAME: Final = 200
_EXACT, _SHORT, _ROUND = 1e15, 1e11, 1e6  # how far numbers with a point are as they were
_ROUNDED: Final = re.compile(r"\d(\.\d+)?e\+?\d+", re.IGNORECASE)
_NO_VALUES: Final = frozenset(("nan", "NaN", "null", "NULL", "<null>", "<Null>", "None", "#N/A"))
_APART: Final = re.compile(r"[\W\d_]+")
#: What offices put beside a heading, or between its characters.
_BESIDE: Final = re.compile(r"\s+|[（(].*?[）)]")
_HEADING_BYTES: Final = 10  # of a column in a dBASE table
_NUMBERED: Final = re.compile(r"_?\d{1,2}$")  # what writers append to tell cut headings apart
_LAST: Final = 10_000  # the rank of what is taken only where nothing better is there


@dataclass(frozen=True, slots=True)
class Naming:
    """What a person says of a file: the level of places that name none, and its columns.

    An empty column is looked for by the names that are usual.
    """

    level: str | None = None
    code_field: str = ""
    name_field: str = ""


@dataclass(frozen=True, slots=True)
class Labels:
    """What the properties of a feature say about it, what is wrong, and which columns said it."""

    code: str | None
    name: str | None
    level: str | None
    parent: str | None
    faults: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    taken: Mapping[Role, str]


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a column may be: `own` is the level whose places alone it describes."""

    role: Role
    rank: int
    own: str | None = None


@dataclass(frozen=True, slots=True)
class _Held:
    """A property that is filled in, under what it may be."""

    key: str
    value: Json
    meaning: _Meaning


@dataclass(frozen=True, slots=True)
class _Known:
    levels: Mapping[str, str]
    beside: re.Pattern[str]
    exact: Mapping[str, Sequence[_Meaning]]
    cut: Mapping[str, Sequence[_Meaning]]
    numbered: Mapping[str, Sequence[_Meaning]]


def level_of(word: str) -> str | None:
    """Tell which level a word of an office or a tool means, as 乡镇（街道） or 村界_2024 do."""
    levels, beside = _known().levels, _known().beside
    parts = [beside.sub("", each) for each in _APART.split(word.strip().lower()[:80])]
    said = [each for each in parts if each]
    whole = levels.get(word.strip().lower()) or levels.get("".join(said))
    found = {levels.get(each) for each in said}
    return whole or (found.pop() if len(found) == 1 else None)


def is_empty(value: Json) -> bool:
    """Tell a value that says nothing, be it spelt out as software does."""
    return value is None or (isinstance(value, str) and value.strip() in ("", *_NO_VALUES))


def labels_of(
    properties: Mapping[str, Json], naming: Naming, own_id: str | int | float | None = None
) -> Labels:
    """Tell code, name, level and parent from a feature's properties; its own id comes last."""
    held = [
        _Held(key, value, meaning)
        for key, value in properties.items()
        if not is_empty(value)
        for meaning in _meanings(key, value)
    ]
    faults: list[Finding] = []
    warnings: list[Finding] = []
    taken: dict[Role, str] = {}
    level = _level(held, naming, taken, warnings) or _by_its_words(properties, taken)
    if any(_is_code_column(key, value, level) for key, value in properties.items()):
        held, own_id = [each for each in held if each.meaning.rank < _LAST], None
    coded = _one("code", properties, held, level, naming.code_field, taken)
    if coded is None and own_id is not None:
        coded, taken["code"] = own_id, "id"
    code = _code(coded, "code", faults)
    named = _one("name", properties, held, level, naming.name_field, taken)
    name = _name(named, faults, said=bool(naming.name_field))
    parent = _code(_parent(held, taken), "parent", faults)
    return Labels(code, name, level, parent, tuple(faults), tuple(warnings), taken)


def _level(
    held: Sequence[_Held], naming: Naming, taken: dict[Role, str], warnings: list[Finding]
) -> str | None:
    """Give the level that is written down, else the one said, else that of the columns."""
    for each in _of("level", held):
        level = level_of(each.value) if isinstance(each.value, str) else None
        if level is not None:
            taken["level"] = each.key
            return level
        warnings.append(("level.unknown", {"level": str(each.value)[:60], "field": each.key}))
    return naming.level or _implied(held)


def _by_its_words(properties: Mapping[str, Json], taken: dict[Role, str]) -> str | None:
    """Give the level that a column of no usual heading says, where none says another."""
    found = {
        key: level
        for key, value in properties.items()
        if isinstance(value, str) and not _meanings(key, value)
        for level in [_known().levels.get(value.strip().lower())]
        if level
    }
    if len(set(found.values())) != 1 or "level" in taken:
        return None
    taken["level"], level = next(iter(found.items()))
    return level


def _implied(held: Sequence[_Held]) -> str | None:
    """Give the finest level that has columns of its own, unless others name the place."""
    general = {each.meaning.role for each in held if each.meaning.own is None}
    for level in reversed(LEVELS):
        own = {each.meaning.role for each in held if each.meaning.own == level}
        if own >= {"code", "name"} or (own and not general >= {"code", "name"}):
            return level
    return None


def _is_code_column(key: str, value: Json, level: str | None) -> bool:
    """Tell a column of codes, filled in or not, beside which a mere number is none."""
    return any(
        each.role == "code" and each.rank < _LAST and each.own in (None, level)
        for each in _meanings(key, value)
    )


def _one(
    role: Role,
    properties: Mapping[str, Json],
    held: Sequence[_Held],
    level: str | None,
    said: str,
    taken: dict[Role, str],
) -> Json:
    """Give a value: of the column that was said, else of the best one for a place of the level."""
    if said:
        for key, value in properties.items():
            if key.strip().lower() == said.strip().lower():
                taken[role] = key
                return None if is_empty(value) else value
    for each in _of(role, held, level):
        taken[role] = each.key
        return each.value
    return None


def _of(role: Role, held: Sequence[_Held], level: str | None = None) -> list[_Held]:
    """Give what may play a role, the level's own columns first, then by rank."""
    fit = [
        each for each in held if each.meaning.role == role and each.meaning.own in (None, level)
    ]
    return sorted(fit, key=lambda each: (each.meaning.own is None, each.meaning.rank))


def _parent(held: Sequence[_Held], taken: dict[Role, str]) -> Json:
    for each in _of("parent", held):
        value = each.value
        if isinstance(value, dict):  # as in {"parent": {"adcode": 330500}}
            inner = [
                _Held(key, found, meaning)
                for key, found in value.items()
                if not is_empty(found)
                for meaning in _meanings(key, found)
            ]
            value = next((one.value for one in _of("code", inner)), None)
        if value is not None:
            taken["parent"] = each.key
            return value
    return None


def _code(value: Json, what: str, faults: list[Finding]) -> str | None:
    if value is None:
        return None
    if type(value) is float and value.is_integer() and _is_whole(value):
        return str(int(value))
    if type(value) is int and 0 <= value < 10**20:
        return str(value)
    if not isinstance(value, str):
        faults.append((f"{what}.not_text", {}))
        return None
    text = unicodedata.normalize("NFKC", value).strip(" \t\r\n\ufeff")
    if _ROUNDED.fullmatch(text):
        faults.append((f"{what}.rounded", {"text": text[:60]}))
        return None
    text = re.sub(r"^(\d{6,})\.0+$", r"\1", text)
    if not _CODE.fullmatch(text) or _UNSEEN.search(text):
        faults.append((f"{what}.unusable", {"text": _UNSEEN.sub("\ufffd", text[:60])}))
        return None
    return text


def _is_whole(value: float) -> bool:
    """Tell a number that no spreadsheet rounded, which keeps 15 digits or, short of room, six."""
    return 0 <= value < _SHORT or (value < _EXACT and value % _ROUND != 0 and value > 0)


def _name(value: Json, faults: list[Finding], *, said: bool) -> str | None:
    """Give the name; a number is one only where a person says that names stand in that column."""
    if said and type(value) in (int, float):
        value = f"{value:g}" if isinstance(value, float) else str(value)
    if value is None:
        return None
    if not isinstance(value, str):
        faults.append(("name.not_text", {}))
        return None
    if len(value) > _LONGEST_NAME:
        faults.append(("name.too_long", {"n_characters": len(value), "most": _LONGEST_NAME}))
    name = value.strip(" \t\r\n\u3000\ufeff")
    right, shown = meant(name), _UNSEEN.sub("\ufffd", name)
    if right is not None:
        faults.append(("name.garbled", {"text": shown[:60], "meant": right[:60]}))
    elif shown != name:
        faults.append(("name.unusable", {"text": shown[:60]}))
    return shown


def _meanings(key: str, value: Json) -> Sequence[_Meaning]:
    """Tell what a column may be; a cut heading that may be several is told by its value."""
    found = _by_heading(_BESIDE.sub("", key[:80]).lower() or key.strip().lower())
    if len({each.role for each in found}) < 2:
        return found
    if isinstance(value, str) and level_of(value):
        roles = {"level"}
    elif isinstance(value, int | float) or (isinstance(value, str) and value.isascii()):
        roles = {"code", "parent"}
    else:
        roles = {"name"}
    return [each for each in found if each.role in roles]


@lru_cache(4096)
def _by_heading(heading: str) -> Sequence[_Meaning]:
    known, bare = _known(), _NUMBERED.sub("", heading)
    if heading in known.exact:
        return known.exact[heading]
    found = known.cut.get(heading) or (known.numbered.get(bare, ()) if bare != heading else ())
    return [each for each in found if each.own is None] or found


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(
        Path(__file__).with_name("aliases.toml").read_text("utf-8")
    )
    return table


@cache
def _known() -> _Known:
    table = _table()
    exact: dict[str, list[_Meaning]] = {}
    cut: dict[str, list[_Meaning]] = {}
    numbered: dict[str, list[_Meaning]] = {}
    for heading, meaning in _listed(table):
        exact.setdefault(heading, []).append(meaning)
        for each in _remains(heading, _HEADING_BYTES):
            cut.setdefault(each, []).append(meaning)
        for each in _remains(heading, *range(_HEADING_BYTES - 2, _HEADING_BYTES + 1)):
            numbered.setdefault(each, []).append(meaning)
    levels = {word: level for level, words in table["levels"].items() for word in words}
    beside = table["beside_levels"]
    pattern = f"({'|'.join(beside['after'])})$|^({'|'.join(beside['words'])})$"
    return _Known(levels, re.compile(pattern), exact, cut, numbered)


def _listed(table: Mapping[str, Any]) -> Iterator[tuple[str, _Meaning]]:
    for role, names in table["properties"].items():
        for rank, name in enumerate(names):
            yield name, _Meaning(role, rank)
    for role, names in table["last_resort"].items():
        for rank, name in enumerate(names):
            yield name, _Meaning(role, _LAST + rank)
    for level, roles in table["own"].items():
        for role, names in roles.items():
            for rank, name in enumerate(names):
                yield name, _Meaning(role, rank, level)


def _remains(heading: str, *lengths: int) -> set[str]:
    """Give what a dBASE table leaves of a heading that is too long for it, whole characters only.

    Fewer bytes where a number is appended.
    """
    found: set[str] = set()
    for encoding in ("utf-8", "gb18030"):
        whole = heading.encode(encoding)
        if len(whole) > _HEADING_BYTES:
            found |= {whole[:n].decode(encoding, "ignore") for n in lengths}
    return found
