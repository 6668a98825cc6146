"""The responsibility list from the command line, on a database."""

import csv
import io

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from gridwhistle.__main__ import main
from gridwhistle.demo.spreadsheet import workbook
from tests.api.versions import COOPERATING, changed
from tests.domain.acts.lists import xlsx
from tests.sheets import xls


@pytest.fixture
def run(county_url, monkeypatch, tmp_path):
    """Runs `gridwhistle list …` on a database of this test alone."""
    monkeypatch.setenv("DATABASE_URL", county_url)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.chdir(tmp_path)

    def words(*given: str, code: int = 0) -> Result:
        result = CliRunner().invoke(main, ["list", *given])
        assert result.exit_code == code, result.output
        return result

    return words


def imported(run, path, data: bytes, *options: str) -> tuple[str, Result]:
    path.write_bytes(data)
    result = run("import", str(path), *options)
    return run("versions").output.split("\t", 1)[0], result


def test_a_change_is_imported_compared_reviewed_and_published(run, tmp_path):
    data = changed("CJ-012", "办理时限", "9个工作日")
    number, _ = imported(run, tmp_path / "new.xlsx", data, "--label", "第二版")
    lines = run("diff", number).output.splitlines()
    assert len(lines) == 2
    assert "城区路灯" in lines[0]
    assert lines[1].startswith("    ")
    assert "9个工作日" in lines[1]
    before = run("versions").output.splitlines()
    assert before[0].split("\t")[2] == "draft"
    assert run("publish", number, code=1).output.startswith("Error: ")
    assert "已送审" in run("review", number).output
    assert run("review", number, code=1).output
    run("publish", number)
    after = [line.split("\t") for line in run("versions").output.splitlines()]
    assert [(row[2], row[4]) for row in after[:1]] == [("published", "第二版")]
    assert [row[2] for row in after[1:] if row[1] == "main_and_cooperating"] == ["superseded"]
    old = after[1][0]
    assert "9个工作日" in run("diff", old, "--against", number).output


def test_an_old_workbook_is_imported_with_a_word_on_what_was_not_read(run, tmp_path):
    data = xls(
        COOPERATING,
        [1, "违法建设查处", "区综合行政执法局", "查处", "发现上报"],
    )
    _, result = imported(run, tmp_path / "c.xls", data, "--type", "cooperating")
    assert "错误值读作空白" in result.output


def test_a_fault_of_the_whole_file_is_told_in_a_whole_sentence(run, tmp_path):
    (tmp_path / "new.xlsx").write_bytes(b"rubbish")
    told = run("import", str(tmp_path / "new.xlsx"), code=1).output.splitlines()[0]
    assert told.startswith("new.xlsx：这不是能读的工作簿")


def test_questions_are_shown_answered_one_by_one_and_then_the_entries_are_there(run, tmp_path):
    data = xlsx(
        ["配合履职事项清单"],
        COOPERATING,
        ["一、城乡建设"],
        [1, "违法建设查处", "区综行局", "查处", "发现上报"],
        [3, "共享单车停放管理", "区综合行政执法局、区公安分局", "管理", "劝导"],
    )
    number, result = imported(run, tmp_path / "c.xlsx", data, "--type", "cooperating")
    assert "区综行局" in result.output
    shown = run("answer", number)
    assert result.output.endswith(shown.output)
    assert "各事项一律按“15个工作日”读取" in result.output
    asked = [line.rpartition("：对应上级部门")[0] for line in shown.output.splitlines()[:2]]
    assert asked[0] == "unit:区综行局"
    assert "还有 3 处需要确认" in shown.output
    assert run("review", number, code=1).output.startswith("Error: ")
    for wrong in ("no-such-question=x", f"{asked[0]}=99999"):
        assert "Error: " in run("answer", number, wrong, code=1).output
    assert run("answer", number).output == shown.output
    half = run("answer", number, f"{asked[0]}=2", f"{asked[1]}=1").output
    assert "还有 1 处需要确认" in half
    assert "还有" not in run("answer", number, "--new-matters").output
    lines = run("diff", number).output.splitlines()
    assert [line for line in lines if "共享单车停放管理" in line]
    run("review", number)


def test_a_heading_nobody_knows_is_asked_with_what_stands_there_or_said_beforehand(run, tmp_path):
    data = xlsx(
        ["事项名称", "牵头部门", "法律依据", "时间要求", "科室"],
        ["违法建设查处", "区综合行政执法局", "", "3天", "甲科"],
    )
    number, result = imported(run, tmp_path / "c.xlsx", data)
    assert (
        "column:时间要求：时间要求“时间要求”（第 2 行，写的是：3天）limit 办理时限"
        in result.output
    )
    assert "leave 不是清单内容，原样保留" in result.output
    assert run("answer", number, "column:时间要求=没有这一列", code=1).output.startswith("Error: ")
    left = run("answer", number, "column:时间要求=办理时限", "column:科室=leave").output
    assert "还有" not in left
    said = ("--column", "时间要求=办理时限", "--column", "科室=leave")
    again, result = imported(run, tmp_path / "d.xlsx", data, *said)
    assert "还有" not in result.output
    assert run("diff", again, "--against", number).output == ""


def test_a_version_is_written_to_a_file_and_reads_back_as_it_was(run, tmp_path):
    number, _ = imported(run, tmp_path / "new.xlsx", workbook())
    for name in ("out.xlsx", "out.csv"):
        assert name in run("export", number, str(tmp_path / name)).output
    book = load_workbook(tmp_path / "out.xlsx").worksheets[0]
    rows = list(csv.reader(io.StringIO((tmp_path / "out.csv").read_text("utf-8-sig"))))
    assert {"CJ-012", "ZH-002"} <= {cell for row in rows for cell in row}
    assert book.max_row >= 105
    again, _ = imported(run, tmp_path / "again.xlsx", (tmp_path / "out.xlsx").read_bytes())
    assert run("diff", again, "--against", number).output == ""


@pytest.mark.parametrize(
    "words", [("diff", "9999"), ("export", "9999", "x.xlsx"), ("review", "9999")]
)
def test_a_version_that_is_not_there_is_refused_in_words(run, words):
    result = run(*words, code=1)
    assert "没有找到" in result.output
