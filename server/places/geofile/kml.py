"""KML made ready for its reader, which wants UTF-8."""

import re
from pathlib import Path
from typing import Final

from server.places.geofile import words
from server.places.geofile.refusing import Refused

#: Entities and the like, which a reader would resolve.
_DECLARES: Final = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_ENCODING: Final = re.compile(rb"""^(\s*<\?xml[^>]*?encoding\s*=\s*["'])([\w.:-]+)""")
_WORDS: Final = re.compile(rb"[^<>\"\s]*[\x80-\xff][^<>\"\s]*")
#: How its reader tells folders of one name apart.
_NUMBERED: Final = re.compile(r" \(#\d+\)$")
#: What every placemark has of KML itself; empty unless somebody used it.
OWN: Final = frozenset(
    (
        *("timestamp", "begin", "end", "altitudeMode", "tessellate"),
        *("extrude", "visibility", "drawOrder", "icon", "snippet"),
    )
)


def in_utf8(file: Path) -> dict[str, object] | None:
    """Write a file anew in UTF-8 where it is not; give what it says against what it is in."""
    raw = file.read_bytes()
    if _DECLARES.search(raw):
        raise Refused("geofile.declarations")
    bare = raw.removeprefix(b"\xef\xbb\xbf")
    found = _ENCODING.match(bare)
    said = found[2].decode() if found else "UTF-8"
    high = _WORDS.findall(bare)
    try:
        written = words.written([[each] for each in high], said, words.codec_of(said))
        text = bare.decode(written.encoding)
    except (words.UnknownEncoding, UnicodeError) as error:
        raise Refused("geofile.encoding", sample=str(error)[:40]) from error
    file.write_bytes(_ENCODING.sub(rb"\1UTF-8", text.encode(), count=1))
    return written.told(high[0]) if high else None


def folder(layer: str) -> str:
    """Give the name of a folder as it stands in the file."""
    return _NUMBERED.sub("", layer)
