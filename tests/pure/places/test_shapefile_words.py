"""The words of shapefiles are read by their bytes, whatever the file declares."""

import importlib
import io
import zipfile

import numpy as np
import pytest
import shapely
from shapely.geometry import box

from server.places import drawing, saying
from server.places.geofile import words

pytestmark = pytest.mark.needs("pyogrio")

NAMES = ["榴园镇", "东风镇"]
SHAPES = [box(117 + n / 100, 34, 117.01 + n / 100, 34.01) for n in range(2)]
LANGUAGE_AT = 29


def table(folder, encoding, *, headings=("CODE", "NAME"), names=NAMES, cpg=None, language=0):
    """Write a zipped shapefile whose table is in an encoding and says what it says of it."""
    raw = importlib.import_module("pyogrio.raw")
    raw.write(
        folder / "t.shp",
        geometry=np.array([shapely.to_wkb(each) for each in SHAPES], dtype=object),
        field_data=[np.array(each, dtype=object) for each in (["1", "2"], names)],
        fields=["CODE", "NAME"],
        geometry_type="Polygon",
        crs="EPSG:4490",
        encoding=encoding,
    )
    (folder / "t.cpg").unlink(missing_ok=True)
    dbf = bytearray((folder / "t.dbf").read_bytes())
    dbf[LANGUAGE_AT] = language
    for number, heading in enumerate(headings, 1):  # cut in mid-character, as tables do
        dbf[32 * number : 32 * number + 11] = heading.encode(encoding)[:10].ljust(11, b"\0")
    (folder / "t.dbf").write_bytes(dbf)
    if cpg is not None:
        (folder / "t.cpg").write_text(cpg)
    return packed(folder)


def packed(folder, more=()) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        for part in sorted(folder.glob("t.*")):
            into.write(part, f"镇街/{part.name}")
        for name in more:
            into.writestr(name, b"\x00\x05\x16\x07rest")
    return made.getvalue()


def names(found):
    return [each.name for each in found.features]


@pytest.mark.parametrize(
    ("encoding", "says", "warned"),
    [
        pytest.param("GB18030", {"language": 0x57}, True, marks=pytest.mark.slow),
        pytest.param("GB18030", {"language": 0x03}, True, marks=pytest.mark.slow),
        pytest.param("GB18030", {"language": 0x4D}, False, marks=pytest.mark.slow),
        ("GB18030", {}, False),
        pytest.param("GB18030", {"cpg": "ISO-8859-1"}, True, marks=pytest.mark.slow),
        pytest.param("GB18030", {"cpg": "System"}, True, marks=pytest.mark.slow),
        pytest.param("GB18030", {"cpg": "OEM"}, True, marks=pytest.mark.slow),
        pytest.param("GB18030", {"cpg": "OEM 936"}, False, marks=pytest.mark.slow),
        ("GB18030", {"cpg": "UTF-8"}, True),
        pytest.param("GB18030", {"cpg": "936"}, False, marks=pytest.mark.slow),
        ("UTF-8", {"language": 0x57}, True),
        pytest.param("UTF-8", {"cpg": "UTF-8"}, False, marks=pytest.mark.slow),
        pytest.param("UTF-8", {"cpg": "GBK"}, True, marks=pytest.mark.slow),
        pytest.param("UTF-8", {}, False, marks=pytest.mark.slow),
        pytest.param("BIG5", {"cpg": "BIG5"}, False, marks=pytest.mark.slow),
        # Pages of several bytes are no better proof than others.
        ("GB18030", {"cpg": "Big5"}, True),
        pytest.param("GB18030", {"language": 0x78}, True, marks=pytest.mark.slow),
        pytest.param("GB18030", {"cpg": "949"}, True, marks=pytest.mark.slow),
        pytest.param("GB18030", {"cpg": "EUC-KR"}, True, marks=pytest.mark.slow),
        pytest.param("GB18030", {"cpg": "EUC-JP"}, True, marks=pytest.mark.slow),
        # Names of what is no page of bytes.
        ("GB18030", {"cpg": "UTF-16"}, True),
        pytest.param("GB18030", {"cpg": "rot13"}, True, marks=pytest.mark.slow),
        pytest.param("UTF-8", {"cpg": "UTF-7"}, True, marks=pytest.mark.slow),
        pytest.param("UTF-8", {"cpg": "utf-8-sig"}, False, marks=pytest.mark.slow),
    ],
)
def test_names_are_read_by_their_bytes_and_a_false_declaration_is_told(
    tmp_path, encoding, says, warned
):
    said = ["東風鎮", "北區"] if encoding == "BIG5" else NAMES
    found = drawing.examine(table(tmp_path, encoding, names=said, **says), "wgs84", "township")
    assert found.faults == ()
    assert names(found) == said
    told = [each for each in found.warnings if each.code == "geofile.encoding_taken"]
    assert len(told) == warned
    assert all(said[0] in saying.reason(each) for each in told)


@pytest.mark.parametrize("said", [["榴园镇", "峨山镇"], ["城关镇", "东风街道"], ["东风街道"]])
@pytest.mark.parametrize("codec", ["utf-8", "big5", "cp950", "cp949", "euc_kr", "euc_jp", "cp932"])
def test_no_page_that_is_declared_makes_other_names_of_chinese_ones(said, codec):
    raw = [each.encode("gb18030") for each in said]
    found = words.written([raw], codec, codec)
    assert [found.read(each) for each in raw] == said
    assert found.contradicts == codec


@pytest.mark.parametrize(
    ("encoding", "codec", "said", "warned"),
    [
        ("gb18030", "cp1252", ["鄠邑区"], True),  # rare characters beside usual ones
        ("gb18030", "latin-1", ["堌堆镇", "鄫城镇"], True),
        ("gb18030", None, ["㙍里镇", "𫭟村镇"], False),  # four bytes each
        ("cp1252", "cp1252", ["Bañacao", "Angad"], False),
        ("cp1251", "cp1251", ["Москва", "Тверь"], False),
        ("big5", "cp950", ["龍潭鄉", "關西鎮"], False),
        ("cp949", "cp949", ["길동", "천호동"], False),
    ],
)
def test_words_are_read_as_what_they_look_like_and_only_a_lie_is_told(
    encoding, codec, said, warned
):
    raw = [each.encode(encoding) for each in said]
    found = words.written([raw], codec, codec)
    assert [found.read(each) for each in raw] == said
    assert (found.contradicts is not None) == warned


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("latin-1", ["Bañacao"]), ("big5", ["龍潭鄉"]), ("cp949", ["길동"]), ("cp1251", ["Москва"])],
)
def test_words_in_a_page_that_nobody_declares_are_not_guessed(encoding, said):
    with pytest.raises(words.UnknownEncoding):
        words.written([[each.encode(encoding) for each in said]], None, None)


def test_letters_with_accents_stay_what_the_table_declares(tmp_path):
    said = ["Conceição", "São José"]
    data = table(tmp_path, "ISO-8859-1", names=said, cpg="ISO-8859-1")
    assert names(drawing.examine(data, "wgs84", "township")) == said


def test_words_that_fit_no_encoding_are_refused_with_a_sample(tmp_path):
    data = table(tmp_path, "GB18030")
    broken = (tmp_path / "t.dbf").read_bytes().replace("园".encode("gb18030"), b"\xff\xff")
    (tmp_path / "t.dbf").write_bytes(broken)
    assert data != packed(tmp_path)
    [fault] = drawing.examine(packed(tmp_path), "wgs84", "township").faults
    assert fault.code == "geofile.encoding"
    assert "榴" in saying.reason(fault)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8"])
def test_headings_cut_to_ten_bytes_say_code_and_name(tmp_path, encoding):
    """In UTF-8 the tenth byte is a third of a character."""
    long = ("行政区划代码", "区划名称")
    data = table(tmp_path, encoding, headings=long, cpg=encoding)
    found = drawing.examine(data, "wgs84", "township")
    assert found.faults == ()
    assert [(each.code, each.name) for each in found.features] == [
        ("1", NAMES[0]),
        ("2", NAMES[1]),
    ]
    taken = saying.columns(found.taken)
    assert ("行政区划代" if encoding == "GB18030" else "行政区") in taken


def test_a_name_that_a_table_cut_within_a_character_is_told(tmp_path):
    """The table is as wide as its longest word: all but the last byte is written anew as blank."""
    table(tmp_path, "GB18030", names=["榴园街道办事处", "东镇"])
    whole, short = "榴园街道办事处".encode("gb18030"), (tmp_path / "t.dbf").read_bytes()
    width = len(whole) - 1
    (tmp_path / "t.dbf").write_bytes(_narrower(short, width))
    found = drawing.examine(packed(tmp_path), "wgs84", "township")
    assert found.faults == ()
    [told] = [each for each in found.warnings if each.code == "geofile.words_cut"]
    assert saying.reason(told).startswith("有 1 处文字因字段太短被截断（如“榴园街道办事”）")


def _narrower(dbf: bytes, width: int) -> bytes:
    """Give a table of two columns whose second is as wide as said."""
    n_rows, begin, length = (
        int.from_bytes(dbf[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12))
    )
    first, second = dbf[32 + 16], dbf[64 + 16]
    head = bytearray(dbf[:begin])
    head[10:12], head[64 + 16] = (length - second + width).to_bytes(2, "little"), width
    rows = (dbf[begin + n * length : begin + (n + 1) * length] for n in range(n_rows))
    return bytes(head) + b"".join(row[: 1 + first + width] for row in rows) + b"\x1a"


def test_what_a_mac_packs_beside_each_file_is_left_out(tmp_path):
    table(tmp_path, "UTF-8")
    data = packed(tmp_path, ["__MACOSX/镇街/._t.shp", "__MACOSX/镇街/._t.dbf", "镇街/._t.shp"])
    found = drawing.examine(data, "wgs84", "township")
    assert found.faults == ()
    assert names(found) == NAMES


def test_the_rings_of_a_shapefile_are_not_found_strange(tmp_path):
    found = drawing.examine(table(tmp_path, "UTF-8"), "wgs84", "township")
    assert found.warnings == ()
