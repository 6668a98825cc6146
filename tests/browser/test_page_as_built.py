"""The page as it was built: small enough for a bad network, packed, from here alone."""

import re

import pytest

from tests.parts import PAGE as BUILT

#: What the first screen may weigh, packed: a second or so of a bad network.
BUDGET = 42_000


def packed(path) -> int:
    return path.with_name(f"{path.name}.br").stat().st_size


@pytest.mark.needs("page")
def test_the_first_screen_comes_in_one_answer_and_weighs_less_than_its_budget():
    index = (BUILT / "index.html").read_text("utf-8")
    assert re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', index) == []
    assert index.index("<style>") < index.index("我要上报") < index.index('<script type="module">')
    assert packed(BUILT / "index.html") < BUDGET


@pytest.mark.needs("page")
def test_what_packs_well_lies_there_packed_and_the_worker_keeps_only_the_rest():
    endings = ("html", "js", "css", "svg", "webmanifest")
    written = [path for ending in endings for path in BUILT.rglob(f"*.{ending}")]
    assert sum(map(packed, written)) < sum(path.stat().st_size for path in written) / 2
    kept = re.findall(r'url:"([^"]+)"', (BUILT / "sw.js").read_text("utf-8"))
    assert "index.html" in kept
    assert [name for name in kept if name.endswith(".br")] == []


@pytest.mark.needs("page")
def test_nothing_that_was_built_names_a_source_outside():
    known = ("http://www.w3.org/", "https://leafletjs.com", "https://github.com", "https://vuejs")
    for path in BUILT.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", path.read_text("utf-8")), path.name
    index = (BUILT / "index.html").read_text("utf-8")
    named = re.findall(r"https?://[^\"'` ]+", index)
    assert [each for each in named if not each.startswith(known)] == []
