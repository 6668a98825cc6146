"""The description for people: one page without scripts and without anything from elsewhere."""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from server.texts.catalogue import has, outlines, text

_STYLE: Final = (
    "body{font:15px/1.6 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;"
    "overflow-wrap:anywhere}h3{font-family:monospace;margin:1.5rem 0 0}small{color:#555}"
    "table{border-collapse:collapse;width:100%;table-layout:fixed}code{font-size:.9rem}"
    "td,th{border:1px solid #bbb;padding:.1rem .5rem;text-align:left;vertical-align:top}"
    "td:first-child,th:first-child{width:42%}td:nth-child(3),th:nth-child(3){width:2.2rem}"
    "details{margin:.3rem 0}"
    "summary{font-weight:bold}nav a{margin-right:1rem;display:inline-block}"
)
_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
PAGE_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none';"
    " base-uri 'none'; form-action 'none'"
)

# How deep objects within objects are followed.
_DEPTH: Final = 4

Json = dict[str, Any]


def page(described: Json) -> bytes:
    """Return the page that says what this OpenAPI document of ours says."""
    schemas: Json = described["components"]["schemas"]
    sections = defaultdict[str, list[str]](list)
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            heading = f"<h3>{method.upper()} {escape(path)}</h3>"
            sections[operation["tags"][0]] += [heading, *_section(operation, schemas)]
    links = "".join(f'<a href="#{escape(tag)}">{_tag(tag)}</a> ' for tag in sections)
    lines = [
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{_said('title')}</title><style>{_STYLE}</style>",
        f'<h1>{_said("title")}</h1><p><a href="/openapi.json">{_said("intro")}</a></p>',
        f"<p>{_said('types')}</p><nav>{links}</nav>",
        f"<h2>{_said('refusals')}</h2><p>{_said('refusals_intro')}</p>",
        _sentences("problem", "codes"),
        _sentences("reason", "reasons"),
    ]
    for tag, section in sections.items():
        lines += [f'<h2 id="{escape(tag)}">{_tag(tag)}</h2>', *section]
    return "\n".join(lines).encode()


def _sentences(table: str, heading: str) -> str:
    """Return the codes of a table and what each says to people, folded away."""
    rows = "".join(
        f"<tr><td><code>{escape(code)}</code></td><td>{escape(said)}</td></tr>"
        for code, said in outlines(table).items()
    )
    return f"<details><summary>{_said(heading)}</summary><table>{rows}</table></details>"


def _section(operation: Json, schemas: Json) -> Iterator[str]:
    yield f"<p>{escape(operation['summary'])}<br><small>{_access(operation)}</small></p>"
    if parameters := operation["parameters"]:
        fields = {found["name"]: found["schema"] for found in parameters}
        required = [found["name"] for found in parameters if found["required"]]
        yield _folded("query", {"properties": fields, "required": required}, schemas)
    taken = operation.get("requestBody", {}).get("content", {})
    answered = next(iter(operation["responses"].values())).get("content", {})
    for heading, content in (("body", taken), ("answer", answered)):
        for form in content.values():
            described = _object(form["schema"], schemas)
            if "properties" in described:
                yield _folded(heading, described, schemas)


def _access(operation: Json) -> str:
    if operation.get("security") == []:
        return _said("public")
    if permission := operation.get("x-permission"):
        return escape(text("docs.permission", permission=permission))
    return _said("signed_in")


def _folded(heading: str, schema: Json, schemas: Json) -> str:
    """Return the table of an object's fields, with those of the objects in it."""
    rows = "".join(
        f"<tr><td><code>{escape(field.name)}</code></td><td>{escape(field.kind)}</td>"
        f"<td>{_said('required') if field.required else ''}</td></tr>"
        for field in _fields(schema, schemas)
    )
    head = f"<tr><th>{_said('field')}</th><th>{_said('type')}</th><th></th></tr>"
    said = _said(heading)
    return f"<details open><summary>{said}</summary><table>{head}{rows}</table></details>"


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    kind: str
    required: bool


def _fields(schema: Json, schemas: Json, under: str = "", depth: int = 0) -> Iterator[_Field]:
    """Yield fields by dotted name: `position.lon`, `items[].no`."""
    required: Collection[str] = schema.get("required", [])
    for name, described in schema.get("properties", {}).items():
        yield _Field(under + name, _kind(described, schemas), name in required)
        inner, mark = _least(described), ""
        while "items" in inner:
            inner, mark = _least(inner["items"]), mark + "[]"
        inner = _object(inner, schemas)
        if depth < _DEPTH and "properties" in inner:
            yield from _fields(inner, schemas, f"{under}{name}{mark}.", depth + 1)


def _least(described: Json) -> Json:
    """Return the one schema of those offered that is not null, or what was given."""
    options = [each for each in described.get("anyOf", []) if each.get("type") != "null"]
    return options[0] if len(options) == 1 else described


def _object(schema: Json, schemas: Json) -> Json:
    found: Json = schemas[_name(schema)] if "$ref" in schema else schema
    return found


def _name(schema: Json) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _kind(described: Json, schemas: Json) -> str:
    """Put a field's schema into a few words: its type, its values or its bounds."""
    described = _object(described, schemas)
    if "anyOf" in described:
        return text("docs.or").join(_kind(option, schemas) for option in described["anyOf"])
    if "items" in described:
        return text("docs.list", of=_kind(described["items"], schemas))
    if "enum" in described:
        return " | ".join(str(value) for value in described["enum"])
    if "const" in described:
        return str(described["const"])
    key = f"docs.kind.{described.get('format', described.get('type', 'any'))}"
    kind = text(key) if has(key) else str(described.get("format", described.get("type", "")))
    least, most = _bounds(described)
    return kind + text("docs.bounds", least=least, most=most)


def _bounds(described: Json) -> tuple[object, object]:
    found = [described.get(name) for name in ("minimum", "minLength", "minItems")]
    least = next((each for each in found if each is not None), None)
    found = [described.get(name) for name in ("maximum", "maxLength", "maxItems")]
    return least, next((each for each in found if each is not None), None)


def _tag(tag: str) -> str:
    key = f"docs.tag.{tag}"
    return escape(text(key) if has(key) else tag)


def _said(key: str) -> str:
    return escape(text(f"docs.{key}"))
