"""An entry of a list and its columns, each declared once: a line of `EntryView`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, get_type_hints


class Addressee(StrEnum):
    """Who is answered a column: whoever keeps lists, a conference, everybody."""

    DESK = "desk"
    CONFERENCE = "conference"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What sheets, comparisons, proposals and prints do with a column.

    `name` is what they call it, '' for as the field of the entry; `stored` says that the table of
    entries holds it. What is `compared` is a change when it differs; an admission leaves nothing
    open that is `needed`; `width` is its share of a printed page, 0 for what is not printed.
    """

    name: str = ""
    stored: bool = True
    compared: bool = True
    needed: bool = False
    width: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Column):
    """A column that is kept as it stands in its cell, at most `most` characters.

    A proposal may make it `least` to `proposed` characters, and leaves it alone where that is 0.
    What is `searched` is found by its words; a `never_number` has lost something, leading zeros or
    digits, where a sheet keeps it as a number.
    """

    most: int | None = None
    least: int = 0
    proposed: int = 0
    searched: bool = False
    never_number: bool = False
    addressees: tuple[Addressee, ...] = ()


_LISTED: Final = (Addressee.DESK, Addressee.PUBLIC)
_ALL: Final = tuple(Addressee)


#: So many characters of a matter's name fit into a message and a line of a phone.
LONGEST_TITLE: Final = 40
_CLAUSE_ENDS: Final = re.compile("[，,；;。：:（(]")


def shortened(name: str) -> str:
    """Return a name as it is, or, of one too long for a message, its beginning up to a pause."""
    if len(name) <= LONGEST_TITLE:
        return name
    pauses = [found.start() for found in _CLAUSE_ENDS.finditer(name, 0, LONGEST_TITLE)]
    return name[: max(pauses, default=0) or LONGEST_TITLE - 1] + "…"


@dataclass(frozen=True, slots=True)
class FilingCondition:
    """When a case is filed; `limit` and `urgency` are None where the entry's apply."""

    text: str
    limit: int | None = None
    urgency: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """One step of a fixed process over several units (一件事)."""

    position: int
    unit: str
    step: str
    limit: int | None = None
    urgency: str | None = None


@dataclass(frozen=True, slots=True)
class Cooperating:
    """A cooperating unit and its duties; a None unit is the township of the place."""

    unit_id: int | None
    duties: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One matter's row in a version of a list; a None lead is the township of the place.

    Its columns are in the order in which a comparison names them. `extras` are those that we
    have no field for; `township_until` is when the admission ends by which townships have a part
    in it, if one does.
    """

    id: int
    version_id: int
    matter_code: str
    row: int
    name: Annotated[
        str,
        Text(
            most=500,
            least=1,
            proposed=500,
            needed=True,
            width=4,
            searched=True,
            never_number=True,
            addressees=_LISTED,
        ),
    ]
    short_title: Annotated[str, Text(most=40, proposed=40, addressees=_LISTED)] = ""
    domain: Annotated[
        str, Text(most=40, least=1, proposed=40, needed=True, width=2, addressees=_LISTED)
    ]
    description: Annotated[str, Text(searched=True, addressees=(Addressee.PUBLIC,))] = ""
    kind: Annotated[str, Column()]
    responsibility: Annotated[str, Column()]
    platform: Annotated[str, Text(most=20, proposed=20)] = ""
    lead_id: Annotated[int | None, Column(name="lead", needed=True, width=3)]
    lead_duties: Annotated[
        str, Text(proposed=8000, needed=True, width=6, searched=True, addressees=_ALL)
    ] = ""
    cooperating: Annotated[
        tuple[Cooperating, ...],
        Column(stored=False, width=4),
        Column(name="cooperating_duties", stored=False, width=6),
    ] = ()
    township_duties: Annotated[
        str, Text(proposed=8000, width=5, searched=True, addressees=_ALL)
    ] = ""
    legal_basis: Annotated[
        str, Text(proposed=4000, needed=True, width=4, searched=True, addressees=_ALL)
    ] = ""
    contact_name: Annotated[str, Text(most=80, proposed=80)] = ""
    contact_phone: Annotated[str, Text(most=40, proposed=40, never_number=True)] = ""
    limit: Annotated[int, Column(needed=True, width=2)]
    urgency: Annotated[str, Column(compared=False, needed=True)]  # a limit names it too
    self_handle: Annotated[bool, Column()]
    receives: Annotated[str, Column()]
    filing_conditions: Annotated[tuple[FilingCondition, ...], Column()] = ()
    closing_condition: Annotated[
        str, Text(proposed=4000, addressees=(Addressee.DESK, Addressee.CONFERENCE))
    ] = ""
    words: Annotated[tuple[str, ...], Column()] = ()
    process: Annotated[tuple[ProcessStep, ...], Column()] = ()
    tags: Annotated[tuple[str, ...], Column()] = ()
    extras: Mapping[str, str] = field(default_factory=dict, hash=False)
    township_until: datetime | None = None

    @property
    def title(self) -> str:
        """What the matter is called where there is no room: its short title, or its name cut."""
        return self.short_title or shortened(self.name)

    def texts(self, addressee: Addressee | None = None) -> dict[str, str]:
        """Return its plain texts by name: all, or those that an addressee is answered."""
        return {
            each.name: getattr(self, each.name)
            for each in TEXTS
            if addressee is None or addressee in each.addressees
        }


def _declared() -> Iterator[tuple[str, Column]]:
    """Tell each column with the field of an entry that holds it."""
    for held_by, hint in get_type_hints(EntryView, include_extras=True).items():
        for said in getattr(hint, "__metadata__", ()):
            yield held_by, replace(said, name=said.name or held_by)


COLUMNS: Final = tuple(column for _, column in _declared())
TEXTS: Final = tuple(each for each in COLUMNS if isinstance(each, Text))
#: The fields of an entry that are columns of its table.
STORED: Final = tuple(held_by for held_by, column in _declared() if column.stored)
SEARCHED: Final = tuple(each.name for each in TEXTS if each.searched)
COMPARED: Final = tuple(each.name for each in COLUMNS if each.compared)
NEEDED: Final = tuple(each.name for each in COLUMNS if each.needed)
LONGEST: Final = {each.name: each.most for each in TEXTS if each.most is not None}
