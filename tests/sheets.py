"""Sheets as offices lay them out, written by the test itself."""

import io
from collections.abc import Sequence
from datetime import date

import xlwt

Merged = tuple[int, int, int, int]


def xls(*rows: Sequence[object], merged: Sequence[Merged] = (), errors: int = 0) -> bytes:
    """Return an old workbook of one sheet; `merged` are rows and columns from 0, both inclusive.

    So many cells of the first column, below the rows, hold an error.
    """
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("清单")
    dates = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            if value not in (None, ""):
                style = [dates] if isinstance(value, date) else []
                sheet.write(at, column, value, *style)
    for top, left, bottom, right in merged:
        sheet.merge(top, bottom, left, right)
    for at in range(errors):
        sheet.row(len(rows) + at).set_cell_error(0, "#REF!")
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
