"""Workbooks of the old binary format (.xls, .et), read in a process that may be killed.

Run as `python -m server.responsibility.files.old_workbooks SECONDS BYTES` with the file as its
input; writes JSON: `sheets`, or `fault` with `facts`. The reader makes room for a sheet's whole
range at once, so a small file may ask for gigabytes; nothing tells it beforehand. Hence limits on
memory and time that the child sets itself, and its parent's clock.
"""

import io
import json
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import python_calamine

from server.responsibility.files.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    MOST_SHEETS,
    Cell,
    Sheet,
    cell_of,
    merged,
    trimmed,
)
from server.responsibility.files.workbook import Unreadable

SECONDS: Final = 20
MEMORY: Final = 600 << 20  # bytes
#: The storage in which the old format keeps macros.
_MACROS: Final = "_VBA_PROJECT_CUR".encode("utf-16-le")


def read(data: bytes, *, seconds: float = SECONDS, memory: int = MEMORY) -> list[Sheet]:
    """Return the sheets of an old workbook: values, a formula's last result among them.

    The reader tells neither formulas nor errors: an error reads as an empty cell. Raises
    Unreadable; `old_unread` where it took more than 20 s or 600 MB, or ended the child.
    """
    if _MACROS in data:
        raise Unreadable("macros", member="_VBA_PROJECT_CUR")
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(max(1, round(seconds))), str(memory)],
            input=data,
            env={"PYTHONPATH": ":".join(each for each in sys.path if each) or "."},
            capture_output=True,
            timeout=seconds,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise Unreadable("old_unread", seconds=round(seconds), megabytes=memory >> 20) from error
    answer = json.loads(done.stdout)
    if "fault" in answer:
        raise Unreadable(answer["fault"], **answer["facts"])
    return [_sheet(each) for each in answer["sheets"]]


def _sheet(told: Mapping[str, Any]) -> Sheet:
    rows = [[_cell(each) for each in row] for row in told["rows"]]
    return replace(merged(told["name"], rows, told["merges"]), values_only=True)


def _cell(told: str | list[str]) -> Cell:
    """Return a cell as the child tells it: a text, or the text of a number in brackets."""
    return Cell(told) if isinstance(told, str) else Cell(told[0], number=True)


def _answer(data: bytes) -> dict[str, Any]:
    try:
        with python_calamine.load_workbook(io.BytesIO(data)) as book:
            names = book.sheet_names
            if len(names) > MOST_SHEETS:
                raise Unreadable("too_many_sheets", n_sheets=len(names), most=MOST_SHEETS)
            return {"sheets": [_told(name, book.get_sheet_by_name(name)) for name in names]}
    except python_calamine.CalamineError:
        return {"fault": "old_or_encrypted", "facts": {}}
    except Unreadable as refused:
        return {"fault": refused.code, "facts": refused.facts}


def _told(name: str, sheet: python_calamine.CalamineSheet) -> dict[str, Any]:
    last_row, last_column = sheet.end or (-1, -1)
    if last_row >= MAX_ROWS:
        raise Unreadable("too_many_rows", sheet=name, row=last_row + 1, most=MAX_ROWS)
    if last_column >= MAX_COLUMNS:
        raise Unreadable("too_many_columns", sheet=name, row=1, most=MAX_COLUMNS)
    return {
        "name": name,
        "rows": [_told_row(row) for row in sheet.to_python(skip_empty_area=False)],
        "merges": [(*first, *last) for first, last in sheet.merged_cell_ranges or ()],
    }


def _told_row(values: Sequence[object]) -> list[str | list[str]]:
    cells = trimmed(map(cell_of, values))
    return [[each.text] if each.number else each.text for each in cells]


def _main() -> None:
    seconds, memory = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(_answer(sys.stdin.buffer.read()), sys.stdout)


if __name__ == "__main__":
    _main()
