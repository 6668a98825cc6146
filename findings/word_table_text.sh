#!/bin/sh
# python-docx 1.2.0: words of a table cell that Word shows, and that `cell.text` does not have.
#
# Responsibility lists circulate as Word tables that were reviewed with tracked changes, filled in by
# content controls (a drop-down of units), or carry a pinyin guide over a rare place name. All three
# are ordinary WordprocessingML (ECMA-376: w:ins, w:sdt, w:ruby). python-docx reads only the runs
# that are direct children of a paragraph, or of a hyperlink in it, so a cell whose words lie in one
# of the three is an empty string: no error, no warning. Seen: ['', '', ''] where Word shows
# 牵头单位, 区住建局 and 峄城. Whoever imports such a list loses the lead unit in silence; walking all
# w:t below w:tc, without those under w:rt (the guide itself), finds every word.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check python-docx==1.2.0
cat > "$folder/look.py" <<'PY'
import sys

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

W = nsdecls("w")
SHOWN = ["牵头单位", "区住建局", "峄城"]
CELLS = [
    f'<w:ins {W} w:id="1" w:author="someone" w:date="2025-01-01T00:00:00Z">'
    f"<w:r><w:t>{SHOWN[0]}</w:t></w:r></w:ins>",
    f"<w:sdt {W}><w:sdtContent><w:r><w:t>{SHOWN[1]}</w:t></w:r></w:sdtContent></w:sdt>",
    f"<w:r {W}><w:ruby><w:rubyPr/><w:rt><w:r><w:t>yì chéng</w:t></w:r></w:rt>"
    f"<w:rubyBase><w:r><w:t>{SHOWN[2]}</w:t></w:r></w:rubyBase></w:ruby></w:r>",
]
written = docx.Document()
table = written.add_table(1, 3)
for cell, xml in zip(table.rows[0].cells, CELLS, strict=True):
    cell.paragraphs[0]._p.append(parse_xml(xml))
path = sys.argv[1]
written.save(path)

cells = docx.Document(path).tables[0].rows[0].cells
said = [cell.text for cell in cells]
there = [
    "".join(
        t.text for t in cell._tc.iter(qn("w:t"))
        if not any(above.tag == qn("w:rt") for above in t.iterancestors())
    )
    for cell in cells
]
print("python-docx", docx.__version__, "cell.text:", said, "in the file:", there)
assert there == SHOWN
assert said == ["", "", ""], "python-docx reads them now: this finding is over"
PY
"$folder/env/bin/python" "$folder/look.py" "$folder/list.docx"
