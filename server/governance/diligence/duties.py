"""What an entry of the list asks of a unit, taken apart into single duties. Pure."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from server.people.units import UnitKind, UnitView
from server.responsibility.list.fields import EntryView
from server.texts.catalogue import text

#: Where one duty ends: a line or a semicolon, but not one inside brackets.
_ENDS: Final = re.compile(r"[\n；;]+(?![^（(\n]*[）)])")
_TRIMMED: Final = " \t\u3000。；;，,、."
_HEADS: Final = ("：", ":")


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty: its number among the unit's, as what the list names the unit, its words.

    `source` is lead, cooperating or township.
    """

    number: int
    source: str
    text: str


def duties_of(entry: EntryView, unit: UnitView, township_code: str) -> tuple[Duty, ...]:
    """Return the single duties that an entry names for a unit at a place; none for a stranger.

    A station has its department's; what the list says twice is one duty.
    """
    here = unit.kind is UnitKind.TOWNSHIP and unit.township_code == township_code
    own = {unit.id, unit.parent_id} if unit.kind is UnitKind.STATION else {unit.id}

    def meant(unit_id: int | None) -> bool:
        return here if unit_id is None else unit_id in own

    named = [("lead", entry.lead_duties)] if meant(entry.lead_id) else []
    named += [("cooperating", each.duties) for each in entry.cooperating if meant(each.unit_id)]
    if here:
        named.append(("township", entry.township_duties))
    sources = dict[str, str]()
    for source, words in named:
        for duty in split(words):
            sources.setdefault(duty, source)
    return tuple(Duty(n, source, duty) for n, (duty, source) in enumerate(sources.items(), 1))


def split(words: str) -> list[str]:
    """Return the duties of a cell in order, without their numbering.

    A heading that ends in a colon stays with the duty that follows it: nothing is lost.
    """
    found, heading = list[str](), ""
    for part in _ENDS.split(_numbering().sub("\n", words)):
        duty = part.strip(_TRIMMED + "\r\n")
        if duty.endswith(_HEADS):
            heading += duty
        elif duty:
            found.append(heading + duty)
            heading = ""
    return [*found, heading] if heading else found


@cache
def _numbering() -> re.Pattern[str]:
    """Return the marks before a duty: 1. 2、 3） (4) in figures or in words, and ringed ones.

    Only where a duty may begin, so that decimals and articles cited in a sentence stay whole.
    """
    numerals = f"[{text('format.numerals')}]{{1,3}}"
    marks = (
        r"\d{1,2}[.．、)）](?!\d)",
        f"{numerals}、",
        rf"[（(](?:\d{{1,2}}|{numerals})[）)]",
    )
    return re.compile(rf"(?:^|(?<=[\s；;。：:]))\s*(?:{'|'.join(marks)})|[①-⑳]", re.MULTILINE)
