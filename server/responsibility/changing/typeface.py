"""A typeface made ready for a PDF whose text common readers get out again."""

import io
from pathlib import Path
from typing import Final

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter, load_font
from fontTools.ttLib import TTFont, newTable

#: How far, in a thousandth of the type's size, a converted curve may lie from the drawn one.
_CLOSE: Final = 1.0
_PROGRAMS: Final = (
    *("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs"),
    *("maxStackElements", "maxSizeOfInstructions", "maxComponentElements"),
)


def outlined(font: Path, text: str) -> bytes:
    """Return a typeface of TrueType outlines with what a text needs of a font file.

    Of one with PostScript outlines, keyed by numbers, the PDF library writes codes that pdfium
    understands and hardly anybody else: to others such a document has no words.
    """
    options = Options(
        layout_features=[], notdef_outline=True, hinting=False, recalc_bounds=True, font_number=0
    )
    made = load_font(str(font), options)
    try:
        needed = Subsetter(options)
        needed.populate(text=text + " ")
        needed.subset(made)
        if "CFF " in made:
            _convert(made)
        kept = io.BytesIO()
        made.save(kept)
    finally:
        made.close()
    return kept.getvalue()


def _convert(made: TTFont) -> None:
    order, drawn, glyphs = made.getGlyphOrder(), made.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(None)
        drawn[name].draw(Cu2QuPen(pen, _CLOSE, reverse_direction=True))
        glyphs[name] = pen.glyph()
    for gone in {"CFF ", "VORG"} & set(made.keys()):
        del made[gone]
    made["loca"], made["glyf"] = newTable("loca"), newTable("glyf")
    made["glyf"].glyphOrder, made["glyf"].glyphs = order, glyphs
    most = made["maxp"]
    most.tableVersion, most.maxZones = 0x00010000, 1
    for each in _PROGRAMS:
        setattr(most, each, 0)
    made["post"].formatType = 3.0
    made.sfntVersion = "\x00\x01\x00\x00"
