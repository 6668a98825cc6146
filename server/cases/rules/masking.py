"""By what a person could be found, taken out of words that others are to read.

Words stay stored as they came; what is shown of them is masked. They are read as they would be
read aloud: full-width and circled digits and numerals written out are digits, and what has no
width is not there.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final

from server.texts.catalogue import text

_MASK: Final = "***"
_SPELT: Final = dict(zip(text("masking.numerals"), "000123456789112345678923610279", strict=True))
_AS_DIGITS: Final = str.maketrans(_SPELT)
_UNSEEN: Final = frozenset({"Cf", "Mn", "Me"})


def _any_of(key: str, between: str = "") -> str:
    words = text(key).split(text("format.and"))
    return "|".join(between.join(map(re.escape, word)) for word in words)


_DASH: Final = r"\-\u2010-\u2015"
_GAP: Final = rf"(?:[\W_]{{0,3}}|[\s._{_DASH}]{{4,20}}|\s?(?:{_any_of('masking.gap')})\s?)"
_DIGIT: Final = rf"(?:{_GAP}\d)"
#: What stands between the three parts in which a mobile is told, as on a page or in a sentence.
_PAUSE: Final = (
    rf"(?:{_GAP}|<[a-z /]{{1,5}}>|[\W_]{{0,2}}(?:{_any_of('masking.pause')})[\W_]{{0,2}})"
)
#: So many digits in a row are somebody's number; fewer, or fewer numerals, are words.
_RUN: Final = re.compile(rf"[\d{''.join(_SPELT)}](?:{_PAUSE}[\dlio{''.join(_SPELT)}]){{6,}}")
_MONTH: Final = "(?:0[1-9]|1[0-2])"
_DAY: Final = "(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = "(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9])?"
_HOUR: Final = "(?:[01]?[0-9]|2[0-4]):[0-5][0-9]"
_YEAR: Final = r"(?:19|20)\d\d"
_MOBILE: Final = rf"(?:1{_GAP}[3-9]{_DIGIT}{{9}}|1[3-9]\d{_PAUSE}\d{{4}}{_PAUSE}\d{{4}})(?!\d)"
_IDENTITY: Final = rf"[1-9]{_DIGIT}{{16}}{_GAP}[\dx](?![\da-z])"
_NEXT: Final = rf"(?:\s?[{text('format.and')},/~{_DASH}]\s?|\s)"

#: A birthday stands in it: whoever says that it numbers a thing is mistaken.
_CITIZEN: Final = rf"[1-9]\d{{5}}{_YEAR}{_MONTH}{_DAY}\d{{3}}[\dx]"
_LANDLINE: Final = rf"0(?:10|2\d|[3-9]\d\d){_GAP}[2-9]\d{{6,7}}(?!\d)"
_SOMEBODYS: Final = rf"(?:[a-z]{{0,6}}(?:{_MOBILE}|{_CITIZEN})|{_LANDLINE})"
_PART: Final = rf"(?!{_SOMEBODYS})[a-z]{{0,6}}\d[\da-z]{{0,23}}"
#: No telephone begins like this.
_NO_TELEPHONE: Final = rf"(?!{_SOMEBODYS})0\d{{0,11}}(?:-\d{{1,8}}){{0,3}}(?![\d-])"
_IS: Final = rf"[{text('masking.thing_is')}:#\s]{{0,3}}"
#: The word before it says that a thing is numbered: what bears the number, and that it is one.
_NUMBERED_THING: Final = (
    rf"(?:(?:{_any_of('masking.things')})(?:{_any_of('masking.thing_number')})"
    rf"|(?<![{text('masking.no_bearers')}])[{text('masking.bearers')}]{text('masking.number')}"
    rf"|{_any_of('masking.numbered')}){_IS}"
)
_SERVICE: Final = r"(?:1[012]\d|1[02]\d{3}|9[56]\d{3})"

#: Nobody's: moments, positions, years, hours, days, numbers of cases, of things and of standards,
#: sums, ordinals, rows of houses, numbers of services, what is counted or numbered by name.
_KEPT: Final = (
    rf"{_YEAR}{_MONTH}{_DAY}(?:{_CLOCK})?(?!\d)",
    rf"{_YEAR}(?P<mark>[-/.])(?:{_MONTH}|[1-9])(?P=mark)(?:{_DAY}|[1-9])"
    r"(?:[ t]{1,2}\d{1,2}:\d\d(?::\d\d)?)?(?!\d)",
    rf"{_YEAR}(?:{_NEXT}{_YEAR}){{1,20}}(?!\d)",
    rf"(?!{_MOBILE}){_HOUR}(?:{_NEXT}{_HOUR}){{0,20}}(?![\d:])",
    rf"(?!{_MOBILE}){_MONTH}-{_DAY}(?:{_NEXT}{_MONTH}-{_DAY}){{1,20}}(?!-?\d)",
    rf"(?!{_MOBILE})\d{{1,3}}\.\d{{3,8}}[, ]{{1,2}}\d{{1,3}}\.\d{{3,8}}(?!\d)",
    rf"(?!{_IDENTITY})\d\d{_MONTH}{_DAY}-\d{{8}}(?!\d)",
    rf"{_NUMBERED_THING}(?:[a-z]{{1,6}}[-_])?{_PART}(?:[-_/.]{_PART}){{0,4}}(?![\da-z])"
    rf"(?:[\u4e00-\u9fff]{{1,6}}{_NO_TELEPHONE})?",
    # Beside a thing that merely stands there a telephone may stand as well.
    rf"(?:{_any_of('masking.things')}){_IS}"
    rf"(?:(?:\d{{1,3}}kv)?[\u4e00-\u9fff]{{0,6}}{_NO_TELEPHONE}"
    r"|(?![2-9]\d{2,3}-?\d{4}(?!\d))"
    rf"(?:[a-z]{{1,4}}-?)?{_PART}(?:-{_PART}){{0,3}}(?![\da-z]))",
    rf"{_SERVICE}(?:{_NEXT}{_SERVICE}){{1,20}}(?!\d)",
    rf"(?<=[{text('masking.ordinal')}])(?!{_MOBILE}|{_CITIZEN})\d{{1,24}}(?!\d)",
    rf"(?<![a-z])no[.: ]{{0,2}}(?!{_MOBILE})\d{{1,12}}(?!\d)",
    rf"(?<![a-z])(?:gb|hj|cjj?|jgj|ga|dl|jt|db\d\d)(?:/[tz])?\s?\d{{1,6}}(?:\.\d\d?)?-{_YEAR}(?!\d)",
    rf"(?!{_MOBILE})\d{{1,12}}(?:\.\d{{1,4}})?"
    rf"(?=\s?(?:{_any_of('masking.counted')}))(?!\s?(?:{_any_of('masking.uncounted')}))",
    rf"(?!{_MOBILE})\d{{1,4}}(?:[-{text('format.and')},/]\d{{1,4}}){{1,30}}"
    rf"(?=\s?[{text('masking.houses')}])",
)
#: Telephones of a place: an office's own, where it says whom to ask.
_OFFICE: Final = (
    rf"0[1-9]\d{{1,2}}{_GAP}[2-9]\d{{2,3}}{_GAP}\d{{4}}(?!\d)",
    r"[48]00(?:[ -]?\d){7}(?!\d)",
    rf"[2-9]\d{{2,3}}[ {_DASH}]{{1,2}}\d{{4}}(?!\d)",
    r"[2-9]\d{6,7}(?!\d)",
)
#: Somebody's: mobile, also with letters that look like digits, identity or card, a number abroad,
#: telephone of a place, whatever has many digits in a row.
_TAKEN: Final = (
    rf"(?:\+?(?:00)?86{_GAP})?{_MOBILE}",
    r"(?<![a-z])[1li][3-9](?:[^\w\n]?[\dlio]){9}(?![\da-z])",
    _IDENTITY,
    *(rf"[1-9]{_DIGIT}{{{n}}}(?!\d)" for n in (18, 15, 14)),
    rf"(?P<office>{'|'.join(_OFFICE)})",
    r"\+?\d{7,}x?",
)
_DOT: Final = rf"\s?(?:\.|[\[( ]dot[\]) ]|{_any_of('masking.dot')})\s?"
_HAN: Final = r"\u4e00-\u9fff"
_MAIL: Final = (
    r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}(?:\s?(?:@|\(at\)|\[at\]|#(?=[a-z])"
    rf"|{_any_of('masking.at')})\s?|\s{{1,2}}at\s{{1,2}})"
    rf"[a-z0-9-]{{1,63}}(?:{_DOT}[a-z0-9-]{{1,63}}){{1,4}}"
    # Names of persons and of hosts may be Chinese.
    rf"|[{_HAN}]{{1,3}}@[a-z0-9-]{{1,63}}(?:\.[a-z0-9-]{{1,63}}){{1,4}}"
    rf"|[a-z0-9._%+-]{{1,64}}@[{_HAN}a-z0-9-]{{1,20}}\.(?:[a-z]{{2,6}}|[{_HAN}]{{2}})"
)
_APART: Final = r"\s{0,2}"
#: What may stand between the characters of a name, as on a form or in one of several parts.
_WITHIN_NAME: Final = r"[\s·•・]"
_CARD: Final = (
    r"(?:https?://)?(?<![a-z0-9.])(?:u\.wechat\.com|weixin\.qq\.com/r|qm\.qq\.com|t\.me|wa\.me"
    rf"|v\.douyin\.com|v\.kuaishou\.com|xhslink\.com)/[^\s{_HAN},;)]+"
)
#: The word that one is a chat name may stand apart, and somebody be named before it.
_CHAT: Final = (
    rf"(?:{_any_of('masking.chat', _APART)}|[{text('masking.chat_one')}](?=[^\w\s]{{0,3}}\s?:)"
    r"|(?<![a-z])(?:we ?chat|wei ?xin|w ?x(?!id_)|vx|qq|telegram|skype|whats ?app"
    rf"|v(?=[^\w\s]{{0,3}}\s?:)|(?:wei|[wv]) ?{text('masking.chat_half')}))"
    rf"\s{{0,2}}(?:{_any_of('masking.chat_number')}|id)?[\W_]{{0,4}}"
    rf"(?:(?:{_any_of('masking.chat_is')})[\W_]{{0,2}}){{0,3}}"
    rf"(?:[{_HAN}]{{1,6}}\s?:\s?|[{_HAN}]{{2,4}}\s(?=\d{{0,29}}[a-z]))?"
    r"(?P<chat>(?:[a-z0-9](?:[a-z0-9_-]|\.(?=[a-z0-9])){4,29}|\d{2,4}(?:[ -]\d{2,4}){1,3})"
    r"(?![a-z0-9@]))"
)
_PERSONAL: Final = re.compile(
    rf"(?<!\d)(?P<kept>{'|'.join(_KEPT)})"
    rf"|{_MAIL}|{_CARD}|{_CHAT}|(?<![a-z0-9])wxid_[a-z0-9]{{4,30}}"
    r"|\+(?!86)\d{1,4}(?:[ -]\d{2,5}){1,4}(?!\d)"
    rf"|[(+]?(?<!\d)(?:{'|'.join(_TAKEN)})"
)

#: Without any of these nobody is to be found in words.
_TELLING: Final = re.compile(rf"[\da-z{''.join(_SPELT)}]")


def masked(words: str, names: Collection[str] = (), *, offices: bool = False) -> str:
    """Return words with telephones, identities, mail, chat names and certain names unreadable.

    Where words say which `offices` to ask, telephones of a place stay: no person's, as a rule.
    """
    read = _as_read(words)
    spans = [*_named(read, names), *_numbered(read, offices=offices)]
    if not spans:
        return words
    # For every character as it is read, its place in the words.
    places = [place for place, each in enumerate(words) for _ in _one_as_read(each)]
    places.append(len(words))
    hidden = {place for start, end in spans for place in range(places[start], places[end])}
    parts = groupby(enumerate(words), key=lambda each: each[0] in hidden)
    return "".join(_MASK if gone else "".join(c for _, c in part) for gone, part in parts)


def _as_read(words: str) -> str:
    return "".join(map(_one_as_read, words))


@lru_cache(maxsize=8192)
def _one_as_read(character: str) -> str:
    if unicodedata.category(character) in _UNSEEN:
        return ""
    folded = unicodedata.normalize("NFKC", character).lower()
    return "".join(str(unicodedata.digit(each, each)) for each in folded)


def _named(read: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    for name in names:
        known = re.sub(_WITHIN_NAME, "", _as_read(name))
        if len(known) >= 2:
            written = f"(?:{_WITHIN_NAME}){{0,3}}".join(map(re.escape, known))
            yield from (each.span() for each in re.finditer(written, read))


def _numbered(read: str, *, offices: bool) -> Iterator[tuple[int, int]]:
    if not _TELLING.search(read):
        return
    digits = _RUN.sub(lambda run: run.group().translate(_AS_DIGITS), read)
    for found in _PERSONAL.finditer(digits):
        if found["chat"]:
            yield found.span("chat")
        elif not (found["kept"] or (offices and found["office"])):
            yield found.span()
