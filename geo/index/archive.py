"""An index as a file: a versioned header and checked sections, mapped into memory when read.

    8 bytes    magic "GWPLACES"
    4          format version
    4          CRC-32 of everything after these 24 bytes
    8          length of the whole file
    then       the header's length (8), the header (JSON), the sections; each at a multiple of 8

Little-endian. Nothing in it is code, and nothing is believed before lengths and CRC agree.
"""

import json
import mmap
import os
import struct
import sys
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.ground.errors import IndexFileError
from geo.ground.grid import Grid
from geo.index.polygon_store import Shelf
from geo.index.raster import NONE, Raster
from geo.index.records import EXACT, Records

MAGIC = b"GWPLACES"
VERSION = 3
_START = struct.Struct("<8sIIQ")
_LENGTH = struct.Struct("<Q")
_KINDS = {
    "codes": "u1",
    "cells": "<i4",
    "heads": "<i8",
    "list_offsets": "<i4",
    "lists": "<i4",
    "pieces": "<f4",
    "masks": "u1",
    "wkb": "u1",
    "offsets": "<i8",
    "bounds": "<f8",
}
_PIECE = 1 << 22


@dataclass(frozen=True, slots=True)
class Parts:
    """What an index consists of."""

    codes: tuple[str, ...]
    raster: Raster
    shelf: Shelf
    bounds: NDArray[np.float64]


def write(path: Path, parts: Parts) -> None:
    """Write an index beside the path and put it in its place when all of it is on the disk."""
    arrays = _arrays(parts)
    grid = parts.raster.grid
    header = json.dumps(
        {
            "grid": [grid.west, grid.south, grid.per_lon, grid.per_lat, grid.nx, grid.ny],
            "sections": {name: int(array.nbytes) for name, array in arrays.items()},
        }
    ).encode()
    body = [_padded(_LENGTH.pack(len(header)) + header)]
    body += [_padded(array.tobytes()) for array in arrays.values()]
    crc = 0
    for piece in body:
        crc = zlib.crc32(piece, crc)
    start = _START.pack(MAGIC, VERSION, crc, _START.size + sum(map(len, body)))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.writelines([start, *body])
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(path: Path) -> Parts:
    """Give the index in a file; raises IndexFileError with codes index_file.*."""
    try:
        with path.open("rb") as source:
            size = os.fstat(source.fileno()).st_size
            if size < _START.size + _LENGTH.size:
                raise IndexFileError("index_file.cut_off", {"path": str(path), "size": size})
            mapped = memoryview(mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ))
    except OSError as error:
        raise IndexFileError(
            "index_file.unreadable", {"path": str(path), "reason": error.strerror or ""}
        ) from error
    _require_whole(path, mapped)
    try:
        return _parts(mapped)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise IndexFileError(
            "index_file.damaged", {"path": str(path), "reason": str(error)}
        ) from error


def _arrays(parts: Parts) -> dict[str, NDArray[Any]]:
    arrays = {
        "codes": np.frombuffer(json.dumps(parts.codes).encode(), np.uint8),
        "cells": parts.raster.cells,
        "heads": parts.raster.records.heads,
        "list_offsets": parts.raster.records.offsets,
        "lists": parts.raster.records.lists,
        "pieces": parts.raster.records.pieces,
        "masks": parts.raster.records.masks,
        "wkb": np.frombuffer(parts.shelf.blob, np.uint8),
        "offsets": parts.shelf.offsets,
        "bounds": parts.bounds,
    }
    return {name: np.ascontiguousarray(each, _KINDS[name]) for name, each in arrays.items()}


def _padded(piece: bytes) -> bytes:
    return piece + bytes(-len(piece) % 8)


def _require_whole(path: Path, mapped: memoryview) -> None:
    magic, version, crc, size = _START.unpack_from(mapped)
    facts: dict[str, str | int] = {"path": str(path)}
    if magic != MAGIC:
        raise IndexFileError("index_file.not_an_index", facts)
    if version != VERSION:
        raise IndexFileError("index_file.version", {**facts, "has": version, "wants": VERSION})
    if size != len(mapped):
        raise IndexFileError("index_file.cut_off", {**facts, "size": len(mapped), "wants": size})
    found = 0
    for at in range(_START.size, size, _PIECE):
        found = zlib.crc32(mapped[at : at + _PIECE], found)
    if found != crc:
        raise IndexFileError("index_file.damaged", {**facts, "reason": "checksum"})
    if sys.byteorder != "little":
        raise IndexFileError("index_file.byte_order", facts)


def _parts(mapped: memoryview) -> Parts:
    (length,) = _LENGTH.unpack_from(mapped, _START.size)
    at = _START.size + _LENGTH.size
    header = json.loads(bytes(mapped[at : at + length]))
    at += length + (-(_LENGTH.size + length) % 8)
    arrays: dict[str, NDArray[Any]] = {}
    for name, n_bytes in header["sections"].items():
        arrays[name] = np.frombuffer(mapped[at : at + n_bytes], _KINDS[name])
        at += n_bytes + (-n_bytes % 8)
    west, south, per_lon, per_lat, nx, ny = header["grid"]
    records = Records(
        arrays["heads"],
        arrays["list_offsets"],
        arrays["lists"],
        arrays["pieces"].reshape(-1, 4),
        arrays["masks"],
    )
    raster = Raster(Grid(west, south, per_lon, per_lat, nx, ny), arrays["cells"], records)
    codes = tuple(json.loads(arrays["codes"].tobytes()))
    shelf = Shelf(arrays["wkb"].data, arrays["offsets"])
    _require_consistent(codes, raster, shelf)
    return Parts(codes, raster, shelf, arrays["bounds"].reshape(4, len(codes)))


def _require_consistent(codes: tuple[str, ...], raster: Raster, shelf: Shelf) -> None:
    """Every number that is used as a position must be one: a cheap look at the extremes."""
    if len(shelf) != len(codes):
        raise ValueError("codes and polygons differ in number")
    if len(raster.cells) != raster.grid.nx * raster.grid.ny:
        raise ValueError("the raster has another size")
    records = raster.records
    if len(records.pieces) != len(records.masks) or len(records) != len(records.offsets):
        raise ValueError("the parts of records differ in number")
    if len(records.lists) and records.lists[-1] != NONE:
        raise ValueError("a list does not end")
    count = records.heads >> 8 & 255
    pieces_end = (records.heads >> 16) + np.where(count == EXACT, 0, count)
    for values, least, most in (
        (raster.cells, -1 - len(records), len(codes)),
        (records.lists, NONE, len(codes)),
        (records.offsets, 0, len(records.lists) - 1),
        (records.heads >> 16, 0, len(records.masks) + 1),
        (pieces_end, 0, len(records.masks) + 1),
    ):
        if len(values) and not (least <= values.min() and values.max() < most):
            raise ValueError("a number points outside")
