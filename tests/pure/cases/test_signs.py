"""Grid signs: what the printed code says, and that a page needs nothing from elsewhere."""

import base64
import hashlib
import re
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
import segno

from server.errors import NotFound
from server.places import signs
from server.places.boundaries import About, Boundaries, Row
from server.places.signs import Sign

BASE = "https://gridwhistle.example.gov.cn"
ROWS = [
    Row("county", "37", "区", ""),
    Row("township", "3701", "荣华街道", "37"),
    Row("township", "3702", "峨山镇", "37"),
    Row("village", "370101", "荣华里社区", "3701"),
    Row("grid", "37010102", "第2网格", "370101"),
    Row("grid", "37010101", "第1网格", "370101"),
    Row("grid", "370199", "直属网格", "3701"),
    Row("grid", "37020101", "第1网格", "3702"),
]
OF = Boundaries(About(1, "g", None, "", (117.0, 34.0, 118.0, 35.0)), ROWS, {})


def test_a_township_has_a_sign_for_each_of_its_grids_in_the_order_of_their_codes():
    assert signs.signs_of(OF, "3701") == [
        Sign("37010101", "第1网格", "荣华里社区", "荣华街道"),
        Sign("37010102", "第2网格", "荣华里社区", "荣华街道"),
        Sign("370199", "直属网格", "", "荣华街道"),
    ]
    for code in ("370101", "37", "nowhere"):
        with pytest.raises(NotFound):
            signs.signs_of(OF, code)


@pytest.mark.parametrize("code", ["37010101", "G-1/北 2&x#", "网格一"])
def test_the_address_is_the_phone_page_with_the_grid_preset(code):
    address = signs.address(code, BASE + "/")
    assert re.fullmatch(re.escape(BASE) + r"/\?grid=[A-Za-z0-9%._~-]+", address)
    assert parse_qs(urlsplit(address).query) == {"grid": [code]}


def drawn_matrix(svg: str) -> list[list[int]]:
    """The modules of a drawn code, without the white around: read from the line it is drawn by."""
    root = ElementTree.fromstring(svg)
    size = int(root.attrib["viewBox"].split()[2])
    rows = [[0] * size for _ in range(size)]
    x = y = 0.0
    first = True
    path = root.find("path").attrib["d"]
    for verb, given in re.findall(r"([Mmh])\s*([-\d. ]+)", path):
        numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+", given)]
        if verb == "h":
            for step in range(int(numbers[0])):
                rows[int(y)][int(x) + step] = 1
            x += numbers[0]
        else:
            x, y = (numbers[0], numbers[1]) if first else (x + numbers[0], y + numbers[1])
            first = False
    return [row[4:-4] for row in rows[4:-4]]


def test_what_is_drawn_is_the_code_of_the_address_with_white_around():
    page = signs.page([Sign("37010101", "第1网格", "荣华里社区", "荣华街道")], BASE)
    [svg] = re.findall(r"<svg.*?</svg>", page)
    code = segno.make(BASE + "/?grid=37010101", error="q", micro=False, boost_error=False)
    assert drawn_matrix(svg) == [list(row) for row in code.matrix]
    assert code.error == "Q"
    size = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    assert size == code.symbol_size(border=0)[0] + 8


@pytest.mark.parametrize("per_page", [1, 2, 4, 6])
def test_the_page_holds_all_signs_on_sheets_and_loads_nothing(per_page):
    many = [Sign(f"G{n}", f"第{n}<b>网格", "村&村", "镇") for n in range(7)]
    page = signs.page(many, BASE, per_page)
    assert page.count('class="sign"') == page.count("<svg") == 7
    assert page.count(f'class="page n{per_page}"') == -(-7 // per_page)
    assert page.count("扫码上报") == 7
    assert "第3&lt;b&gt;网格" in page
    assert "网格编号 G3" in page
    assert not re.search(r"<script|<link|<img|url\(|src=|https?://(?!www\.w3\.org)", page)


def test_the_policy_lets_in_the_style_of_the_page_and_nothing_else():
    page = signs.page([], BASE)
    [style] = re.findall(r"<style>(.*?)</style>", page, re.S)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in signs.POLICY
    assert signs.POLICY.startswith("default-src 'none'")
