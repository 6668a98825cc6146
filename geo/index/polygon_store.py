"""The polygons behind an index: kept as bytes, made ready for testing when first needed."""

import struct
import threading
from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Shapes = NDArray[np.object_]

_HEAD = struct.Struct("<xII")  # byte order, type, number of parts or rings
_COUNT = struct.Struct("<I")
_PLAIN = struct.Struct("<xIII")  # of a polygon with one ring: byte order, type, 1, its length
_POLYGON = 3
_AT_ONCE = 10_000
_READY_BYTES = 1 << 26  # of WKB; a prepared polygon takes several times that


class Shelf:
    """Polygons by id, bounded in memory and safe to use from several threads.

    A polygon is prepared and used once under the lock, because GEOS builds its search tree at
    the first question and does not guard that moment. Afterwards it is only read. Room is made by
    starting a new cache, never by altering polygons, so that a thread in the middle of a question
    keeps its own.
    """

    __slots__ = ("_blob", "_cache", "_held", "_lock", "_offsets", "_room", "_starts")

    def __init__(
        self, blob: memoryview, offsets: NDArray[np.int64], *, room: int = _READY_BYTES
    ) -> None:
        self._blob = blob
        self._offsets = offsets
        self._starts = offsets.data  # plain numbers, quicker to be had
        self._room = room
        self._held = 0
        self._cache: Shapes = np.full(len(self), None, dtype=object)
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

    def parts(self, place: int) -> list[list[NDArray[np.float64]]]:
        """Give the rings of each part of one polygon as lon/lat pairs, straight from its bytes."""
        at = int(self._offsets[place])
        kind, count = _HEAD.unpack_from(self._blob, at)
        if kind == _POLYGON:
            return [self._rings(at)[0]]
        found = []
        at += _HEAD.size
        for _ in range(count):
            rings, at = self._rings(at)
            found.append(rings)
        return found

    def outlines(
        self, places: Sequence[int]
    ) -> tuple[NDArray[np.complex128], list[int], list[int]]:
        """Give all rings of some polygons, one after the other, as lon + i lat.

        Shells run counter-clockwise, holes clockwise. Then: where each ring but the last ends,
        and where each polygon begins.
        """
        pieces: list[Any] = []
        joints, starts, n = [], [], 0
        for place in places:
            starts.append(n)
            at, stop = self._starts[place], self._starts[place + 1]
            kind, n_rings, length = _PLAIN.unpack_from(self._blob, at)
            if kind == _POLYGON and n_rings == 1:
                pieces.append(self._blob[at + _PLAIN.size : stop])
                joints.append(n := n + length)
                continue
            for ring in (ring for part in self.parts(place) for ring in part):
                pieces.append(ring.data)
                joints.append(n := n + len(ring))
        joints.pop()
        return np.frombuffer(bytearray().join(pieces), "<c16"), joints, starts

    def _rings(self, at: int) -> tuple[list[NDArray[np.float64]], int]:
        """Give the rings of the polygon at a position, and the position after it."""
        _, n_rings = _HEAD.unpack_from(self._blob, at)
        at += _HEAD.size
        found = []
        for _ in range(n_rings):
            (length,) = _COUNT.unpack_from(self._blob, at)
            at += _COUNT.size
            found.append(np.frombuffer(self._blob, "<f8", 2 * length, at).reshape(-1, 2))
            at += 16 * length
        return found, at

    def ready(self, place: int) -> BaseGeometry:
        """Give one polygon, prepared for questions."""
        found = self._cache[place]
        if found is None:
            found = self._make_ready(np.array([place]))[0]
        return found

    def ready_for(self, places: NDArray[np.int64]) -> Shapes:
        """Give the prepared polygon for each of many ids."""
        shapes = self._cache[places]
        missing = np.flatnonzero(shapely.is_missing(shapes))
        if len(missing):
            absent, at = np.unique(places[missing], return_inverse=True)
            shapes[missing] = self._make_ready(absent)[at]
        return shapes

    def _make_ready(self, places: NDArray[np.int64]) -> Shapes:
        """Give polygons that were missing a moment ago, and keep them where there is room."""
        with self._lock:
            shapes = self._cache[places]
            missing = shapely.is_missing(shapes)
            absent = places[missing]
            starts, stops = self._offsets[absent].tolist(), self._offsets[absent + 1].tolist()
            wkb = [bytes(self._blob[a:b]) for a, b in zip(starts, stops, strict=True)]
            made = shapely.from_wkb(np.array([*wkb, None], dtype=object))[:-1]
            shapely.prepare(made)
            _, first = np.unique(
                shapely.get_coordinates(made, return_index=True)[1], return_index=True
            )
            x, y = shapely.get_coordinates(made)[first].T
            shapely.intersects_xy(made, x, y)
            self._keep(absent, made, sum(map(len, wkb)))
            shapes[missing] = made
            return shapes

    def _keep(self, places: NDArray[np.int64], made: Shapes, n_bytes: int) -> None:
        if self._held + n_bytes > self._room:
            self._cache = np.full(len(self), None, dtype=object)
            self._held = 0
        if n_bytes <= self._room:
            self._cache[places] = made
            self._held += n_bytes


def shelve(shapes: Sequence[BaseGeometry] | Shapes) -> Shelf:
    """Give a shelf holding copies of polygons, in their order, shells counter-clockwise."""
    shapes = np.asarray(shapes, dtype=object)
    offsets = np.zeros(len(shapes) + 1, np.int64)
    parts = []
    for start in range(0, len(shapes), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        turned = shapely.orient_polygons(shapes[part])
        wkb = shapely.to_wkb(turned, byte_order=1, output_dimension=2)
        offsets[1:][part] = [len(each) for each in wkb]
        parts.append(b"".join(wkb))
    np.cumsum(offsets, out=offsets)
    return Shelf(memoryview(b"".join(parts)), offsets)
