"""A HEIC's boxes: its EXIF in every version of the tables, and whether the file is whole."""

import struct
from importlib import import_module

import pytest
from PIL import Image

from media.flags import Flag
from media.inspect import inspect
from media.limits import HEIC, Limits
from tests.pure.media.exif_blocks import ASCII, LOCAL, TAKEN, block

TAKES_HEIC = Limits(media_types=frozenset({HEIC}))
EXIF = struct.pack(">I", 6) + b"Exif\0\0" + block([], [(TAKEN, ASCII, 19, LOCAL.encode())])
PICTURE = bytes(range(200))


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def heic(
    *, infe: int = 2, iloc: int = 0, iinf: int = 0, in_meta: bool = False, cut: int = 0
) -> bytes:
    """A file of one picture and its EXIF in `cut` and one pieces, tables in those versions."""
    ftyp = box(b"ftyp", b"heic", bytes(4), b"mif1heic")
    number = ">I" if infe == 3 else ">H"
    described = (
        box(b"infe", bytes([infe, 0, 0, 0]), struct.pack(number, item), bytes(2), kind, b"\0")
        for item, kind in ((1, b"hvc1"), (2, b"Exif"))
    )
    count = struct.pack(">I" if iinf else ">H", 2)
    info = box(b"iinf", bytes([iinf, 0, 0, 0]), count, *described)
    ispe = box(b"ispe", bytes(4), struct.pack(">II", 64, 48))
    sizes = box(b"iprp", box(b"ipco", ispe))

    def meta(picture: int, exif: int) -> bytes:
        number = ">I" if iloc == 2 else ">H"
        table = bytes([iloc, 0, 0, 0, 0x44, 0]) + struct.pack(number, 2)
        pieces = [(exif, cut), (exif + cut, len(EXIF) - cut)] if cut else [(exif, len(EXIF))]
        for item, method, extents in ((1, 0, [(picture, len(PICTURE))]), (2, in_meta, pieces)):
            table += struct.pack(number, item) + (struct.pack(">H", method) if iloc else b"")
            table += bytes(2) + struct.pack(">H", len(extents))
            table += b"".join(struct.pack(">II", *each) for each in extents)
        held = box(b"idat", EXIF) if in_meta else b""
        return box(b"meta", bytes(4), info, sizes, box(b"iloc", table), held)

    start = len(ftyp + meta(0, 0)) + 8
    where = 0 if in_meta else start + len(PICTURE)
    return ftyp + meta(start, where) + box(b"mdat", PICTURE, b"" if in_meta else EXIF)


@pytest.mark.parametrize("infe", [2, 3])
@pytest.mark.parametrize("iloc", [0, 1, 2])
@pytest.mark.parametrize("iinf", [0, 1])
@pytest.mark.parametrize("cut", [0, 9])
def test_the_exif_is_found_in_every_version_of_the_tables(infe, iloc, iinf, cut) -> None:
    found = inspect(heic(infe=infe, iloc=iloc, iinf=iinf, cut=cut), TAKES_HEIC)
    assert (found.width, found.height, found.taken_local) == (64, 48, LOCAL)
    assert found.flags == ()


@pytest.mark.parametrize("iloc", [1, 2])
def test_an_exif_inside_the_description_is_read_from_there(iloc) -> None:
    found = inspect(heic(iloc=iloc, in_meta=True), TAKES_HEIC)
    assert (found.taken_local, found.flags) == (LOCAL, ())


@pytest.mark.parametrize("share", [0.3, 0.5, 0.95])
@pytest.mark.parametrize("to_the_end", [False, True])
def test_a_cut_file_is_flagged_wherever_it_ends(share, to_the_end) -> None:
    whole = heic()
    if to_the_end:  # a box without a size of its own ends with the file
        at = whole.index(b"mdat") - 4
        whole = whole[:at] + bytes(4) + whole[at + 4 :]
    assert inspect(whole, TAKES_HEIC).flags == ()
    assert Flag.TRUNCATED in inspect(whole[: int(len(whole) * share)], TAKES_HEIC).flags


@pytest.mark.parametrize("behind", [b"PK\3\4" + bytes(90), b"end"])
def test_what_follows_the_last_box_is_not_taken_for_a_cut(behind) -> None:
    assert inspect(heic() + behind, TAKES_HEIC).flags == (Flag.TRAILING_DATA,)


def test_pieces_without_end_take_neither_time_nor_memory() -> None:
    table = bytes([1, 0, 0, 0, 0x44, 0]) + struct.pack(">HHHHH", 1, 2, 0, 0, 60_000)
    table += struct.pack(">II", 0, 2**31) * 60_000
    whole = heic()
    at = whole.index(b"iloc") - 4
    n_old = int.from_bytes(whole[at : at + 4], "big")
    ours = box(b"iloc", table)
    n_meta = whole.index(b"meta") - 4
    size = int.from_bytes(whole[n_meta : n_meta + 4], "big") + len(ours) - n_old
    whole = whole[:at] + ours + whole[at + n_old :]
    whole = whole[:n_meta] + struct.pack(">I", size) + whole[n_meta + 4 :]
    assert Flag.TRUNCATED in inspect(whole, TAKES_HEIC).flags


@pytest.mark.needs("pillow_heif")
def test_a_real_photo_that_is_cut_is_flagged(tmp_path) -> None:
    import_module("pillow_heif").register_heif_opener()
    Image.effect_noise((640, 400), 80).convert("RGB").save(tmp_path / "photo.heic", "HEIF")
    whole = (tmp_path / "photo.heic").read_bytes()
    assert inspect(whole, TAKES_HEIC).flags == ()
    assert inspect(whole[: len(whole) // 2], TAKES_HEIC).flags == (Flag.TRUNCATED,)
