"""Lists brought over HTTP and changed, for the tests of versions."""

import io

from aiohttp import FormData
from openpyxl import load_workbook

from gridwhistle.demo.spreadsheet import workbook

TYPE = "main_and_cooperating"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COOPERATING = ["序号", "事项名称", "对应上级部门", "上级部门职责", "乡镇（街道）配合职责"]


async def upload(person, data, name="清单.xlsx", kind=TYPE, **texts):
    form = FormData()
    for field, value in texts.items():
        form.add_field(field, value)
    form.add_field("file", data, filename=name, content_type=XLSX)
    return await person.call("POST", f"/s/v1/lists/{kind}/versions", data=form)


def changed(code: str, column: str, value: str | None) -> bytes:
    """The demo spreadsheet with a cell changed, or without a row where there is no column."""
    book = load_workbook(io.BytesIO(workbook()))
    sheet = book.worksheets[0]
    [row] = [cell.row for line in sheet.iter_rows() for cell in line if cell.value == code]
    if column:
        [at] = [cell.column for cell in sheet[2] if cell.value == column]
        sheet.cell(row, at).value = value
    else:
        sheet.delete_rows(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
