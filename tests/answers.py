"""What the committed description says of an answer, held against every answer that tests get."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import fastjsonschema

from tests.parts import ROOT


def as_described(method: str, path: str, status: int, kind: str, body: Any) -> None:
    """Refuse an answer of ours that docs/api.json does not describe, or describes otherwise."""
    known = _operation(method, path.partition("?")[0])
    if known is None:
        return  # nothing of ours answers there
    _checked(*known, str(status), kind)(body)


@cache
def _description() -> dict[str, Any]:
    return json.loads((ROOT / "docs" / "api.json").read_text("utf-8"))


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    """Every path as a pattern, those without a gap first."""
    told = sorted(_description()["paths"], key=lambda each: each.count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", each)), each) for each in told]


@cache
def _operation(method: str, path: str) -> tuple[str, str] | None:
    for pattern, told in _paths():
        if pattern.fullmatch(path) and method.lower() in _description()["paths"][told]:
            return told, method.lower()
    return None


@cache
def _checked(path: str, method: str, status: str, kind: str) -> Callable[[Any], Any]:
    told = _description()["paths"][path][method]["responses"]
    answer = told.get(status) or told.get(f"{status[0]}XX")
    assert answer is not None, f"{method} {path}: {status} is not described"
    content = answer.get("content", {}).get(kind)
    assert content is not None, f"{method} {path} {status}: {kind} is not described"
    if content["schema"].get("format") == "binary":
        return lambda body: body  # a file, whatever it holds
    return _compiled(json.dumps(content["schema"], sort_keys=True))


@cache
def _compiled(schema: str) -> Callable[[Any], Any]:
    whole = {"components": _description()["components"]} | json.loads(schema)
    return fastjsonschema.compile(whole, use_default=False)
