#!/bin/sh
# openpyxl 3.1.5, python-calamine 0.9.1, SheetJS 0.18.5, exceljs 4.4.0: a date shown as a weekday in
# Chinese (星期二) is read as a bare number.
#
# Rosters (坐堂值班表) and calendars are dates formatted as weekdays. Chinese Excel writes the number
# format `aaaa` (星期二), `aaa` (二) or `[$-804]aaaa;@` for them, where English Excel writes `dddd`.
# All four readers decide by the letters d, m, y, h, s whether a number is a date, and none knows a:
# the same day, 2025-12-09, is a date under `dddd` and under `yyyy-mm-dd aaaa`, and the number 46000
# under the three others. SheetJS, which also gives the text as shown, gives the letters of the
# format itself ("aaaa", "$aaaa"). Whoever reads a roster must take numbers in a column of days for
# days, or look at the cell's format.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    openpyxl==3.1.5 python-calamine==0.9.1
cat > "$folder/look.py" <<'PY'
import importlib.metadata as packages
import sys
from datetime import date, datetime

import openpyxl
from python_calamine import CalamineWorkbook

FORMATS = ["aaaa", "aaa", "[$-804]aaaa;@", "dddd", "yyyy-mm-dd aaaa"]
path = sys.argv[1]
book = openpyxl.Workbook()
for column, written in enumerate(FORMATS, 1):
    book.active.cell(1, column, 46000).number_format = written
book.save(path)

first = [cell.value for cell in openpyxl.load_workbook(path).active[1]]
second = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[0]
for name, found in (("openpyxl", first), ("python-calamine", second)):
    print(name, packages.version(name), dict(zip(FORMATS, map(str, found), strict=True)))
day = date(2025, 12, 9)
assert first == [46000, 46000, 46000, *[datetime(2025, 12, 9)] * 2], "openpyxl has changed"
assert second == [46000.0, 46000.0, 46000.0, day, day], "python-calamine has changed"
PY
"$folder/env/bin/python" "$folder/look.py" "$folder/roster.xlsx"
command -v npm >/dev/null || { echo "no npm here: the two JavaScript readers were not tried"; exit 0; }
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund xlsx@0.18.5 exceljs@4.4.0 >/dev/null 2>&1
cat > look.cjs <<'JS'
const assert = require("node:assert");
const sheets = require("xlsx");
const { Workbook } = require("exceljs");
const [path] = process.argv.slice(2);
const book = sheets.readFile(path, { cellDates: true, cellNF: true });
const sheet = book.Sheets[book.SheetNames[0]];
const cells = ["A1", "B1", "C1", "D1", "E1"].map((at) => sheet[at]);
const kinds = cells.map((cell) => cell.t).join("");
console.log("xlsx", sheets.version, kinds, cells.map((cell) => cell.w));
assert.equal(kinds, "nnndd");
assert.deepEqual(cells.slice(0, 3).map((cell) => cell.w), ["aaaa", "aaa", "$aaaa"]);
(async () => {
  const other = new Workbook();
  await other.xlsx.readFile(path);
  const values = other.worksheets[0].getRow(1).values.slice(1);
  console.log("exceljs", require("exceljs/package.json").version, values);
  assert.deepEqual(values.slice(0, 3), [46000, 46000, 46000]);
  assert.ok(values.slice(3).every((value) => value instanceof Date));
})();
JS
node look.cjs roster.xlsx
