"""The description that clients are made from: committed, whole, never against an older page."""

import copy
import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from gridwhistle.assembly import Parts, make_app
from media.store import Store
from server.bus.local import LocalBus
from server.cases.door.knowledge import Knowledge
from server.http.description.openapi import document
from server.http.routes import ROUTES
from server.settings import Settings
from tests.style.compatible import incompatible
from tests.style.source import ROOT

AGREED = ROOT / "docs" / "api.json"
RELEASED = ROOT / "docs" / "api-released.json"

#: Any text was taken at reading, and what was none of the words then refused by the command, or
#: led to an empty list: no page sends another, since none is shown.
NOW_LISTED = {
    f"{where}: takes any text no more"
    for where in (
        *("GET /m/v1/photos/{id}?size", "GET /s/v1/cases?stage"),
        *(f"GET /{front}/v1/tasks?{by}" for front in "ms" for by in ("stage", "platform")),
        *(f"POST /{front}/v1/tasks/{{id}}/route.platform" for front in "ms"),
        *("GET /s/v1/entries?type", "GET /s/v1/lists/versions?type"),
        *(f"POST /s/v1/lists/{{type}}/{each}?type" for each in ("drafts", "versions")),
        "POST /s/v1/lists/{type}/versions.type",
        "POST /s/v1/places/generations.datum",
        *(
            f"POST /s/v1/{proposal}{form}.{field}"
            for proposal in ("adjustments", "admissions")
            for form in ("", "/{id}/amend.to")
            for field in ("list_type", "change.platform", "change.urgency")
        ),
    )
}

#: Closing an account said nothing; it now says how much went on to others. No page asked for it.
NOW_ANSWERED = {
    "POST /s/v1/accounts/{id}/disable: answers 204 no more",
    # They are proposals now, which somebody else confirms; no page asked for either.
    *(f"POST /s/v1/units/{{id}}/{each}: answers 204 no more" for each in ("merge", "rename")),
}


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """What the server says of itself with all its routes, the demo's too."""
    folder = tmp_path_factory.mktemp("described")
    settings = Settings(demo=True)
    store = Store.local(folder / "photos")
    knowledge = Knowledge(settings, folder)
    parts = Parts(settings=settings, knowledge=knowledge, bus=LocalBus(), store=store)
    told = document(make_app(parts)[ROUTES], version="1")
    store.close()
    return told


def _written(told) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _read(path: Path):
    return json.loads(path.read_text("utf-8"))


def _uploads(told):
    """The parts of every form by which a file is sent."""
    for operations in told["paths"].values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                yield content["schema"]


def test_every_field_is_explained_once_and_no_sentence_is_left_over(described):
    schemas = [*described["components"]["schemas"].values(), *_uploads(described)]
    fields = [field for schema in schemas for field in schema.get("properties", {}).items()]
    assert {name for name, field in fields if not field.get("description")} == set()
    table = ROOT / "server" / "http" / "description" / "fields.toml"
    meant = tomllib.loads(table.read_text("utf-8"))
    assert meant.keys() - {name for name, _ in fields} == set()
    assert list(meant) == sorted(meant)
    assert [text for text in meant.values() if not re.fullmatch(r"[A-Z].{8,}\.", text)] == []


def test_the_committed_description_is_what_the_server_says(described):
    """To write it anew: WRITE_API=1 python -m pytest tests/style/test_contract.py"""
    if os.environ.get("WRITE_API"):
        AGREED.write_text(_written(described), "utf-8")
    assert AGREED.read_text("utf-8") == _written(described)


def test_nothing_that_was_released_is_broken():
    """A page on a phone may be days old: see docs/decisions/0019."""
    found = incompatible(_read(RELEASED), _read(AGREED))
    meant = NOW_LISTED | NOW_ANSWERED
    assert [each for each in found if each not in meant] == []
    assert meant - set(found) == set()


def test_every_answer_says_its_media_type_or_that_it_has_no_body(described):
    silent = {
        (method, path, status)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        for status, answer in operation["responses"].items()
        if not answer.get("content") and status not in ("101", "204")
    }
    assert silent == set()


def test_uploads_say_every_part_of_their_form(described):
    boundaries = {"file", "label", "datum", "level", "layer_levels", "code_field", "name_field"}
    parts = {
        path: set(content["schema"]["properties"])
        for path, operations in described["paths"].items()
        for operation in operations.values()
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        if kind == "multipart/form-data"
    }
    assert parts == {
        "/m/v1/photos": {"photo", "sha256", "captured_at"},
        "/s/v1/accounts/sheets": {"file"},
        "/s/v1/accounts/sheets/check": {"file"},
        "/s/v1/lists/{type}/versions": {"file", "label", "type", "columns"},
        "/s/v1/places/generations": boundaries,
        "/s/v1/places/mending": boundaries,
        "/s/v1/places/mending.geojson": boundaries,
    }


def test_names_of_schemas_and_operations_are_plain_and_belong_to_one_each(described):
    assert [n for n in described["components"]["schemas"] if not n.isalnum()] == []
    ids = [o["operationId"] for told in described["paths"].values() for o in told.values()]
    assert len(set(ids)) == len(ids)
    assert [each for each in ids if not re.fullmatch(r"(get|post)[A-Z][A-Za-z]*", each)] == []


def _small():
    card = {
        "type": "object",
        "required": ["no", "stage", "due_at"],
        "properties": {
            "no": {"type": "string"},
            "old": {"type": "string", "deprecated": True},
            "stage": {"type": "string", "enum": ["filed", "closed"]},
            "due_at": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "count": {"type": "integer"},
            "next": {"$ref": "#/components/schemas/Card"},
        },
    }
    form = {
        "type": "object",
        "required": ["text"],
        "properties": {
            "text": {"type": "string", "maxLength": 20},
            "note": {"type": "string"},
            "kind": {"type": "string", "enum": ["a", "b"]},
            "n": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        },
    }
    said = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Card"}}}}
    taken = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Form"}}}}
    query = {"name": "q", "in": "query", "required": False, "schema": {"type": "string"}}
    number = {"name": "unit", "in": "query", "required": False, "schema": {"type": "integer"}}
    post = {"parameters": [query, number], "requestBody": taken, "responses": {"200": said}}
    return {
        "paths": {"/notes": {"post": post}, "/away": {"get": {"responses": {}}}},
        "components": {"schemas": {"Card": card, "Form": form}},
    }


def _planted(change):
    told = copy.deepcopy(_small())
    schemas = told["components"]["schemas"]
    change(told["paths"], schemas["Card"], schemas["Form"])
    return incompatible(_small(), told)


@pytest.mark.parametrize(
    ("said", "change"),
    [
        ("GET /away: is gone", lambda paths, card, form: paths.pop("/away")),
        ("?q: is no longer taken", lambda p, c, f: p["/notes"]["post"]["parameters"].pop(0)),
        (
            "?q: is demanded now",
            lambda p, c, f: p["/notes"]["post"]["parameters"][0].update(required=True),
        ),
        (
            "answers 200 no more",
            lambda p, c, f: p["/notes"]["post"].update(responses={"204": {}}),
        ),
        (".note: is gone", lambda p, c, form: form["properties"].pop("note")),
        (".note: is demanded now", lambda p, c, form: form["required"].append("note")),
        (".more: is demanded now", lambda p, c, form: form["required"].append("more")),
        ("maxLength is 9 now", lambda p, c, form: form["properties"]["text"].update(maxLength=9)),
        (
            "minLength is 1 now",
            lambda p, c, form: form["properties"]["note"].update(minLength=1),
        ),
        (
            "must look otherwise",
            lambda p, c, form: form["properties"]["note"].update(pattern="^x"),
        ),
        ("takes ['b'] no more", lambda p, c, form: form["properties"]["kind"]["enum"].pop()),
        (".n: was null, is integer", lambda p, c, form: form["properties"]["n"]["anyOf"].pop()),
        (".no: is gone", lambda p, card, f: card["properties"].pop("no")),
        (".no: may be missing now", lambda p, card, f: card["required"].remove("no")),
        (".count: was integer, is string", lambda p, card, f: _set(card, "count", "string")),
        (".count: was integer, is number", lambda p, card, f: _set(card, "count", "number")),
        (
            ".no: was string, is null",
            lambda p, card, f: card["properties"].update(
                no={"anyOf": [{"type": "string"}, {"type": "null"}]}
            ),
        ),
        (".stage: may be any text", lambda p, card, f: card["properties"]["stage"].pop("enum")),
    ],
)
def test_a_change_that_an_older_client_could_not_live_with_is_named(said, change):
    found = _planted(change)
    assert len(found) == 1
    assert said in found[0]


def _parameter(paths, name):
    return next(p["schema"] for p in paths["/notes"]["post"]["parameters"] if p["name"] == name)


def _set(card, field, kind):
    card["properties"][field]["type"] = kind


@pytest.mark.parametrize(
    "change",
    [
        lambda paths, card, form: paths.update({"/more": {"get": {"responses": {}}}}),
        lambda paths, card, form: form["properties"].update(extra={"type": "string"}),
        lambda paths, card, form: form["required"].clear(),
        lambda paths, card, form: form["properties"]["text"].update(maxLength=30),
        lambda paths, card, form: form["properties"]["kind"]["enum"].append("c"),
        lambda paths, card, form: card["properties"].update(extra={"type": "string"}),
        lambda paths, card, form: card["properties"]["stage"]["enum"].append("archived"),
        lambda paths, card, form: card["properties"]["due_at"]["anyOf"].pop(),
        lambda paths, card, form: card["properties"].pop("old"),
        lambda paths, card, form: _parameter(paths, "unit").update(type="string", maxLength=80),
    ],
)
def test_what_an_older_client_does_not_notice_is_allowed(change):
    assert _planted(change) == []
