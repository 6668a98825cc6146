"""A version as a document for publication: docx and pdf, the columns that people read."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Pt
from fpdf import FPDF
from fpdf.enums import TableHeadingsDisplay
from fpdf.fonts import TTFFont

from server.errors import ListTooLong, NotReady
from server.people.units import Units
from server.responsibility.changing.line_ends import lines
from server.responsibility.changing.typeface import outlined
from server.responsibility.files.cells import printable
from server.responsibility.list.entries import OfficeLayout
from server.responsibility.list.fields import COLUMNS, EntryView
from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns
from server.responsibility.sheets.exporting import body
from server.texts.catalogue import text

#: What is published of an entry, and its share of the page's width.
_WIDTHS: Final = {"number": 1} | {each.name: each.width for each in COLUMNS if each.width}
_POINTS: Final = 8
_MOST_IN_PDF: Final = 200_000  # characters; setting them takes some seven seconds
_HAIR: Final = 0.01  # millimetres: what the library rounds away is no reason to part a line again
_LEAST_CELL: Final = 20  # as many characters as an empty cell takes time


@dataclass(frozen=True, slots=True)
class Publication:
    """What is printed: a title, a line below it, a header and its rows."""

    title: str
    subtitle: str
    widths: tuple[int, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    upright: bool = False


def publication(
    kind: ListType, subtitle: str, entries: Sequence[EntryView], units: Units
) -> Publication:
    """Return a version as it is published."""
    shown = [field for field in kind.columns if field in _WIDTHS]
    if "lead" not in shown and kind.leads == "township":
        subtitle = text("list.township_leads", subtitle=subtitle)
    return Publication(
        title=kind.name,
        subtitle=printable(subtitle),
        widths=tuple(_WIDTHS[field] for field in shown),
        header=tuple(columns.heading(field, kind) for field in shown),
        rows=body(kind, OfficeLayout(columns=shown), entries, units),
    )


def docx(of: Publication) -> bytes:
    """Return a publication as a Word document."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    style = document.styles["Normal"]
    style.font.size = Pt(_POINTS)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), text("list.typeface"))
    document.add_heading(of.title, level=1)
    document.add_paragraph(of.subtitle)
    grid = document.add_table(rows=0, cols=len(of.header))
    grid.style = "Table Grid"
    for row in (of.header, *of.rows):
        cells = grid.add_row().cells
        for cell, said in zip(cells, row, strict=True):
            cell.text = said
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def pdf(font: Path | None, *printed: Publication) -> bytes:
    """Return publications as one PDF, each from a page of its own on.

    Raises NotReady where no Chinese typeface is installed, ListTooLong over 200,000 characters
    or where an entry does not fit on a page.
    """
    if font is None:
        raise NotReady(part="font")
    cells = [said for of in printed for row in of.rows for said in row]
    if sum(max(len(said), _LEAST_CELL) for said in cells) > _MOST_IN_PDF:
        raise ListTooLong(most=_MOST_IN_PDF)
    heads = [said for of in printed for said in (of.title, of.subtitle, *of.header)]
    with TemporaryDirectory() as folder:
        own = Path(folder) / "list.ttf"
        own.write_bytes(outlined(font, "".join((*heads, *cells))))
        return _printed(printed, own)


def _printed(printed: Sequence[Publication], font: Path) -> bytes:
    page = FPDF(format="A4")
    page.set_title(printed[0].title)
    page.add_font("list", fname=str(font))
    try:
        for of in printed:
            _begin(page, of)
            _set(page, of)
    except ValueError as error:  # the library's word for a row higher than a page
        for each in page.fonts.values():  # an output that comes about closes them
            if isinstance(each, TTFFont):
                each.close()
        raise ListTooLong(most=_MOST_IN_PDF) from error
    return bytes(page.output())


def _begin(page: FPDF, of: Publication) -> None:
    page.add_page(orientation="portrait" if of.upright else "landscape")
    for size, said in ((2 * _POINTS, of.title), (_POINTS, of.subtitle)):
        page.set_font("list", size=size)
        page.multi_cell(
            0, text=_in_lines(page, said, page.epw), align="C", new_x="LMARGIN", new_y="NEXT"
        )


def _set(page: FPDF, of: Publication) -> None:
    with page.table(
        col_widths=of.widths,
        first_row_as_headings=False,
        num_heading_rows=0,
        repeat_headings=TableHeadingsDisplay.NONE,
        text_align="LEFT",
        line_height=1.4 * page.font_size,
    ) as grid:
        for row in (of.header, *of.rows):
            cells = grid.row()
            for said, share in zip(row, of.widths, strict=True):
                cells.cell(_in_lines(page, said, page.epw * share / sum(of.widths)))


def _in_lines(page: FPDF, said: str, width: float) -> str:
    """Return a text with its lines' ends, in the type that is set; the library knows no marks."""
    inside = width - 2 * page.c_margin - _HAIR
    return "\n".join(lines(said, inside, page.get_string_width))
