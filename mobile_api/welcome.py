"""The first page: what this is and where to go, without scripts and without sign-in."""

import base64
import hashlib
from html import escape
from typing import Final

from aiohttp import web

from server.cases import queries
from server.clock import now
from server.http.keys import basis
from server.http.routes import Routes
from server.texts.catalogue import text

routes = Routes("", tag="public")

_N_CASES: Final = 10
_STYLE: Final = (
    "body{font:16px/1.7 system-ui,sans-serif;margin:0;color:#222;background:#f4f6f5}"
    "header{background:#0b6b50;color:#fff;padding:1.6rem 1rem}"
    "main,header>div{max-width:46rem;margin:auto}main{padding:1rem}"
    "h1{margin:0;font-size:1.7rem}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}"
    "section{background:#fff;border-radius:.6rem;padding:.2rem 1rem 1rem;margin:1rem 0}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .4rem;"
    "border-bottom:1px solid #e3e7e5;font-size:.92rem}a{color:#0b6b50}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none';"
    " base-uri 'none'; form-action 'none'"
)


@routes.get("/", public=True)
async def welcome(request: web.Request) -> web.Response:
    """Say what this is, how much is in force, and which cases were closed lately."""
    known, at = basis(request), now()
    boundaries = known.places.at(at)
    counts = {
        "n_townships": len(boundaries.rows("township")) if boundaries else 0,
        "n_grids": len(boundaries.rows("grid")) if boundaries else 0,
        "n_matters": len(known.lists.at(at).entries()),
    }
    rows = [
        [
            case.no,
            case.matter_name,
            str(case.place.get("township", "")),
            known.units.by_id[case.lead_id].name if case.lead_id else "",
        ]
        for case in await queries.closed(None, limit=_N_CASES, before_id=None)
    ]
    page = "".join(
        [
            '<!doctype html><html lang="zh-CN"><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{_said('title')}</title><style>{_STYLE}</style>",
            f"<header><div><h1>{_said('title')}</h1>{_said('motto')}</div></header><main>",
            f"<section><h2>{_said('what')}</h2><p>{_said('intro')}</p>",
            f"<p>{escape(text('welcome.counts', **counts))}</p></section>",
            f"<section><h2>{_said('look')}</h2><ul>{_links()}</ul></section>",
            f"<section><h2>{_said('closed')}</h2>{_table(rows)}</section></main>",
        ]
    )
    return web.Response(
        text=page,
        content_type="text/html",
        headers={"Content-Security-Policy": _POLICY},
    )


def _said(key: str) -> str:
    return escape(text(f"welcome.{key}"))


def _links() -> str:
    targets = {
        "matters": "/m/v1/public/matters",
        "cases": "/m/v1/public/cases",
        "map": "/m/v1/public/places.geojson",
        "docs": "/docs",
    }
    return "".join(
        f'<li><a href="{target}">{_said(name)}</a></li>' for name, target in targets.items()
    )


def _table(rows: list[list[str]]) -> str:
    if not rows:
        return f"<p>{_said('none_yet')}</p>"
    heads = "".join(f"<th>{_said(name)}</th>" for name in ("no", "matter", "township", "lead"))
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><tr>{heads}</tr>{body}</table>"
