"""Places on the line between two grids."""

from server.cases.models.case import Case
from server.clock import now
from tests.casework import WALL, position


def edge(work, *, same_township: bool, point=WALL):
    """A point on the line between two grids of one township, or of two; the first to be met."""
    boundaries = work.basis.places.at(now())
    for direction in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        last = boundaries.find(*point)
        for n in range(2000):
            x, y = (at + n * 1e-4 * way for at, way in zip(point, direction, strict=True))
            found = boundaries.find(x, y)
            crossed = found.grid and last.grid and found.grid != last.grid
            if crossed and (found.township == last.township) is same_township:
                return x, y
            last = found
    raise AssertionError("no such border")


async def between_grids(work, **more) -> Case:
    """A case on the border of two grids of one township, dispatched by the list."""
    case = await work.report(position=position(edge(work, same_township=True)), **more)
    assert case.place["confirm"] is True
    return case


def others(case):
    return [each["code"] for each in case.place["candidates"] if each["code"] != case.grid_code]
