"""Holding answers to the description that the server gives of itself."""

import re
from functools import cache
from typing import Any

from server.http.description.openapi import document
from server.http.routes import Route

_TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
}


@cache
def described(routes: tuple[Route, ...]) -> "Described":
    """What is said of some routes; made once for all tests that have the same."""
    return Described(document(routes, version="0"))


class Described:
    """A description, to check answers by."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._schemas = told["components"]["schemas"]
        # Those without parameters first, as the router takes them.
        paths = sorted(told["paths"].items(), key=lambda item: "{" in item[0])
        self._paths = [(_pattern(path), operations) for path, operations in paths]

    def check(self, method: str, path: str, status: int, body: Any) -> None:
        """Refuse a JSON answer that is other than described; a success has its own schema."""
        path = path.partition("?")[0]
        for pattern, operations in self._paths:
            if pattern.fullmatch(path) and method.lower() in operations:
                answers = operations[method.lower()]["responses"]
                break
        else:
            assert status in (404, 405), (method, path, status)
            return
        # A second time may answer 200 where the first answers 201.
        done = next(told for code, told in answers.items() if code[0] in "12")
        told = done if status < 400 else answers[f"{status // 100}XX"]
        for kind, content in told.get("content", {}).items():
            if "json" in kind:
                assert list(self.faults(content["schema"], body)) == [], (method, path)

    def faults(self, schema: dict[str, Any], value: Any, at: str = "") -> list[str]:
        """Return where a value is other than its schema says: pointers and reasons."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self.faults(self._schemas[name], value, at)
        if "anyOf" in schema:
            tried = [self.faults(option, value, at) for option in schema["anyOf"]]
            return [] if [] in tried else min(tried, key=len)
        if "enum" in schema and value not in schema["enum"]:
            return [f"{at}: {value!r} is none of its values"]
        if "const" in schema and value != schema["const"]:
            return [f"{at}: {value!r} is not {schema['const']!r}"]
        if "type" in schema and not _is(value, schema["type"]):
            return [f"{at}: {value!r} is no {schema['type']}"]
        if isinstance(value, list) and "items" in schema:
            found = enumerate(value)
            return [
                x for n, each in found for x in self.faults(schema["items"], each, f"{at}/{n}")
            ]
        if isinstance(value, dict) and schema.get("type") == "object":
            return self._faults_of_object(schema, value, at)
        return []

    def _faults_of_object(self, schema: dict[str, Any], value: Any, at: str) -> list[str]:
        known, more = schema.get("properties", {}), schema.get("additionalProperties", False)
        found = [
            f"{at}/{name}: missing" for name in schema.get("required", []) if name not in value
        ]
        for name, each in value.items():
            if name in known or isinstance(more, dict):
                found += self.faults(known.get(name, more), each, f"{at}/{name}")
            elif not more:
                found.append(f"{at}/{name}: not described")
        return found


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{\w+\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


def _is(value: Any, kind: str) -> bool:
    if kind in ("integer", "number"):
        whole = isinstance(value, int) and not isinstance(value, bool)
        return whole or (kind == "number" and isinstance(value, float))
    return isinstance(value, _TYPES[kind])
