"""The description for people: one page without scripts and without anything from elsewhere."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

from server.http.routes import Route
from server.texts.catalogue import text

_STYLE: Final = (
    "body{font:15px/1.6 sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}"
    "h3{font-family:monospace;margin:1.5rem 0 0}table{border-collapse:collapse}"
    "td,th{border:1px solid #bbb;padding:.1rem .5rem;text-align:left}small{color:#555}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
PAGE_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none';"
    " base-uri 'none'; form-action 'none'"
)

Json = dict[str, Any]


def page(routes: Sequence[Route], described: Json) -> bytes:
    """Return the page about these routes, whose OpenAPI document is given."""
    schemas: Json = described["components"]["schemas"]
    lines = [
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{_said('title')}</title><style>{_STYLE}</style>",
        f'<h1>{_said("title")}</h1><p><a href="/openapi.json">{_said("intro")}</a></p>',
        f"<h2>{_said('refusals')}</h2><p>{_said('refusals_intro')}</p>",
    ]
    for tag in dict.fromkeys(route.tag for route in routes):
        lines.append(f"<h2>{escape(tag)}</h2>")
        for route in routes:
            if route.tag == tag:
                lines.extend(_section(route, schemas))
    return "\n".join(lines).encode()


def _section(route: Route, schemas: Json) -> Iterator[str]:
    summary = (route.handler.__doc__ or "").strip().partition("\n")[0]
    yield f"<h3>{route.method} {escape(route.path)}</h3>"
    yield f"<p>{escape(summary)}<br><small>{_access(route)}</small></p>"
    if route.upload:
        yield f"<p>{escape(text('docs.upload', name=route.upload))}</p>"
    for heading, model in (("query", route.query), ("body", route.body), ("answer", route.answer)):
        if model is not None:
            yield f"<h4>{_said(heading)}</h4>"
            yield _table(schemas.get(model.__name__, {}))


def _access(route: Route) -> str:
    if route.public:
        return _said("public")
    if route.permission is not None:
        return escape(text("docs.permission", permission=route.permission.value))
    return _said("signed_in")


def _table(schema: Json) -> str:
    required = schema.get("required", [])
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(_kind(described))}</td>"
        f"<td>{_said('required') if name in required else ''}</td></tr>"
        for name, described in schema.get("properties", {}).items()
    )
    return (
        f"<table><tr><th>{_said('field')}</th><th>{_said('type')}</th><th></th></tr>{rows}</table>"
    )


def _kind(described: Json) -> str:
    """Put a field's schema into a few words: its type, format, bounds, or the schema's name."""
    if "$ref" in described:
        return str(described["$ref"]).rpartition("/")[2]
    if "anyOf" in described:
        return " | ".join(_kind(option) for option in described["anyOf"])
    if "items" in described:
        return f"[{_kind(described['items'])}]"
    if "enum" in described:
        return " | ".join(str(value) for value in described["enum"])
    bounds = {"minimum": "≥", "maximum": "≤", "maxLength": "≤ length ", "minLength": "≥ length "}
    words = [str(described.get("type", "any")), str(described.get("format", ""))]
    words += [f"{sign}{described[name]}" for name, sign in bounds.items() if name in described]
    return " ".join(word for word in words if word)


def _said(key: str) -> str:
    return escape(text(f"docs.{key}"))
