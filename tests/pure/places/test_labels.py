"""What the properties of boundary files mean, as offices and tools write them."""

import json

import pytest

from geo.files.coverage import survey
from geo.files.garbled import meant
from geo.files.labels import Naming, labels_of, level_of
from geo.ground.faults import Fault
from server.places import drawing, saying

SQUARES = [
    [[[x, 34], [x + 0.01, 34], [x + 0.01, 34.01], [x, 34.01], [x, 34]]]
    for x in (117, 118, 119, 120)
]


def file(*places: dict, **more) -> bytes:
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": each,
                    "geometry": {"type": "Polygon", "coordinates": SQUARES[n]},
                }
                | {key: values[n] for key, values in more.items()}
                for n, each in enumerate(places)
            ],
        }
    ).encode()


@pytest.mark.parametrize(
    ("properties", "code", "name", "level"),
    [
        ({"gb": "156420704", "name": "葛店镇"}, "156420704", "葛店镇", None),
        ({"ZLDWDM": "3304990010010000000", "ZLDWMC": "东村"}, "3304990010010000000", "东村", None),
        ({"PAC": 330499, "NAME": "某县"}, "330499", "某县", None),
        ({"qhdm": "330499001", "qhmc": "东镇"}, "330499001", "东镇", None),
        ({"乡": "东镇", "乡级码": "330499001", "乡类型": "镇"}, "330499001", "东镇", "township"),
        ({"省": "甲省", "市": "乙市", "县": "丙县", "乡": "东乡"}, None, "东乡", "township"),
        ({"省": "甲省", "县": "丙县", "县级码": 330499, "乡": None}, "330499", "丙县", "county"),
        (
            {"town_id": "67000330", "town": "南区", "county": "丁市"},
            "67000330",
            "南区",
            "township",
        ),
        ({"网格编码": "9", "网格名称": "一格", "行政区划代码": "3304"}, "9", "一格", "grid"),
        ({"id": "130503", "name": "桥西区"}, "130503", "桥西区", None),
        ({"id": 7, "code": "", "name": "桥西区"}, None, "桥西区", None),
        ({"Ward_No": 16.0, "编码": 16.0}, "16", None, None),
        ({"code": "1", "name": "a", "层级": "街道办事处"}, "1", "a", "township"),
        ({"code": "1", "name": "a", "层级": "市辖区"}, "1", "a", "county"),
        ({"乡镇街道编码": "1", "乡镇街道": "东镇", "区县代码": "3"}, "1", "东镇", "township"),
        ({"村社区编码": "11", "村社区": "东村"}, "11", "东村", "village"),
        ({"社区编号": "A1", "社区名": "东社区"}, "A1", "东社区", "village"),
        ({"镇代码": "1", "镇名": "东镇"}, "1", "东镇", "township"),
        ({"街镇代码": "1", "街镇名称": "东镇"}, "1", "东镇", "township"),
        ({"区域编码": "1", "区域名称": "东镇"}, "1", "东镇", None),
        ({"区划代码（9位）": "1", "名 称": "东镇"}, "1", "东镇", None),
    ],
)
def test_columns_are_known_by_the_names_that_offices_and_tools_give_them(
    properties, code, name, level
):
    found = labels_of(properties, Naming())
    assert (found.code, found.name, found.level) == (code, name, level)


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("county", ["县（市、区）", "区（县）", "区县界", "QX"]),
        (
            "township",
            ["乡镇（街道）", "镇(街道)", "乡镇/街道", "街镇", "镇级", "街道级", "乡镇政府"],
        ),
        ("township", ["乡镇界", "镇街_2024", "XZJD", "townships", "乡镇面", "town_boundary"]),
        ("village", ["村（社区）", "村/社区", "村(居)", "村界", "CJQY", "villages", "村 (#2)"]),
        ("grid", ["网格界", "grids", "网格单元"]),
        # Of two levels, or of none that is sure.
        (None, ["乡镇、村", "4", "四级", "小区", "一级网格", "道路", "界", "sub-county"]),
    ],
)
def test_levels_are_known_in_the_words_of_offices_and_layers(level, words):
    assert {each: level_of(each) for each in words} == dict.fromkeys(words, level)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("370404001.0", "370404001"),
        ("３７０４０４００１", "370404001"),
        ("\ufeff370404001 ", "370404001"),
        (370404001001001.0, "370404001001001"),
        ("16.0", "16.0"),
    ],
)
def test_codes_are_what_was_meant_however_software_wrote_them(written, code):
    found = labels_of({"code": written}, Naming())
    assert (found.code, found.faults) == (code, ())


@pytest.mark.parametrize("written", ["3.70404001001E+14", "3.7e8", 370404000000.0])
def test_codes_that_a_spreadsheet_rounded_are_refused_in_one_sentence(written):
    data = file({"code": written, "name": "东镇"}, {"code": "2", "name": "西镇"})
    [fault] = drawing.examine(data, "wgs84", "township").faults
    assert fault.code == ("code.rounded" if isinstance(written, str) else "code.not_text")
    assert "东镇" in saying.reason(fault)


@pytest.mark.parametrize("nothing", ["nan", "NULL", "<Null>", "  ", "None"])
def test_what_software_writes_for_nothing_is_no_name(nothing):
    data = file({"code": "1", "name": nothing}, {"code": "2", "name": "西镇"})
    faults = drawing.examine(data, "wgs84", "township").faults
    assert [each.code for each in faults] == ["name.missing"]


@pytest.mark.parametrize("unseen", ["\n", "\t", "\x85", "\u202e", "\u200b", "\u2028"])
def test_a_name_with_characters_that_do_not_show_is_refused(unseen):
    data = file({"code": "1", "name": f"东{unseen}镇"}, {"code": "2", "name": "西镇\n"})
    [fault] = drawing.examine(data, "wgs84", "township").faults
    assert fault.code == "name.unusable"
    assert "东\ufffd镇" in saying.reason(fault)


def test_a_level_that_is_not_understood_is_not_called_a_missing_column():
    data = file(*({"code": str(n), "name": "甲", "level": "四级"} for n in range(2)))
    [fault] = drawing.examine(data, "wgs84", None).faults
    sentence = saying.reason(fault)
    assert sentence.startswith("有 2 个要素的层级看不懂：四级；请写成县、乡镇、村或网格")
    assert "--level" in sentence


@pytest.mark.parametrize("heading", ["行政区级", "管辖层次", "KIND_4"])
def test_four_levels_under_a_heading_that_is_not_known_are_told_by_its_words(heading):
    words = ("县", "乡镇", "村", "网格")
    data = file(*({"XZQDM": str(n), "XZQMC": "甲", heading: each} for n, each in enumerate(words)))
    found = drawing.examine(data, "wgs84", None)
    assert not [each for each in found.faults if each.code.startswith(("level", "columns"))]
    assert [each.level for each in found.features] == ["county", "township", "village", "grid"]
    assert found.taken["level"] == (heading,)


def test_words_of_levels_that_contradict_each_other_or_what_was_said_tell_no_level():
    columns = {"code": "1", "name": "甲", "p": "镇", "q": "村"}
    assert labels_of(columns, Naming()).level is None
    assert labels_of({"code": "1", "name": "甲", "p": "镇"}, Naming("grid")).level == "grid"
    assert labels_of({"code": "1", "name": "镇"}, Naming()).level is None
    assert labels_of({"level": "四级", "code": "1", "p": "镇"}, Naming()).level == "township"


@pytest.mark.parametrize("odd", ["微网格", 6, "6"])
def test_a_level_that_is_written_and_not_understood_beside_others_is_not_called_missing(odd):
    places = [{"code": str(n), "name": "甲", "level": "镇"} for n in range(2)]
    data = file(*places, {"code": "9", "name": "乙", "level": odd})
    [fault] = drawing.examine(data, "wgs84", None).faults
    assert saying.reason(fault).startswith(f"有 1 个要素的层级看不懂：{odd}；")
    data = file(*places, {"code": "9", "name": "乙", "level": odd}, {"code": "8", "name": "丙"})
    codes = [each.code for each in drawing.examine(data, "wgs84", None).faults]
    assert codes == ["level.unknown", "level.missing", "level.missing"]


@pytest.mark.parametrize(
    ("properties", "taken"),
    [
        # ten bytes of GBK, of UTF-8, and with the number that tells two of them apart
        (
            {"行政区划代": "3304", "行政区划名": "东镇", "网格编号": "9"},
            ("行政区划代", "行政区划名"),
        ),
        ({"行政区": "330499001", "行政区1": "东镇"}, ("行政区", "行政区1")),
        ({"行政区_1": "东镇", "行政区": "330499001"}, ("行政区", "行政区_1")),
        ({"行政_1": "东镇", "行政区": "330499001"}, ("行政区", "行政_1")),
        ({"网格编": "12", "网格名": "一格"}, ("网格编", "网格名")),
        ({"区划代": "12", "区划名": "一镇"}, ("区划代", "区划名")),
    ],
)
def test_headings_that_a_table_cut_to_ten_bytes_are_known_by_what_is_left(properties, taken):
    found = labels_of(properties, Naming())
    assert (found.taken["code"], found.taken["name"]) == taken
    assert found.code == properties[taken[0]]
    assert found.name == properties[taken[1]]


def test_a_cut_heading_of_the_place_above_is_no_code():
    assert labels_of({"所属乡镇编": "3304"}, Naming()).taken == {"parent": "所属乡镇编"}


def test_what_a_person_says_goes_before_what_is_usual():
    said = {"code": "1", "WD13CD": "E05", "name": "x", "WD13NM": 7}
    found = labels_of(said, Naming("village", "wd13cd", "WD13NM"))
    assert (found.code, found.name, found.level) == ("E05", "7", "village")
    assert labels_of({"level": "镇"}, Naming("village")).level == "township"


def test_a_features_own_id_is_its_code_where_no_column_is():
    data = file({"REGION": "甲"}, {"REGION": "乙"}, id=[0, 1])
    found = drawing.examine(data, "wgs84", "county", name_field="REGION")
    assert found.faults == ()
    assert [(each.code, each.name) for each in found.features] == [("0", "甲"), ("1", "乙")]
    assert found.taken == {"code": ("id",), "name": ("REGION",)}


def test_unknown_columns_are_refused_once_with_those_that_there_are_and_what_to_say():
    data = file(*({"WD13CD": f"E0{n}", "WD13NM": f"Ward {n}"} for n in range(3)))
    [fault] = drawing.examine(data, "wgs84", None).faults
    said = saying.reason(fault)
    assert "编码、名称、层级" in said
    assert "WD13CD = E00、WD13NM = Ward 0" in said
    assert all(each in said for each in ("--code-field", "--name-field", "--level", "code_field"))
    found = drawing.examine(data, "wgs84", "village", code_field="WD13CD", name_field="WD13NM")
    assert found.faults == ()
    [wrong, *_] = drawing.examine(data, "wgs84", "village", code_field="WARD").faults
    assert wrong.code == "columns.no_such"
    assert "“WARD”" in saying.reason(wrong)


def test_places_that_lack_a_code_or_level_are_named_by_what_they_have():
    data = file({"code": "1", "name": "甲", "level": "镇"}, {"name": "乙", "code": None})
    faults = drawing.examine(data, "wgs84", None).faults
    assert [each.code for each in faults] == ["level.missing", "code.missing"]
    assert all(saying.reason(each).startswith("“乙”") for each in faults)
    nameless = file({"code": "1", "name": "甲"}, {"code": None, "name": None})
    said = [saying.reason(f) for f in drawing.examine(nameless, "wgs84", "village").faults]
    assert said == ["第 2 个要素没有名称", "第 2 个要素没有编码"]


def test_levels_that_nobody_knows_are_told_once():
    found = survey(file(*({"code": str(n), "level": "planet"} for n in range(3))))
    assert [(each.code, each.facts["n_features"]) for each in found.warnings] == [
        ("level.unknown", 3)
    ]


@pytest.mark.parametrize("written", ["gbk", "utf-8"])
@pytest.mark.parametrize(
    "name",
    ["东风镇", *(pytest.param(each, marks=pytest.mark.slow) for each in ("榴园镇", "第3村"))],
)
def test_a_name_read_in_the_wrong_encoding_is_refused_with_what_it_should_be(name, written):
    wrong = name.encode(written).decode("latin-1")
    faults = drawing.examine(file({"code": "1", "name": wrong}), "wgs84", "village").faults
    assert [each.code for each in faults] == ["name.garbled"]
    assert faults[0].facts["meant"] == name


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("姒村洯闀?", "榴园镇"),  # UTF-8 as GBK, whose last byte got lost
        ("姒村洯闀", "榴园镇"),
        ("楣ら緞闀\ufffd", "鹤龄镇"),
        ("宄ㄥ北闀", "峨山镇"),
        ("370404001001ç½\x91æ\xa0¼", "370404001001网格"),
        ("榴园镇".encode().decode("latin-1").encode().decode("latin-1"), "榴园镇"),
        ("娲?婧?闀?", ""),  # more than can be told
        ("???", ""),
        ("□□镇", ""),
        ("锟斤拷园镇", ""),
        *(
            ("东风街道".encode("gb18030").decode(page), "东风街道")
            for page in ("cp437", "cp850", "euc_jp", "cp1250", "mac_roman")
        ),
        *(("榴园镇".encode().decode(page), "榴园镇") for page in ("cp437", "cp850", "mac_roman")),
        ("榴园镇".encode("gb18030").decode("big5"), "榴园镇"),
    ],
)
def test_whatever_a_name_was_taken_for_it_is_told_what_it_should_be(wrong, right):
    assert meant(wrong) == right


@pytest.mark.parametrize(
    "name",
    [
        "东风镇",
        "鄠邑区",
        "岣嵝乡",
        "溱潼镇",
        "㙍里镇",
        "𫭟村镇",
        "阿克陶·布拉克乡",
        "呼噜斯太嘎查",
        "福海监狱",
        "“九五”社区（东）",
        "Ürümqi",
        "Île-de-France",
        "Москва",
        "№3",
        "札幌市",
        "São Paulo",
        "Conceição",
        "Þórshöfn",
        "길동",
        "Å",
        "联通社区",
        "Łódź",
        "前鎮區",
        "貢寮區",
    ],
)
def test_a_sound_name_is_no_rubbish(name):
    assert meant(name) is None


def test_of_two_places_without_names_both_are_told_by_their_number_in_the_file():
    fault = Fault(
        "places.overlap",
        4,
        {"code": None, "name": None, "other": None, "other_name": None}
        | {"other_feature": 8, "area_m2": 10920.2},
    )
    assert saying.reason(fault) == "第 5 个要素与第 9 个要素互相重叠 10920.2 平方米"
