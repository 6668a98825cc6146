"""Limits as offices write them, and what one may have meant that names none."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from server.responsibility.sheets import columns

_LONGEST: Final = 60  # characters; what is longer is prose
_MOST_OFFERED: Final = 4
_TEN: Final = 10
_NUMBER: Final = re.compile(r"(?<![\d.])\d{1,4}(?:\.\d{1,2})?(?![\d.])")


def amount(said: str, unit: str = "") -> tuple[int, str] | None:
    """Return a limit and its urgency from a text such as `2个工作日` or `不超过十五日`, or None.

    `unit` is what a column of its own, or the heading, says beside a number without one.
    """
    if len(said) > _LONGEST:
        return None
    if unit:
        return amount(said) or amount(said + unit)
    words = columns.words_of("limits")
    bare = _digits(re.sub(words["before"], "", _spaceless(said)))
    bare = re.sub(words["after"], "", bare)
    found = re.fullmatch(r"(\d{1,4})([^\d.].*)", bare)
    return _of(int(found[1]), found[2]) if found else None


def offers(said: str, default: str) -> tuple[tuple[int, str], ...]:
    """Return what a text may mean that is no limit: each it names, what its words usually mean.

    The last is what holds for the type of list, if anything does.
    """
    spaceless = re.sub(columns.words_of("limits")["date"], "", _spaceless(said[:_LONGEST]))
    spaceless = _halves(_digits(spaceless))
    found = [*_named(spaceless)]
    for limit, meaning in columns.words_of("limits")["means"].items():
        if any(word in spaceless for word in meaning):
            found.append(amount(limit))
    found.append(amount(default))
    distinct = dict.fromkeys(each for each in found if each is not None)
    return tuple(distinct)[:_MOST_OFFERED]


def _named(bare: str) -> Iterator[tuple[int, str] | None]:
    """Yield each limit within a text; a number without a unit gets those it usually has."""
    for found in _NUMBER.finditer(bare):
        after = bare[found.end() :]
        fitting = [_part(Decimal(found[0]), after[:length]) for length in range(8, 0, -1)]
        yield next((each for each in fitting if each is not None), None)
    if re.fullmatch(r"\d{1,4}", bare):
        for unit in columns.words_of("limits")["usual"]:
            yield _of(int(bare), unit)


def _halves(said: str) -> str:
    """Return a text whose numbers and a half are written with a point: 1个半月 as 1.5个月."""
    halves = columns.words_of("limits")["halves"]
    said = re.sub(halves["after"], r"\1.5\2", said)
    return re.sub(halves["between"], rf"\1.5{halves['of']}", said)


def _part(number: Decimal, unit: str) -> tuple[int, str] | None:
    """Return a limit of so many, of smaller units where they are not whole; None for odd ones."""
    if number == int(number):
        return _of(int(number), unit)
    one = _of(1, unit)
    if one is None:
        return None
    n_smaller, smaller = columns.words_of("limits")["parts"].get(one[1], (1, one[1]))
    whole = number * one[0]
    if whole == int(whole):
        return int(whole), one[1]
    whole *= n_smaller
    return (int(whole), smaller) if whole == int(whole) else None


def _of(number: int, unit: str) -> tuple[int, str] | None:
    days = columns.words_of("limits")["days"].get(unit, 0)
    urgency = "natural_day" if days else columns.value("urgency", unit)
    number *= days or 1
    return (number, urgency) if urgency and 0 < number < 10_000 else None


def _spaceless(said: str) -> str:
    """Return a text as limits are compared: without spaces, in today's characters."""
    same: dict[str, str] = columns.words_of("limits")["same"]
    return columns.spaceless(said).translate({ord(old): new for old, new in same.items()})


def _digits(said: str) -> str:
    """Return a text with its Chinese numerals as digits, those below a thousand."""
    values: dict[str, int] = columns.words_of("limits")["numerals"]
    return re.sub(f"[{''.join(values)}]+", lambda found: str(_number(found[0], values)), said)


def _number(numeral: str, values: Mapping[str, int]) -> int:
    found = ones = 0
    for each in numeral:
        if values[each] < _TEN:
            ones = values[each]
        else:
            found, ones = found + (ones or 1) * values[each], 0
    return found + ones
