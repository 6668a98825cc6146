"""Signs for grids, to be printed and put up: a QR code that opens the phone page at the grid."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal
from urllib.parse import quote

import segno

from server.errors import NotFound
from server.places.boundaries import Boundaries
from server.texts.catalogue import text

PerPage = Literal[1, 2, 4, 6]
PER_PAGE: Final[tuple[PerPage, ...]] = (1, 2, 4, 6)
#: A quarter of the code may be scratched or faded before it is unreadable.
_CORRECTION: Final = "q"
_QUIET: Final = 4  # modules of white around it, as ISO/IEC 18004 demands
_STYLE: Final = (
    "@page{size:A4;margin:0}*{box-sizing:border-box}"
    "body{margin:0;font-family:'Noto Sans CJK SC','Source Han Sans SC','PingFang SC',"
    "'Microsoft YaHei',sans-serif;color:#12322a;-webkit-print-color-adjust:exact;"
    "print-color-adjust:exact}"
    ".page{width:210mm;height:297mm;padding:9mm;display:grid;break-after:page;overflow:hidden}"
    ".page:last-child{break-after:auto}"
    ".n4,.n6{grid-template-columns:1fr 1fr}.n2{grid-template-rows:1fr 1fr}"
    ".n4{grid-template-rows:1fr 1fr}.n6{grid-template-rows:1fr 1fr 1fr}"
    ".sign{--u:1mm;border:.3mm dashed #9db3ab;display:flex;flex-direction:column;"
    "align-items:center;text-align:center;min-height:0;min-width:0;overflow:hidden}"
    ".n1 .sign{--u:2mm}.n2 .sign{--u:1.12mm}.n6 .sign{--u:.72mm}"
    ".call{width:100%;background:#0b6b50;color:#fff;font-weight:700;"
    "font-size:calc(11*var(--u));line-height:1.55;letter-spacing:.12em;padding-left:.12em}"
    ".code{flex:1;display:flex;align-items:center;justify-content:center;min-height:0}"
    ".code svg{width:calc(66*var(--u));height:calc(66*var(--u));display:block}"
    "h2{margin:0 3mm;font-size:calc(7*var(--u));line-height:1.3;overflow-wrap:anywhere}"
    "p{margin:0 3mm;font-size:calc(4.4*var(--u));line-height:1.5;overflow-wrap:anywhere}"
    ".number{font-size:calc(3.6*var(--u));color:#4a635a;padding-bottom:calc(3*var(--u))}"
)
#: What a page with signs may load: nothing but its own style.
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-"
    f"{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}';"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Sign:
    """A grid as its sign names it."""

    code: str
    grid: str
    village: str
    township: str


def signs_of(boundaries: Boundaries, township: str) -> list[Sign]:
    """Return the signs of a township's grids by code; raises NotFound for a code that is none."""
    row = boundaries.row(township)
    if row is None or row.level != "township":
        raise NotFound(kind="township", id=township)
    found = []
    for grid in boundaries.rows("grid"):
        chain = boundaries.chain(grid.code)
        if chain.township and chain.township.code == township:
            village = chain.village.name if chain.village else ""
            found.append(Sign(grid.code, grid.name, village, chain.township.name))
    return found


def address(code: str, base: str) -> str:
    """Return what the QR code of a grid says: the phone page with the grid preset."""
    return f"{base.rstrip('/')}/?grid={quote(code, safe='')}"


def page(signs: Sequence[Sign], base: str, per_page: PerPage = 4) -> str:
    """Return signs as one self-contained HTML page of A4 sheets; `base` is where phones go."""
    sheets = [
        f'<div class="page n{per_page}">{"".join(_sign(each, base) for each in sheet)}</div>'
        for sheet in (signs[n : n + per_page] for n in range(0, len(signs), per_page))
    ]
    return "".join(
        [
            '<!doctype html><html lang="zh-CN"><meta charset="utf-8">',
            f"<title>{escape(text('sign.title'))}</title><style>{_STYLE}</style><body>",
            *sheets,
            "</body></html>",
        ]
    )


def _sign(sign: Sign, base: str) -> str:
    code = segno.make(address(sign.code, base), error=_CORRECTION, micro=False, boost_error=False)
    drawn = code.svg_inline(border=_QUIET, omitsize=True, svgclass=None, lineclass=None)
    where = text("sign.where", township=sign.township, village=sign.village).strip()
    return (
        f'<div class="sign"><div class="call">{escape(text("sign.call"))}</div>'
        f'<div class="code">{drawn}</div><h2>{escape(sign.grid)}</h2>'
        f"<p>{escape(where)}</p><p>{escape(text('sign.invitation'))}</p>"
        f'<p class="number">{escape(text("sign.number", code=sign.code))}</p></div>'
    )
