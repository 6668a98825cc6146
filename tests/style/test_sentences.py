"""What people read of a refusal: no gaps where a fact should stand, no fault without words."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from string import Formatter

from pydantic import BaseModel, ValidationError

from geo.files.strictjson import oddity
from gridwhistle.assembly import Parts, make_app
from media.store import Store
from server import errors
from server.bus.local import LocalBus
from server.cases.door.knowledge import Knowledge
from server.errors import Problem
from server.http.problems import answer_problem
from server.http.routes import ROUTES
from server.settings import Settings
from server.texts.catalogue import has
from tests.parts import ROOT
from tests.style.source import modules

#: What facts that are codes may be; every other fact reads as it is.
CODES = {
    "stage": ("filed", "handled"),
    "verb": ("accept", "follow"),
    "possible": ((), ("dispatch", "decline")),
    "state": ("draft", "published"),
    "missing": ("matter", "limit", "photo_after", "position", "check", "check_passed"),
}
TASK_CODES = CODES | {"stage": ("pending", "done"), "verb": ("accept", "progress")}
#: Raised through a name that holds the class, with the facts of the library below.
INDIRECT = (
    errors.PhotoTooLarge(reason="photo.too_large", n_bytes=9, limit=8),
    errors.PhotoTooLarge(reason="photo.too_many_pixels", width=9, height=9, limit=8),
    errors.PhotoRefused(reason="photo.not_an_image", types="JPEG"),
)
GAP = re.compile(r"“”|（）|《》|[，。；：、]{2}|[“（][，。：]|None|[{}]|: *）")
CLAUSE = re.compile(r"\[[^\[\]]*\]")
#: What a client may send in place of anything.
VALUES = (
    *(None, True, 5, 1.5, 1e300, 10**30, -1, "", "x", "1", "2025-01-01", "x" * 5000),
    *("1740800000", "2025-02-30T00:00:00Z", "2025-03-01T00:00:00", "0001-01-01T00:00:00Z"),
    *([], ["x"] * 500, {}, {"a": 1}),
)


@cache
def raised() -> tuple[tuple[type[Problem], frozenset[str], str], ...]:
    """Every place that makes a refusal: its class, the facts it gives, and where it is."""
    kinds = {
        name: each
        for name, each in vars(errors).items()
        if isinstance(each, type) and issubclass(each, Problem)
    }
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).removeprefix("errors.")
                facts = frozenset(keyword.arg or "" for keyword in node.keywords)
            elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name):
                name, facts = node.exc.id, frozenset()
            else:
                continue
            if name in kinds:
                found.append((kinds[name], facts, module.path))
    return tuple(found)


def titles(kind: type[Problem], facts: frozenset[str]) -> Iterator[str]:
    """The sentences of a refusal with the facts that a place gives, whatever codes these are."""
    codes = TASK_CODES if kind.code.startswith("task.") else CODES
    n = max([len(codes[fact]) for fact in facts if fact in codes], default=1)
    for at in range(n):
        given = {
            fact: codes[fact][at % len(codes[fact])] if fact in codes else "某某" for fact in facts
        }
        yield title(kind(**given))


def title(problem: Problem) -> str:
    body = answer_problem(problem).body
    assert isinstance(body, bytes)
    return json.loads(body)["title"]


def test_no_refusal_has_a_gap_where_a_fact_should_stand():
    assert len(raised()) > 60
    for kind, facts, path in raised():
        for said in titles(kind, facts - {"errors"}):
            assert not GAP.search(said), (path, said)
            assert said[-1] in "。！？", (path, said)
    for problem in INDIRECT:
        assert not GAP.search(title(problem)), problem


def test_every_place_that_refuses_gives_the_facts_that_its_sentence_needs():
    source = (ROOT / "server/texts/zh_CN.toml").read_text(encoding="utf-8")
    sentences = tomllib.loads(source)["problem"]
    for kind, facts, path in raised():
        needed = CLAUSE.sub("", sentences[kind.code])
        named = {name for _, name, _, _ in Formatter().parse(needed) if name}
        assert named <= facts | {f"{fact}_text" for fact in facts}, (path, kind)


def test_a_gap_is_noticed():
    assert GAP.search(title(errors.WrongTaskStage(verb="accept")))
    assert GAP.search(title(errors.WrongStage(stage="no_such_stage", verb="accept")))


def test_every_reason_that_code_gives_has_a_sentence():
    given = set()
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Dict):
                fields = {
                    key.value: value
                    for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant)
                }
                reason = fields.get("reason")
                if "pointer" in fields and isinstance(reason, ast.Constant):
                    given.add(reason.value)
            elif isinstance(node, ast.Call) and node.args:
                name, last = ast.unparse(node.func), node.args[-1]
                coded = node.args[0] if name == "PydanticCustomError" else last
                in_http = name == "_bad" and module.path.startswith("server/http/")
                if (in_http or name == "PydanticCustomError") and isinstance(coded, ast.Constant):
                    given.add(coded.value)
    assert {"mismatch", "box", "cursor", "moment_out_of_range"} <= given
    given |= {oddity(each) for each in ("\x00", "\ud800", "\x01")}
    assert [reason for reason in sorted(given) if not has(f"reason.{reason}")] == []


def test_every_fault_that_a_form_can_find_has_a_sentence():
    found = set()
    for route in _routes():
        for form in (route.body, route.query):
            if form is not None:
                found |= _faults(form, from_json=form is route.body)
    assert {"missing", "list_type", "enum", "too_long", "model_type", "bool_parsing"} <= found
    assert [reason for reason in sorted(found) if not has(f"reason.{reason}")] == []


def _faults(form: type[BaseModel], *, from_json: bool) -> set[str]:
    names = [field.alias or name for name, field in form.model_fields.items()]
    within = dict.fromkeys(("lon", "lat", "datum", "accuracy", "unit", "role", "place", "duties"))
    found = set()
    for value in VALUES:
        inner = dict.fromkeys(within, value)
        ways = (value, [value], inner, [inner])
        for body in (value, *({name: way} for name in names for way in ways)):
            try:
                if from_json:
                    form.model_validate_json(json.dumps(body))
                elif isinstance(body, dict):
                    form.model_validate({name: str(each) for name, each in body.items()})
            except ValidationError as error:
                found |= {fault["type"] for fault in error.errors(include_url=False)}
    return found


def _routes():
    settings = Settings.read().model_copy(update={"demo": True})
    store = Store.from_url("memory://")
    parts = Parts(settings=settings, knowledge=Knowledge(settings), bus=LocalBus(), store=store)
    return make_app(parts)[ROUTES]
