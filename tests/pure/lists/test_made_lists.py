"""Every workbook and table of the shared material: a draft with questions, or a way to one.

Layouts end in a draft; refused is what is broken or in a form that is no table of today.
"""

import csv

import pytest

from server.errors import ListRefused
from server.people.units import UnitKind, Units, UnitView
from server.responsibility.list.list_types import MAIN, list_type
from server.responsibility.sheets.importing import understand
from server.responsibility.sheets.report import Known
from tests.parts import SHARED

pytestmark = pytest.mark.needs("shared")

MADE = SHARED / "data" / "lists-made"
#: The types of those that are not 配合履职.
TYPES = {
    **dict.fromkeys(("L06", "L07", "L07b", "L15", "M12"), MAIN),
    **dict.fromkeys(("L03", "M10"), "basic"),
    **dict.fromkeys(("L04", "L04b"), "taken_back"),
    "M5": "empowerment",
}
#: What is refused, each with a sentence that says what to do.
REFUSED = {
    "C5_big5.csv": "csv_encoding",
    "L09.ods": "not_a_workbook",
    "L09_html.xls": "not_a_workbook",
    "L11_err_formula.xlsx": "error_value",
    "N3_sheetjs.xlsb": "not_a_workbook",
    "N5_sheetjs.ods": "not_a_workbook",
    "N4_xml2003.xls": "not_a_workbook",
    "N7_html.xls": "not_a_workbook",
}


@pytest.fixture(scope="module")
def units() -> Units:
    with (SHARED / "data" / "matters.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = dict.fromkeys(
        name for row in rows for name in (row["lead"], *row["cooperating"].split("、"))
    )
    return Units(
        UnitView(id=n, code=f"D{n}", name=name, kind=UnitKind.DEPARTMENT)
        for n, name in enumerate(names, 1)
        if name != "镇街"
    )


@pytest.mark.parametrize(
    "path", sorted(MADE.glob("*")) if MADE.is_dir() else [], ids=lambda of: of.name
)
def test_a_layout_that_an_office_publishes_ends_in_a_draft(path, units):
    kind = TYPES.get(path.name.split("_")[0].split(".")[0], "cooperating")
    known = Known(units, (), list_type(kind))
    if path.name in REFUSED:
        with pytest.raises(ListRefused) as refused:
            understand(path.read_bytes(), path.name, known)
        assert {each["code"] for each in refused.value.facts["rows"]} == {REFUSED[path.name]}
        return
    found = understand(path.read_bytes(), path.name, known)
    assert found.drafts
    assert found.questions
