"""The machine-readable description of every declared handler: OpenAPI 3.1."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from server.http.answers import JSON, reply_stored
from server.http.docs import PAGE_POLICY, page
from server.http.forms import Answer
from server.http.routes import ROUTES, Route

TITLE: Final = "Gridwhistle"
_PARAMETER: Final = re.compile(r"\{(\w+)(?::[^{}]*)?\}")
_REFERENCE: Final = "#/components/schemas/"

Json = dict[str, Any]
Named = dict[tuple[Any, JsonSchemaMode], Json]


class Fault(Answer):
    """One fault of a body: where, which, and a sentence for people."""

    pointer: str
    reason: str
    title: str = ""


class ProblemAnswer(Answer):
    """Any refusal: a stable code, a sentence for people, named facts."""

    type: str
    code: str
    title: str
    status: int
    facts: dict[str, Any]
    errors: list[Fault]


def add_to(app: web.Application, *, version: str) -> None:
    """Serve `/openapi.json` and `/docs`; what is described are the app's declared handlers."""
    made: list[tuple[bytes, bytes]] = []
    routes = app[ROUTES]

    def both() -> tuple[bytes, bytes]:
        if not made:
            described = document(routes, version=version)
            written = json.dumps(described, ensure_ascii=False).encode()
            made.append((written, page(routes, described)))
        return made[0]

    async def machine(request: web.Request) -> web.Response:
        return reply_stored(both()[0])

    async def people(request: web.Request) -> web.Response:
        return web.Response(
            body=both()[1],
            content_type="text/html",
            charset="utf-8",
            headers={"Content-Security-Policy": PAGE_POLICY},
        )

    app.router.add_get("/openapi.json", machine)
    app.router.add_get("/docs", people)


def document(routes: Sequence[Route], *, version: str) -> Json:
    """Return the OpenAPI 3.1 document of these routes."""
    wanted: set[tuple[type[BaseModel], JsonSchemaMode]] = {(ProblemAnswer, "serialization")}
    for route in routes:
        wanted |= {(model, "validation") for model in (route.body, route.query) if model}
        wanted |= {(route.answer, "serialization")} if route.answer else set()
    ordered = sorted(wanted, key=lambda item: (item[0].__module__, item[0].__qualname__, item[1]))
    named, schemas = models_json_schema(ordered, ref_template=_REFERENCE + "{model}")
    components: Json = schemas.get("$defs", {})
    paths: dict[str, Json] = {}
    for route in routes:
        path = _PARAMETER.sub(r"{\1}", route.path)
        operation = _operation(route, named, components)
        paths.setdefault(path, {})[route.method.lower()] = operation
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


def _operation(route: Route, named: Named, components: Json) -> Json:
    problem = {"schema": named[(ProblemAnswer, "serialization")]}
    answer: Json = {"description": "done"}
    if route.answer is not None:
        schema = named[(route.answer, "serialization")]
        answer["content"] = {JSON: {"schema": schema}}
    operation: Json = {
        "tags": [route.tag],
        "operationId": f"{route.tag}_{route.handler.__name__}",
        "summary": (route.handler.__doc__ or "").strip().partition("\n")[0],
        "parameters": [*_path_parameters(route), *_query_parameters(route, named, components)],
        "responses": {
            str(route.status): answer,
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


def _taken(route: Route, named: Named) -> Json:
    if route.body is not None:
        return {JSON: {"schema": named[(route.body, "validation")]}}
    if route.upload:
        schema = {
            "type": "object",
            "required": [route.upload],
            "properties": {route.upload: {"type": "string", "format": "binary"}},
        }
        return {"multipart/form-data": {"schema": schema}}
    return {}


def _path_parameters(route: Route) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
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
