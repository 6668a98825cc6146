"""The machine-readable description of every declared handler: OpenAPI 3.1."""

import json
import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib import metadata
from importlib.resources import files
from tomllib import loads
from typing import Any, Final, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from server.http.answers import JSON, reply_stored
from server.http.description.docs import PAGE_POLICY, page
from server.http.forms import Answer
from server.http.routes import Route, Routes
from server.texts.catalogue import outlines

TITLE: Final = "Gridwhistle"
_PARAMETER: Final = re.compile(r"\{(\w+)(?::[^{}]*)?\}")
_FIELDS: Final = files("server.http.description") / "fields.toml"
_GENERIC: Final = re.compile(r"^([A-Z]\w*?)_(\w+)_$")
_FRONTS: Final = {"/m/v1": "/phone", "/s/v1": "/desk"}
_REFERENCE: Final = "#/components/schemas/"

Json = dict[str, Any]
_FILE: Final[Json] = {"type": "string", "format": "binary"}
Named = dict[tuple[Any, JsonSchemaMode], Json]


class Fault(Answer):
    """One fault of a body: where, which, what was expected, and a sentence for people."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    pointer: str
    reason: str
    expected: str = ""
    title: str = ""


class ProblemAnswer(Answer):
    """Any refusal: a stable code, a sentence for people, named facts."""

    type: Literal["about:blank"]
    code: str
    title: str
    status: int
    facts: dict[str, Any]
    errors: list[Fault]


class Description:
    """What describes an application's routes, made when first asked for, after all are there."""

    def __init__(self, described: Sequence[Route]) -> None:
        self._routes = described

    @cached_property
    def for_machines(self) -> bytes:
        """The OpenAPI document."""
        return json.dumps(self._document, ensure_ascii=False).encode()

    @cached_property
    def for_people(self) -> bytes:
        """The readable page."""
        return page(self._document)

    @cached_property
    def _document(self) -> Json:
        return document(self._routes, version=_version())


DESCRIPTION: Final = web.AppKey("description", Description)
routes = Routes("", tag="description")


@routes.get("/openapi.json", files=(JSON,), public=True)
async def machines(request: web.Request) -> web.Response:
    """Answer this description for machines."""
    return reply_stored(request.app[DESCRIPTION].for_machines)


@routes.get("/docs", files=("text/html",), public=True)
async def people(request: web.Request) -> web.Response:
    """Answer this description for people."""
    return web.Response(
        body=request.app[DESCRIPTION].for_people,
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Security-Policy": PAGE_POLICY},
    )


def document(described: Sequence[Route], *, version: str) -> Json:
    """Return the OpenAPI 3.1 document of these routes."""
    wanted: set[tuple[type[BaseModel], JsonSchemaMode]] = {(ProblemAnswer, "serialization")}
    for route in described:
        wanted |= {(model, "validation") for model in (route.body, route.query) if model}
        wanted |= {(route.answer, "serialization")} if route.answer else set()
    ordered = sorted(wanted, key=lambda item: (item[0].__module__, item[0].__qualname__, item[1]))
    named, schemas = models_json_schema(ordered, ref_template=_REFERENCE + "{model}")
    components: Json = schemas.get("$defs", {})
    _explain(components.values())
    paths: dict[str, Json] = {}
    for route in described:
        path = _PARAMETER.sub(r"{\1}", route.path)
        operation = _operation(route, named, components)
        paths.setdefault(path, {})[route.method.lower()] = operation
        parts = operation.get("requestBody", {}).get("content", {}).values()
        _explain(each["schema"] for each in parts)
    components[ProblemAnswer.__name__]["properties"]["code"]["enum"] = sorted(outlines("problem"))
    paths, components = _plainly(paths), {_plain(n): s for n, s in _plainly(components).items()}
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": version},
        "paths": paths,
        "security": [{"bearer": []}],
        "components": {
            "schemas": components,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _explain(schemas: Iterable[Json]) -> None:
    """Add to the schemas what each field means; one that the table lacks goes without."""
    meant = loads(_FIELDS.read_text("utf-8"))
    for schema in schemas:
        for name, field in schema.get("properties", {}).items():
            if name in meant:
                field["description"] = meant[name]


def _plain(name: str) -> str:
    """Name a page of cards `TaskCardPage` rather than `Page_TaskCard_`."""
    return _GENERIC.sub(r"\2\1", name)


def _plainly(described: Json) -> Json:
    """Return a part of the document with plain names in its references."""
    mention = re.compile(f'"{_REFERENCE}(\\w+)"')
    written = json.dumps(described, ensure_ascii=False)
    plain: Json = json.loads(mention.sub(lambda m: f'"{_REFERENCE}{_plain(m[1])}"', written))
    return plain


def _operation(route: Route, named: Named, components: Json) -> Json:
    problem = {"schema": named[(ProblemAnswer, "serialization")]}
    answer: Json = {"description": "done"}
    if route.answer is not None:
        schema = named[(route.answer, "serialization")]
        answer["content"] = {JSON: {"schema": schema}}
    elif route.files:
        answer["content"] = {kind: {"schema": _FILE} for kind in route.files}
    operation: Json = {
        "tags": [route.tag],
        "operationId": _operation_id(route),
        "summary": (route.handler.__doc__ or "").strip().partition("\n")[0],
        "parameters": [*_path_parameters(route), *_query_parameters(route, named, components)],
        "responses": {
            str(route.status): answer,
            **({"200": answer | {"description": "done before"}} if route.repeatable else {}),
            "4XX": {"description": "refused", "content": {"application/problem+json": problem}},
            "5XX": {"description": "failed", "content": {"application/problem+json": problem}},
        },
    }
    if route.public:
        operation["security"] = []
    if route.permission is not None:
        operation["x-permission"] = route.permission.value
    if taken := _taken(route, named):
        operation["requestBody"] = {"required": True, "content": taken}
    return operation


def _operation_id(route: Route) -> str:
    """Return a name for generated clients: `getPhoneTasksById`, `postDeskCasesByNoClose`."""
    path = _PARAMETER.sub(r"by-\1", route.path)
    for prefix, front in _FRONTS.items():
        path = path.replace(prefix, front, 1) if path.startswith(prefix) else path
    words = re.findall(r"[a-z]+", path.lower()) or ["root"]
    return route.method.lower() + "".join(word.capitalize() for word in words)


def _taken(route: Route, named: Named) -> Json:
    if route.body is not None:
        return {JSON: {"schema": named[(route.body, "validation")]}}
    if route.upload:
        schema = {
            "type": "object",
            "required": [route.upload],
            "properties": {route.upload: _FILE}
            | {name: _text(route, name) for name in sorted(route.texts)},
            "additionalProperties": False,
        }
        return {"multipart/form-data": {"schema": schema}}
    return {}


def _text(route: Route, name: str) -> Json:
    words = route.among.get(name)
    return {"type": "string"} | ({"enum": list(words)} if words else {})


def _path_parameters(route: Route) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _text(route, name)}
        for name in _PARAMETER.findall(route.path)
    ]


def _query_parameters(route: Route, named: Named, components: Json) -> list[Json]:
    if route.query is None:
        return []
    name = named[(route.query, "validation")]["$ref"].removeprefix(_REFERENCE)
    schema = components[name]
    return [
        {
            "name": field,
            "in": "query",
            "required": field in schema.get("required", []),
            "schema": described,
        }
        for field, described in schema.get("properties", {}).items()
    ]


def _version() -> str:
    try:
        return metadata.version("gridwhistle")
    except metadata.PackageNotFoundError:
        return "0"
