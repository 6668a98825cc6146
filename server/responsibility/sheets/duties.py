"""A cell of duties split by the units that it names: 甲局：…乙局：…."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from server.responsibility.sheets import columns
from server.responsibility.sheets.matching import is_short_for

#: Begins a line that belongs to the duty above, whatever it looks like.
GOES_ON: Final = "\u3000"
_NUMBERED: Final = r"(?:\d{1,2}[.．、]|[（(]\d{1,2}[)）])"
_CALLED: Final = re.compile(
    rf"(?:^|(?<=[\n。；;]))(?!{GOES_ON})[ \t]*{_NUMBERED}?[ \t]*"
    r"(?:[【\[〔]([^】\]〕\n]{2,80})[】\]〕][：:]?|([^：:\n。；;，,]{2,80})[：:])"
)
_BESIDE: Final = re.compile(r"[、/／]")
_BEGINS_LINE: Final = re.compile(
    rf"^(?!{GOES_ON})[ \t]*{_NUMBERED}?[ \t]*([^：:\n。；;，,\d]{{2,40}})[：:]", re.MULTILINE
)
#: What stands between a unit and what it has to do, where one cell says both.
ENDS: Final = "\n \u3000。；;，,、：:"
_HEAD: Final = re.compile(r"\s*([^。；;：:，,\s]{2,40})[。；;：:，,\s]+(\S.*)", re.DOTALL)
_LIST: Final = re.compile(rf"^[ \t]*{_NUMBERED}", re.MULTILINE)
_SHORTEST: Final = 3
_PARTS: Final = re.compile(r"((?:“[^“”\n]{0,40}”|[^、，,;；/／\n。])+)([、，,;；/／\n。]?)")
_WEAK: Final = ("、", "/", "／")


def split(said: str, names: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return what a text says of nobody by name, and of each of some units, by their names.

    A unit may be called by part of its name, by what no other of them could be called; several at
    once have the same to do.
    """
    before, found, last, begun = "", dict[str, list[str]](), list[str](), 0
    for called in _CALLED.finditer(said):
        named = _all_meant(called[1] or called[2], names)
        if not named:
            continue
        part = _kept(said[begun : called.start()])
        before = before if last else part
        for each in last:
            found[each].append(part)
        last, begun = named, called.end()
        for each in named:
            found.setdefault(each, [])
    if not last:
        return _kept(said), {}
    for each in last:
        found[each].append(_kept(said[begun:]))
    return before, {name: "\n".join(filter(None, each)) for name, each in found.items()}


def called(said: str) -> list[str]:
    """Return what stands before a colon at the beginning of a line: units, if it names units."""
    return [found[1].strip() for found in _BEGINS_LINE.finditer(said)]


def said_apart(said: str) -> tuple[str, str] | None:
    """Return the unit and the duty of a cell that calls them so before colons, or None."""
    labels = columns.words_of("together")["labels"]
    unit, duty = (f"(?:{'|'.join(labels[each])})[：:]" for each in ("unit", "duty"))
    called = re.match(unit, said)
    then = re.search(duty, said)
    if called is None:
        before = said[: then.start()].strip(ENDS) if then is not None else ""
        bare = bool(before) and re.search("[。；;：:\n]", before) is None
        return (before, said[then.end() :].strip()) if then is not None and bare else None
    if then is None:
        return said[called.end() :].strip(), ""
    return said[called.end() : then.start()].strip("\n ；;。"), said[then.end() :].strip()


def headed(said: str) -> tuple[str, str] | None:
    """Return what may be a unit's name at the head of a cell, and the rest: 甲局。查处."""
    found = _HEAD.fullmatch(said)
    return (found[1], found[2].strip()) if found else None


def said_together(unit: str, duty: str) -> str:
    """Return a unit and its duty as one cell says them, so that `said_apart` reads them again."""
    labels = columns.words_of("together")["labels"]
    return f"{labels['unit'][0]}\uff1a{unit}\n{labels['duty'][0]}\uff1a{duty}"


def together(*said: str) -> str:
    """Return several texts as one, each on its own lines; what is said already is left out."""
    return "\n".join(dict.fromkeys(filter(None, said)))


def without_numbers(said: str) -> str:
    """Return a list of names without the numbers at the beginning of its lines."""
    return _LIST.sub("", said)


def sides(said: str) -> Iterator[tuple[str, bool, bool]]:
    """Yield the names in a cell, with whether it says of each that it leads, and that it helps.

    It may say so before several, 牵头单位：甲，配合单位：乙、丙, or after them, 甲牵头，乙配合.
    """
    before, after, begins = _sides()
    apart = begins.sub("\n", without_numbers(said))
    side, held = (False, False), list[str]()
    for part in _PARTS.finditer(apart):
        name = part[1].strip()
        if called := before.match(name):
            yield from ((each, *side) for each in held)
            side, held = _side(called), list[str]()
            name = name[called.end() :].strip()
        held += [name] if name else []
        does = after.fullmatch(name) if side == (False, False) else None
        if does:
            held[-1] = does["names"]
        if does or part[2] not in _WEAK:
            yield from ((each, *(_side(does) if does else side)) for each in held)
            held = []
    yield from ((each, *side) for each in held)


def _side(called: re.Match[str]) -> tuple[bool, bool]:
    return called["leads"] is not None, called["helps"] is not None


@cache
def _sides() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return what says a side before names, what after one, and where what says it begins."""
    words = columns.words_of("leads")
    does = rf"(?:(?P<leads>{words['leading']})|(?P<helps>{words['helping']}))"
    unit = rf"(?:{words['unit']})*"
    before = rf"[【\[〔（(]?{does}{unit}(?:[】\]〕）)][：:]?|[：:])"
    after = rf"(?:{words['by']})?(?P<names>.{{2,}}?)(?:{words['how']})*{does}"
    bare = before.replace("?P<leads>", "").replace("?P<helps>", "")
    begins = rf"\s+(?={bare})|(?<=[^\s、，,;；])(?=[【\[〔]{bare}[^\s、，,;；/／。])"
    return re.compile(before), re.compile(after), re.compile(begins)


def _kept(said: str) -> str:
    return "\n".join(line.strip() for line in said.strip().splitlines())


def _all_meant(called: str, names: Sequence[str]) -> list[str]:
    """Return the units that are called: one, or several of which each is known; else none."""
    parts = (part for group in _BESIDE.split(called) for part in columns.joined(group))
    each = {_meant(part, names) for part in parts}
    if None in each:
        each = {_meant(called, names)}
    return [name for name in names if name in each]


def _meant(called: str, names: Sequence[str]) -> str | None:
    said = columns.plain(columns.lead_of(called)[0])
    plain = {name: columns.plain(name) for name in names}
    local = columns.is_township(said)
    exact = [
        name
        for name, each in plain.items()
        if each == said or (local and columns.is_township(name))
    ]
    ends = [
        name
        for name, each in plain.items()
        if min(len(each), len(said)) >= _SHORTEST and (each.endswith(said) or said.endswith(each))
    ]
    within = [name for name, each in plain.items() if is_short_for(said, each)]
    fitting = exact or ends or within
    return fitting[0] if len(fitting) == 1 else None
