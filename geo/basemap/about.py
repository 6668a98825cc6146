"""What a finished base map says of itself; needs none of what writes one."""

from pathlib import Path

from pmtiles.reader import MmapSource, Reader

from geo.ground.errors import GeoError


def attribution_of(file: Path) -> str:
    """Give whom a base map names as its source; raises GeoError basemap.unreadable for none."""
    try:
        with file.open("rb") as opened:
            told = Reader(MmapSource(opened)).metadata()
    except Exception as error:  # the reader has no refusals of its own
        facts = {"file": file.name, "why": type(error).__name__}
        raise GeoError("basemap.unreadable", facts) from error
    return str(told.get("attribution", ""))
