"""What lists are narrowed to: what there is not is refused by its name, and never found empty."""

from collections.abc import Iterable
from datetime import datetime

from server.cases.reading import queries
from server.cases.rules.basis import Basis
from server.errors import BadInput
from server.people.queries import once_called
from server.responsibility.list.queries import matter_name


async def require_known(
    known: Basis, at: datetime, *, matter: str | None = "", unit: str = "", **places: str
) -> None:
    """Refuse with BadInput what a filter names and there is not; `places` are codes by level.

    `unit` is any name of one. What is empty narrows nothing.
    """
    refuse(await unknown(known, at, matter=matter, unit=unit, **places))


async def unknown(
    known: Basis, at: datetime, *, matter: str | None = "", unit: str = "", **places: str
) -> set[str]:
    """Return which parts of a filter name what there is not, as `require_known`."""
    found = set[str]()
    if unit and await once_called(unit, known.units) is None:
        found.add("unit")
    if matter and await matter_name(matter) is None:
        found.add("matter")
    boundaries = known.places.at(at)
    for level, code in places.items():
        row = boundaries.row(code) if boundaries and code else None
        # A place that boundaries of today lack may be that of an old case.
        if code and (row is None or row.level != level) and not await queries.lies_in(level, code):
            found.add(level)
    return found


def refuse(names: Iterable[str]) -> None:
    """Refuse with BadInput the parts of a filter that name what there is not."""
    if errors := [{"pointer": f"/{name}", "reason": "unknown"} for name in sorted(names)]:
        raise BadInput(errors)
