"""The pages for everybody: what this is, who answers for what, what was closed; no scripts."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from typing import Final

from aiohttp import web
from pydantic import Field

from mobile_api.public import PublicCase
from server.calendar.working import limit_text
from server.cases.door.briefing import called
from server.cases.reading import queries
from server.cases.rules.basis import Basis
from server.cases.rules.views import CaseRow
from server.clock import now
from server.http.forms import Query
from server.http.keys import basis
from server.http.paging import before_id, cursor
from server.http.routes import Routes
from server.responsibility.list.fields import EntryView
from server.texts.catalogue import text

routes = Routes("", tag="public")

_N_CASES: Final = 10
_N_CLOSED: Final = 50
_STYLE: Final = (
    "body{font:16px/1.7 system-ui,sans-serif;margin:0;color:#222;background:#f4f6f5}"
    "header{background:#0b6b50;color:#fff;padding:1.6rem 1rem}"
    "main,header>div{max-width:46rem;margin:auto}main{padding:1rem}"
    "h1{margin:0;font-size:1.7rem}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}"
    "section{background:#fff;border-radius:.6rem;padding:.2rem 1rem 1rem;margin:1rem 0}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .4rem;"
    "border-bottom:1px solid #e3e7e5;font-size:.92rem;overflow-wrap:anywhere}a{color:#0b6b50}"
    "header a{color:#fff}th{white-space:nowrap}"
    "@media(max-width:40rem){th{display:none}tr{display:block;padding:.4rem 0;"
    "border-bottom:1px solid #e3e7e5}td{display:flex;border:0;padding:.1rem 0}"
    "td:empty{display:none}td::before{content:attr(data-head);flex:0 0 5.5em;color:#667}}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none';"
    " base-uri 'none'; form-action 'none'"
)


@routes.get("/about", files=("text/html",), public=True)
async def welcome(request: web.Request) -> web.Response:
    """Say what this is, how much is in force, and which cases were closed lately."""
    known, at = basis(request), now()
    boundaries = known.places.at(at)
    counts = {
        "n_townships": len(boundaries.rows("township")) if boundaries else 0,
        "n_grids": len(boundaries.rows("grid")) if boundaries else 0,
        "n_matters": len(known.lists.at(at).entries()),
    }
    found = await queries.closed(None, limit=_N_CASES, before_id=None)
    rows = [_case(case, known) for case in found]
    sections = [
        f"<h2>{_said('what')}</h2><p>{_said('intro')}</p>"
        f"<p>{escape(text('welcome.counts', **counts))}</p>",
        f"<h2>{_said('look')}</h2><ul>{_links()}</ul>",
        f"<h2>{_said('closed')}</h2>{_table(_CASE, rows)}",
    ]
    return _page(_said("title"), _said("motto"), sections)


@routes.get("/list", files=("text/html",), public=True)
async def responsibility(request: web.Request) -> web.Response:
    """Show the responsibility list in force, by domain: who answers, how fast, at which number."""
    known = basis(request)
    entries = sorted(known.lists.at(now()).entries(), key=lambda e: (e.domain, e.matter_code))
    sections = [
        f"<h2>{escape(domain)}</h2>{_table(_ENTRY, [_entry(each, known) for each in group])}"
        for domain, group in groupby(entries, key=lambda entry: entry.domain)
    ]
    return _page(_said("list"), _back(), sections or [f"<p>{_said('no_list')}</p>"])


class ClosedQuery(Query):
    """Where the list goes on."""

    after: str | None = Field(default=None, max_length=500)


@routes.get("/closed", query=ClosedQuery, files=("text/html",), public=True)
async def closed(request: web.Request, query: ClosedQuery) -> web.Response:
    """Show closed cases, the latest first: what, where, by whom, whether in time."""
    known = basis(request)
    start = before_id(query.after)
    found = await queries.closed(None, limit=_N_CLOSED + 1, before_id=start)
    rows = [_case(case, known) for case in found[:_N_CLOSED]]
    on = ""
    if len(found) > _N_CLOSED:
        last = cursor([found[_N_CLOSED - 1].id])
        on = f'<p><a href="/closed?after={last}">{_said("more")}</a></p>'
    return _page(_said("closed_cases"), _back(), [_table(_CASE, rows) + on])


def _said(key: str) -> str:
    return escape(text(f"welcome.{key}"))


def _links() -> str:
    targets = {
        "matters": "/list",
        "cases": "/closed",
        "map": "/m/v1/public/places.geojson",
        "docs": "/docs",
    }
    return "".join(
        f'<li><a href="{target}">{_said(name)}</a></li>' for name, target in targets.items()
    )


def _back() -> str:
    return f'<a href="/about">{_said("title")}</a>'


def _page(title: str, below: str, sections: Iterable[str]) -> web.Response:
    """Return a page of ready HTML parts."""
    body = "".join(f"<section>{section}</section>" for section in sections)
    return web.Response(
        text='<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style>"
        f"<header><div><h1>{title}</h1>{below}</div></header><main>{body}</main>",
        content_type="text/html",
        headers={"Content-Security-Policy": _POLICY},
    )


_CASE: Final = ("no", "matter", "township", "lead", "closed_on", "in_time")
_ENTRY: Final = ("matter", "lead", "limit", "phone")


def _case(case: CaseRow, known: Basis) -> list[str]:
    shown = PublicCase.of(case, known)
    said = {True: text("welcome.done_in_time"), False: text("welcome.done_late"), None: ""}
    return [
        shown.no,
        shown.matter,
        shown.township,
        shown.lead,
        shown.closed_on,
        said[shown.in_time],
    ]


def _entry(entry: EntryView, known: Basis) -> list[str]:
    lead = known.units.acting(entry.lead_id) if entry.lead_id else None
    return [
        entry.name,
        called(entry.lead_id, known.units) or text("word.township"),
        limit_text(entry.limit, entry.urgency),
        entry.contact_phone or (lead.phone if lead else ""),
    ]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return f"<p>{_said('none_yet')}</p>"
    named = [_said(name) for name in heads]
    head = "".join(f"<th>{name}</th>" for name in named)
    # On a phone each row is a card, and each cell says itself what it is.
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-head="{name}">{escape(cell)}</td>'
            for name, cell in zip(named, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><tr>{head}</tr>{body}</table>"
