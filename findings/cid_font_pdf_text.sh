#!/bin/sh
# fpdf2 2.8.9: a PDF set in a CID-keyed font prints well, and pypdf and pdfplumber find no words in it.
#
# The Chinese typefaces that Linux distributions ship (Noto CJK, Source Han) are OpenType fonts with
# CFF outlines keyed by numbers (ROS Adobe-Identity). Published responsibility lists are archived and
# searched by their text. For such a font fpdf2 writes an /Encoding of its own, an embedded CMap, in
# place of /Identity-H; pdfium reads the text right, pypdf 7.1.1 gives a NUL before each character and
# pdfplumber 0.11.10 (pdfminer.six 20260107) an empty string, without a warning. The very same glyphs
# keyed by names come out whole everywhere. The font below is made here: four boxes for 牵头单位.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check \
    fpdf2==2.8.9 fonttools==4.68.0 pypdf==7.1.1 pdfplumber==0.11.10 pdfminer.six==20260107 pypdfium2==5.15.2
cat > "$folder/look.py" <<'PY'
import sys

import fpdf
import pdfplumber
import pypdf
import pypdfium2
from fontTools.cffLib import FDArrayIndex, FDSelect, FontDict
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen

WORDS = "牵头单位"


def made(path, *, numbered):
    """A font of four boxes, its glyphs keyed by numbers or by names."""
    names = [".notdef", "cid00001" if numbered else "space"]
    names += [f"cid{n:05}" if numbered else f"uni{ord(c):04X}" for n, c in enumerate(WORDS, 2)]
    build = FontBuilder(1000, isTTF=False)
    build.setupGlyphOrder(names)
    build.setupCharacterMap({32: names[1]} | {ord(c): n for c, n in zip(WORDS, names[2:])})
    drawn = {}
    for n, name in enumerate(names):
        pen = T2CharStringPen(1000, None)
        if n != 1:
            pen.moveTo((100, 0))
            for corner in ((100, 700), (600 + 20 * n, 700), (600 + 20 * n, 0)):
                pen.lineTo(corner)
            pen.closePath()
        drawn[name] = pen.getCharString()
    build.setupCFF("Boxes", {"FullName": "Boxes"}, drawn, {})
    build.setupHorizontalMetrics({name: (1000, 100) for name in names})
    build.setupHorizontalHeader(ascent=880, descent=-120)
    build.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    build.setupOS2()
    build.setupPost()
    if numbered:
        top = build.font["CFF "].cff.topDictIndex[0]
        one = FontDict()
        one.Private, one.FontName = top.Private, "Boxes"
        top.FDArray, top.FDSelect = FDArrayIndex(), FDSelect()
        top.FDArray.append(one)
        top.FDSelect.format, top.FDSelect.gidArray = 0, [0] * len(names)
        top.ROS, top.CIDCount = ("Adobe", "Identity", 0), len(names)
        del top.Private
        top.CharStrings.fdArray, top.CharStrings.fdSelect = top.FDArray, top.FDSelect
    build.save(path)


def read(path):
    """What three readers find in a page that says these words."""
    page = fpdf.FPDF()
    page.add_font("Boxes", fname=f"{path}.otf")
    page.set_font("Boxes", size=20)
    page.add_page()
    page.cell(text=WORDS)
    page.output(f"{path}.pdf")
    with pdfplumber.open(f"{path}.pdf") as plumbed:
        found = plumbed.pages[0].extract_text()
    first = pypdf.PdfReader(f"{path}.pdf").pages[0]
    (font,) = first["/Resources"]["/Font"].values()
    return {
        "encoding": str(font["/Encoding"]) if isinstance(font["/Encoding"], str) else "embedded",
        "pypdf": first.extract_text(),
        "pdfplumber": found,
        "pdfium": pypdfium2.PdfDocument(f"{path}.pdf")[0].get_textpage().get_text_range(),
    }


for keyed, numbered, expected in (
    (
        "names",
        False,
        {"encoding": "/Identity-H", "pypdf": WORDS, "pdfplumber": WORDS, "pdfium": WORDS},
    ),
    (
        "numbers",
        True,
        {
            "encoding": "embedded",
            "pypdf": "".join(f"\0{c}" for c in WORDS),
            "pdfplumber": "",
            "pdfium": WORDS,
        },
    ),
):
    path = f"{sys.argv[1]}/{keyed}"
    made(f"{path}.otf", numbered=numbered)
    said = read(path)
    print(f"keyed by {keyed}: {said!r}")
    assert said == expected, f"this has changed: {said!r}"
PY
"$folder/env/bin/python" "$folder/look.py" "$folder"
