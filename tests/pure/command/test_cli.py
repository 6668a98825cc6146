"""The command line without server and database, as somebody tries it on a terminal."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gridwhistle.__main__ import main
from gridwhistle.demo.geography import landmarks


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place without any installation."""
    monkeypatch.setenv("GRIDWHISTLE_DATA_FOLDER", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def run(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(main, list(words), input=given)


@pytest.mark.usefixtures("nowhere")
def test_words_get_matters_with_their_lead_and_the_reason():
    result = run("suggest", "邻居把承重墙砸了个洞")
    assert result.exit_code == 0
    answer = json.loads(result.output)
    assert answer["text"] == "邻居把承重墙砸了个洞"
    assert answer["items"][0]["code"] == "CJ-002"
    assert answer["items"][0]["lead"]
    assert answer["items"][0]["why"]
    assert len(answer["items"]) <= 5


@pytest.mark.slow
@pytest.mark.usefixtures("nowhere")
def test_a_dash_reads_one_text_per_line_and_answers_one_line_each():
    result = run("suggest", "-", given="有人在河里电鱼\n\n路灯不亮\n")
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert [line["text"] for line in lines] == ["有人在河里电鱼", "", "路灯不亮"]
    assert lines[0]["items"][0]["code"] == "ZN-012"
    assert lines[1]["items"] == []


@pytest.mark.usefixtures("nowhere")
def test_a_point_of_the_demo_county_is_found_on_all_four_levels():
    lon, lat = landmarks()["load_bearing_wall"]
    result = run("places", "find", str(lon), str(lat))
    answer = json.loads(result.output)
    assert answer["village"]["name"] == "荣华里社区"
    assert answer["grid"]["code"].startswith(answer["village"]["code"])
    assert answer["township"]["name"] == "荣华街道"
    shifted = json.loads(run("places", "find", str(lon), str(lat), "--datum", "gcj02").output)
    assert shifted["grid"] != answer["grid"]


@pytest.mark.usefixtures("nowhere")
def test_exchanged_axes_are_refused_with_a_sentence_and_an_exit_code():
    lon, lat = landmarks()["load_bearing_wall"]
    result = run("places", "find", str(lat), str(lon))
    assert result.exit_code == 1
    assert "写反" in result.output
    assert run("places", "find", "here", "there").exit_code == 2


@pytest.mark.usefixtures("nowhere")
def test_what_needs_an_installation_says_so():
    result = run("account", "disable", "nobody")
    assert result.exit_code == 1
    assert "./run" in result.output


def test_every_command_explains_itself():
    for name, command in main.commands.items():
        result = run(name, "--help")
        assert result.exit_code == 0
        assert (command.help or "")[:20] in result.output
