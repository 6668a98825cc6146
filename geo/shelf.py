"""The polygons behind an index: kept as bytes, made ready for testing when first needed."""

import threading
from collections.abc import Sequence
from typing import NoReturn

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_READY_BYTES = 1 << 26  # of WKB; a prepared polygon takes several times that


class Shelf:
    """Polygons by id, bounded in memory and safe to use from several threads.

    A polygon is prepared and used once under the lock, because GEOS builds its search tree at
    the first question and does not guard that moment. Afterwards it is only read. Room is made by
    forgetting, never by altering, so that a thread in the middle of a question keeps its polygon.
    """

    __slots__ = ("_blob", "_held", "_lock", "_offsets", "_ready", "_room")

    def __init__(
        self, blob: memoryview, offsets: NDArray[np.int64], *, room: int = _READY_BYTES
    ) -> None:
        self._blob = blob
        self._offsets = offsets
        self._ready: dict[int, BaseGeometry] = {}
        self._held = 0
        self._room = room
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __reduce__(self) -> NoReturn:
        raise TypeError("an index is saved with save(), not pickled")

    @property
    def blob(self) -> memoryview:
        """All polygons as WKB, one after the other."""
        return self._blob

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Where each polygon's WKB begins, and the end of the last."""
        return self._offsets

    def plain(self, place: int) -> BaseGeometry:
        """A fresh copy of one polygon, not prepared."""
        start, stop = int(self._offsets[place]), int(self._offsets[place + 1])
        return shapely.from_wkb(bytes(self._blob[start:stop]))

    def ready(self, place: int) -> BaseGeometry:
        """One polygon, prepared for questions."""
        found = self._ready.get(place)
        return found if found is not None else self._make_ready(place)

    def ready_for(self, places: NDArray[np.int64]) -> NDArray[np.object_]:
        """The prepared polygon for each of many ids."""
        used = np.flatnonzero(np.bincount(places, minlength=0))
        shapes = np.empty(int(used[-1]) + 1 if len(used) else 0, dtype=object)
        for place in used.tolist():
            shapes[place] = self.ready(place)
        return shapes[places]

    def _make_ready(self, place: int) -> BaseGeometry:
        with self._lock:
            found = self._ready.get(place)
            if found is not None:
                return found
            size = int(self._offsets[place + 1] - self._offsets[place])
            if self._held + size > self._room:
                self._ready = {}
                self._held = 0
            shape = self.plain(place)
            shapely.prepare(shape)
            x, y = shapely.get_coordinates(shape)[0]
            shapely.intersects_xy(shape, x, y)
            self._ready[place] = shape
            self._held += size
            return shape


def shelve(shapes: Sequence[BaseGeometry] | NDArray[np.object_]) -> Shelf:
    """A shelf holding copies of polygons, in their order."""
    wkb = [bytes(each) for each in shapely.to_wkb(np.asarray(shapes, dtype=object))]
    offsets = np.zeros(len(wkb) + 1, np.int64)
    np.cumsum([len(each) for each in wkb], out=offsets[1:])
    return Shelf(memoryview(b"".join(wkb)), offsets)
