"""What an archive holds, unpacked within limits under names of our own."""

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from server.places.geofile.refusing import Refused
from server.places.geofile.words import file_name

MOST_LAYERS: Final = 500
_MOST_MEMBERS: Final = 5_000
_MOST_BYTES: Final = 100_000_000
_SHAPE_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
#: In which order kinds are looked for; what is of a later kind is left out, and told.
_KINDS: Final = (_SHAPE_PARTS, (".kml",), (".gpkg",), (".geojson", ".json"))
_KINDS_IN_ZIPS: Final = (
    ("xl/workbook", "excel"),
    ("word/document", "word"),
    (".gdbtable", "filegdb"),
    (".dwg", "dwg"),
    (".dxf", "dxf"),
    (".geojson", "zipped_geojson"),
    (".json", "zipped_geojson"),
)
_IN_UTF8: Final = 0x800  # the flag of a member whose name is


def unpacked(file: Path) -> tuple[list[Path], list[str]]:
    """Unpack the shapefiles of an archive, else its KML, else its GeoPackages, beside it.

    Gives the files to read and the names of boundaries in other kinds, which are left out. Raises
    Refused, naming what else it is.
    """
    members = _members(file)
    of = [[each for each in members if _ends(each, kind)] for kind in _KINDS]
    found = next((each for each in of[:3] if each), [])
    if not found:
        raise _something_else([each for each in members if not each.is_dir()])
    files = _written(file, found)
    shapes = found is of[0]
    files = [each for each in files if each.suffix == ".shp"] if shapes else files
    if shapes:
        _require_whole(files)
    if len(files) > MOST_LAYERS:
        raise Refused("geofile.too_many_layers", n_layers=len(files), most=MOST_LAYERS)
    others = [_name(each).name for kind in of if kind is not found for each in kind]
    return files, sorted(others)


def _members(file: Path) -> list[zipfile.ZipInfo]:
    """Give what an archive holds but what a Mac writes beside each file."""
    with zipfile.ZipFile(file) as packed:
        members = packed.infolist()
    if len(members) > _MOST_MEMBERS:
        raise Refused("geofile.too_many_members", n_members=len(members), most=_MOST_MEMBERS)
    return [
        each
        for each in members
        if "__MACOSX" not in Path(each.filename).parts
        and not Path(each.filename).name.startswith("._")
    ]


def _ends(member: zipfile.ZipInfo, suffixes: Sequence[str]) -> bool:
    return Path(member.filename).suffix.lower() in suffixes


def _name(member: zipfile.ZipInfo) -> Path:
    said = member.filename
    return Path(said if member.flag_bits & _IN_UTF8 else file_name(said))


def _something_else(members: Sequence[zipfile.ZipInfo]) -> Refused:
    names = [_name(each).as_posix() for each in members]
    for inside, kind in _KINDS_IN_ZIPS:
        if any(inside in each.lower() for each in names):
            return Refused("file.not_json", looks_like=kind)
    if not names:
        return Refused("file.not_json", looks_like="empty_zip")
    return Refused("geofile.no_shapefile", names=[Path(each).name[:40] for each in names[:5]])


def _written(file: Path, parts: Sequence[zipfile.ZipInfo]) -> list[Path]:
    if sum(each.file_size for each in parts) > _MOST_BYTES:
        raise Refused("geofile.unpacks_too_large", most=_MOST_BYTES)
    stems = sorted({_name(each).with_suffix("").as_posix() for each in parts})
    left, found = _MOST_BYTES, list[Path]()
    with zipfile.ZipFile(file) as packed:
        for each in parts:
            if each.flag_bits & 1:
                raise Refused("geofile.encrypted")
            said = _name(each)
            number = stems.index(said.with_suffix("").as_posix())
            # A layer's name may say the level of its places, so it is kept where it is harmless.
            stem = re.sub(r"[^\w-]", "_", said.stem)[:40]
            # So may the folder's, which also tells layers of one name apart.
            folder = re.sub(r"[^\w-]", "_", said.parent.name)[:40]
            target = file.parent / str(number) / folder / f"{stem}{said.suffix.lower()}"
            target.parent.mkdir(parents=True, exist_ok=True)
            left -= _unpack(packed, each, target, left)
            found.append(target)
    return found


def _require_whole(shapes: Sequence[Path]) -> None:
    if not shapes:
        raise Refused("geofile.part_missing", missing_parts=[".shp"])
    for shape in shapes[:MOST_LAYERS]:
        missing = [end for end in (".shx", ".dbf") if not shape.with_suffix(end).exists()]
        if missing and len(shapes) <= MOST_LAYERS:
            raise Refused("geofile.part_missing", missing_parts=missing)


def _unpack(packed: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, most: int) -> int:
    try:
        with packed.open(member) as source:
            data = source.read(most + 1)  # what a member says of its size need not be true
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise Refused("geofile.broken") from error
    if len(data) > most:
        raise Refused("geofile.unpacks_too_large", most=_MOST_BYTES)
    target.write_bytes(data)
    return len(data)
