"""Workbooks and lists, written for a test and read back."""

import io
from collections.abc import Mapping, Sequence

import openpyxl

from server.people.units import UnitKind, Units, UnitView
from server.responsibility.list.list_types import list_type
from server.responsibility.sheets.importing import Understood, understand
from server.responsibility.sheets.report import Known

UNITS = Units(
    UnitView(id=n, code=f"D{n}", name=name, kind=UnitKind.DEPARTMENT)
    for n, name in enumerate(["区公安分局", "区林业局", "区城乡水务局"], 1)
)
MATTERS = (("A-1", "甲事项", "领域一"), ("A-2", "乙事项", "领域一"))


def read(data: bytes, name: str, kind: str, **answers: str) -> Understood:
    return understand(data, name, Known(UNITS, MATTERS, list_type(kind)), answers)


def xlsx(*rows: list[object], merged: str = "") -> bytes:
    return workbook({"Sheet": rows}, *filter(None, [merged]))


def workbook(sheets: Mapping[str, Sequence[list[object]]], *merged: str) -> bytes:
    """Return a workbook of sheets; `merged` are cells of each."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for each in merged:
            sheet.merge_cells(each)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
