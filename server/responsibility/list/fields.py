"""The fields of an entry, each declared once: what is text, stored, searched and compared."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class EntryField:
    """A field of an entry, as sheets, tables, searches and comparisons know it.

    `text` is written as it stands in its cell, at most `most` characters; `column` is where it is
    stored, '' for what other tables hold; what is `searched` is found by its words, what is
    `compared` is a change when it differs.
    """

    name: str
    column: str
    text: bool = False
    most: int | None = None
    searched: bool = False
    compared: bool = True


def _text(name: str, *, most: int | None = None, searched: bool = False) -> EntryField:
    return EntryField(name, name, text=True, most=most, searched=searched)


#: In the order in which a comparison names them.
FIELDS: Final = (
    _text("name", most=120, searched=True),
    _text("domain", most=40),
    _text("description", searched=True),
    EntryField("kind", "kind"),
    EntryField("responsibility", "responsibility"),
    _text("platform", most=20),
    EntryField("lead", "lead_id"),
    _text("lead_duties", searched=True),
    EntryField("cooperating", ""),
    EntryField("cooperating_duties", ""),
    _text("township_duties", searched=True),
    _text("legal_basis", searched=True),
    _text("contact_name", most=80),
    _text("contact_phone", most=40),
    EntryField("limit", "limit"),
    EntryField("urgency", "urgency", compared=False),  # a limit names it too
    EntryField("self_handle", "self_handle"),
    EntryField("receives", "receives"),
    EntryField("filing_conditions", "filing_conditions"),
    _text("closing_condition"),
    EntryField("words", "words"),
    EntryField("process", "process"),
    EntryField("tags", "tags"),
)
TEXTS: Final = tuple(each.name for each in FIELDS if each.text)
STORED: Final = tuple(each.column for each in FIELDS if each.column)
SEARCHED: Final = tuple(each.name for each in FIELDS if each.searched)
COMPARED: Final = tuple(each.name for each in FIELDS if each.compared)
LONGEST: Final = {each.name: each.most for each in FIELDS if each.most is not None}
