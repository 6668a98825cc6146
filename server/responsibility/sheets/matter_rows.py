"""The rows of one matter, as they are written: one, or several that go on below its name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from server.responsibility.sheets.duties import together
from server.responsibility.sheets.layout import Layout

_POINT: Final = re.compile(r"[.．\-－]")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: in which column, a stable code, facts for the sentence."""

    row: int
    column: str
    code: str
    facts: dict[str, object] = field(default_factory=dict)


class MatterRows:
    """What the cells of one matter's rows say; what is carried down or repeated is said once."""

    def __init__(self, layout: Layout, rows: Sequence[int]) -> None:
        self._layout = layout
        self.rows = tuple(rows)
        self.first = rows[0]

    def said(self, name: str) -> str:
        """Return what a field's cells say, those of several rows on lines of their own."""
        if len(self.rows) == 1:
            return self._layout.cell(self.first, name).text
        return together(*(self.own(row, name) for row in self.rows))

    def once(self, name: str) -> str:
        """Return what the first of the rows that says anything of a field says."""
        return next((said for row in self.rows if (said := self.own(row, name))), "")

    def own(self, row: int, name: str) -> str:
        """Return what a row says of a field that the rows above it do not say already."""
        at = self._layout.columns.get(name)
        return self._own(row, at) if at is not None else ""

    def extras(self) -> dict[str, str]:
        """Return what the columns say that we have no field for, by their headings."""
        said = {
            name: together(*(self._own(row, at) for row in self.rows))
            for name, at in self._layout.extras.items()
        }
        return {name: text for name, text in said.items() if text}

    def _own(self, row: int, at: int) -> str:
        said = self._layout.at(row, at).text
        if row == self.first:
            return said
        repeated = (row, at) in self._layout.sheet.carried
        return "" if repeated or said == self._layout.at(self.first, at).text else said


def goes_on(layout: Layout, row: int, first: int) -> bool:
    """Tell whether a row goes on with the matter of another above it.

    Its name is merged with that one's; or both are repeated, the number up to its first point; or
    number and name are left empty, and something is said right of them.
    """
    at = layout.columns["name"]
    if (row, at) in layout.sheet.carried:
        return True
    said, above = (
        [layout.cell(each, n).text for n in ("number", "code", "name")] for each in (row, first)
    )
    if not any(said):
        return max(layout.said(row)) > at
    said[0], above[0] = (_POINT.split(each[0])[0] for each in (said, above))
    domains = {layout.cell(each, "domain").text for each in (row, first)}
    return said == above and bool(said[2]) and len(domains) == 1
