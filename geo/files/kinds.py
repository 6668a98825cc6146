"""What a file is that is no boundary file in GeoJSON, told by its content."""

import re
from typing import Final

#: Longer beginnings before shorter ones.
_BEGINNINGS: Final = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "empty_zip"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x00\x00\x27\x0a", "shapefile"),
    (b"SQLite format 3", "geopackage"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "excel"),
    (b"%PDF", "pdf"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"AC10", "dwg"),
    (b"fgb\x03", "flatgeobuf"),
    (b"PAR1", "parquet"),
    (b"\x00\x01\x00\x00Standard ", "access"),
    (b"!table", "mapinfo"),
    (b"Version ", "mapinfo"),
)
_TEXTS: Final = (
    (re.compile(rb"<kml|opengis\.net/kml|earth\.google\.com/kml", re.I), "kml"),
    (re.compile(rb"<gpx", re.I), "gpx"),
    (re.compile(rb"opengis\.net/gml|<gml:", re.I), "gml"),
    (re.compile(rb"<!doctype html|<html", re.I), "html"),
    (re.compile(rb"^<"), "xml"),
    (re.compile(rb"^(SRID=\d+;)?\s*(MULTI)?(POLYGON|POINT|LINESTRING)\s*Z?\s*\(", re.I), "wkt"),
    (re.compile(rb"^(var|let|const|export|module|window|define)\b|^[\w$.]+\s*[=(]"), "javascript"),
    (re.compile(rb"^\x1e?\{[^\n]*\}[ \t\r]*\n\s*\x1e?\{"), "geojson_lines"),
    (re.compile(rb"^0\r?\n\s*SECTION"), "dxf"),
    (re.compile(rb"ovital|ovkml|ovobj", re.I), "ovkml"),
    (re.compile(rb"^[^\n{\[<]*[,;\t][^\n]*\n[^\n{\[<]*[,;\t]"), "csv"),
)
_DBASE: Final = re.compile(rb"^[\x03\x30\x83\x8b][\x00-\xff][\x01-\x0c][\x01-\x1f]", re.DOTALL)
_LOOKED_AT: Final = 4_000


def kind_of(data: bytes) -> str | None:
    """Tell what a file is by its first bytes; None for what may be JSON and for the unknown."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    head = data[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"<"):
        return next(kind for pattern, kind in _TEXTS if pattern.search(head))
    return "dbase" if _DBASE.match(data) and len(data) >= 32 else None


def kind_of_text(data: bytes) -> str | None:
    """Tell what a text is that was found to be no JSON."""
    head = data[:1_000_000].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for pattern, kind in _TEXTS if pattern.search(head)), None)
