"""The description for people: one page without scripts and without anything from elsewhere."""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from html import escape
from typing import Any, Final

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


def page(described: Json) -> bytes:
    """Return the page that says what this OpenAPI document of ours says."""
    schemas: Json = described["components"]["schemas"]
    sections = defaultdict[str, list[str]](list)
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            heading = f"<h3>{method.upper()} {escape(path)}</h3>"
            sections[operation["tags"][0]] += [heading, *_section(operation, schemas)]
    lines = [
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>{_said('title')}</title><style>{_STYLE}</style>",
        f'<h1>{_said("title")}</h1><p><a href="/openapi.json">{_said("intro")}</a></p>',
        f"<h2>{_said('refusals')}</h2><p>{_said('refusals_intro')}</p>",
    ]
    for tag, section in sections.items():
        lines += [f"<h2>{escape(tag)}</h2>", *section]
    return "\n".join(lines).encode()


def _section(operation: Json, schemas: Json) -> Iterator[str]:
    yield f"<p>{escape(operation['summary'])}<br><small>{_access(operation)}</small></p>"
    if parameters := operation["parameters"]:
        fields = {found["name"]: found["schema"] for found in parameters}
        required = [found["name"] for found in parameters if found["required"]]
        yield f"<h4>{_said('query')}</h4>{_table(fields, required)}"
    taken = operation.get("requestBody", {}).get("content", {})
    answered = next(iter(operation["responses"].values())).get("content", {})
    for heading, content in (("body", taken), ("answer", answered)):
        for form in content.values():
            schema = form["schema"]
            schema = schemas[_name(schema)] if "$ref" in schema else schema
            table = _table(schema.get("properties", {}), schema.get("required", []))
            yield f"<h4>{_said(heading)}</h4>{table}"


def _access(operation: Json) -> str:
    if operation.get("security") == []:
        return _said("public")
    if permission := operation.get("x-permission"):
        return escape(text("docs.permission", permission=permission))
    return _said("signed_in")


def _table(fields: Json, required: Collection[str]) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(_kind(described))}</td>"
        f"<td>{_said('required') if name in required else ''}</td></tr>"
        for name, described in fields.items()
    )
    head = f"<tr><th>{_said('field')}</th><th>{_said('type')}</th><th></th></tr>"
    return f"<table>{head}{rows}</table>"


def _name(schema: Json) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _kind(described: Json) -> str:
    """Put a field's schema into a few words: its type, format, bounds, or the schema's name."""
    if "$ref" in described:
        return _name(described)
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
