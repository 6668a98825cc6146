"""Every text of the API is one of a few words and lists them, or is named here as free."""

import json
import re

import pytest

from server.cases.rules.flow import Stage, TaskStage, Verb
from server.permissions import Permission, Role
from server.texts.catalogue import outlines
from tests.style.source import ROOT

#: Names under which any text may stand, by what it is. A new one is put where it belongs, or its
#: words are listed where it is declared (server/texts/closed.py, a Literal or an enumeration).
FREE = {
    "words of people": """
        address addresses answer comment contact duties legal_basis minutes missing note notice
        place question reason reply result ruling summary text title where_to_go word words written
        closing_condition description expected flow funds ground last_error lead_duties
        staff township_duties said short_title instead lacking hide add order document cited
        condition same_words suspended_why
    """,
    "sentences and words of ours for people": """
        due_why form_text ground_text heading kind_text limit_text notes reasons shift_text
        stage_text state_text until verb_text what_text why duty list_name matter_why
    """,
    "names of places, units, people, matters and files": """
        about about_unit answerable by by_list candidates contact_name cooperating county grid
        held in_force label lead list loaded_by matter matter_name name named_lead now old_name
        awaited proper_unit short_names source_name step township unit units version village was
        attribution lead_before lead_after settled_by township_before township_after
        assignee_name username ignored_sheets sheet unknown_columns process stands_in_for
        substitute_name
    """,
    "codes and words of the county's own, kept in its tables": """
        domain held_code lead_id matter_code new_code now_code old_parent parent place_code
        tag tags township_code unit_code value grids extras grid_code_before grid_code_after
        grid_code
    """,
    "numbers, marks and secrets": """
        account assignee person after against bbox call far generation id instruction into merged
        merged_into
        key next no nos on on_behalf_of password photos pointer proposals refresh request return_id
        sha256 stream suggestion ticket token csrf path version_id contact_phone lead_phone phone
        captured_at closed_on received_on approval file task verification check documents photo
        entry_id substitute going staying undoes mark
    """,
    "what is looked for": "q law query",
    "what a file's own columns and questions are called": """
        answers columns defaults code_field layer_levels name_field samples taken
    """,
}
#: Names that hold words everywhere else, with why not here.
FREE_HERE = {
    ("GET /console/{path}", "path"): "an address of the page's own",
    ("HandedOnAnswer", "empty"): "which unit and shifts nobody is in any more, in words",
    ("HandedOnAnswer", "told"): "a sentence",
    ("OwnPasswordForm", "old"): "a secret",
    ("POST /s/v1/accounts/{id}/sessions/{session}/end", "session"): "one of somebody's sign-ins",
    ("PlanAnswer", "decided_by"): "who confirmed or withdrew it, by name",
    ("UndoingAnswer", "decided_by"): "who confirmed or withdrew it, by name",
    ("UnitChangeAnswer", "decided_by"): "who confirmed it, by name",
    ("QuestionAnswer", "column"): "the heading, as the office wrote it",
    ("RowReport", "code"): "of a matter, as the row says it",
    ("SimilarRow", "same_words"): "what both reports say, in their own words",
    ("LeaveAnswer", "told"): "a sentence",
    ("MatterRenamed", "code"): "of a matter, which had another name before",
    ("EvidenceRow", "role"): "a sentence for people, printed on the page of diligence",
    ("ShownRow", "role"): "a sentence for people, printed on the page of diligence",
}
#: What is listed under these names is what holds them all.
WORDS = {
    "stage": {*Stage, *TaskStage, *outlines("procedure_stage"), ""},
    "case_stage": set(Stage),
    "verb": set(Verb),
    "may": set(Verb),
    "possible": set(outlines("procedure_verb")),
    "act": set(outlines("procedure_verb")),
    "open_to_me": set(outlines("procedure_verb")),
    "permissions": set(Permission),
    "role": set(Role),
}
#: Objects of any shape, with why.
ANY_SHAPE = {
    ("ProblemAnswer", "facts"): "they differ from code to code",
    ("BoundaryWarning", "facts"): "they differ from code to code",
    ("BoundaryWarning", "geometry"): "any geometry of GeoJSON, as the file has it",
}


@pytest.fixture(scope="module")
def told():
    return json.loads((ROOT / "docs" / "api.json").read_text("utf-8"))


def _parts(schema):
    """A schema and all within it."""
    yield schema
    for each in (*schema.get("anyOf", []), *schema.get("prefixItems", [])):
        yield from _parts(each)
    for inner in ("items", "additionalProperties"):
        if isinstance(schema.get(inner), dict):
            yield from _parts(schema[inner])


def _declared(told):
    """Every property, parameter and part of a form: whose it is, its name, its schema."""
    for name, schema in told["components"]["schemas"].items():
        for field, held in schema.get("properties", {}).items():
            yield name, field, held
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            where = f"{method.upper()} {path}"
            for parameter in operation.get("parameters", []):
                yield where, parameter["name"], parameter["schema"]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for field, held in content["schema"].get("properties", {}).items():
                    yield where, field, held


def _any_text(held) -> bool:
    return any(
        part.get("type") == "string" and not part.keys() & {"enum", "const", "format"}
        for part in _parts(held)
    )


def _undecided(told):
    free = {name for names in FREE.values() for name in names.split()}
    declared = [*_declared(told)]
    named = {owner for owner, field, _ in declared if field == "name"}
    return {
        (owner, field)
        for owner, field, held in declared
        if _any_text(held) and field not in free and (owner, field) not in FREE_HERE
        # What has a code and a name is a place, a unit or a matter: the county's own.
        if field != "code" or owner not in named
    }


def test_every_text_lists_its_words_or_is_named_as_free(told):
    assert _undecided(told) == set()


def test_no_name_is_called_free_that_none_has(told):
    named = [name for names in FREE.values() for name in names.split()]
    assert len(named) == len(set(named))
    held = {(owner, field) for owner, field, schema in _declared(told) if _any_text(schema)}
    assert set(named) - {field for _, field in held} == set()
    assert FREE_HERE.keys() - held == set()


@pytest.mark.parametrize(
    "field", ["code", "kind", "stage", "state", "channel", "source", "flags", "verb"]
)
def test_a_field_of_codes_without_its_words_is_seen(field):
    text = {"type": "string"}
    planted = {"Planted": {"properties": {field: {"anyOf": [text, {"type": "null"}]}}}}
    assert _undecided({"paths": {}, "components": {"schemas": planted}}) == {("Planted", field)}


def test_what_is_listed_is_what_the_tables_hold(told):
    schemas, other = told["components"]["schemas"], set()
    for owner, field, held in _declared(told):
        if field not in WORDS or (owner, field) in FREE_HERE:
            continue
        listed = set()
        for part in _parts(held):
            part = schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
            listed |= set(part.get("enum", [part["const"]] if "const" in part else []))
        if not listed or not listed <= WORDS[field]:
            other.add((owner, field))
    assert other == set()


def test_every_object_says_what_is_in_it(told):
    free = {
        (owner, field)
        for owner, field, held in _declared(told)
        for part in _parts(held)
        if "$ref" not in part and "properties" not in part
        if part.get("type") == "object" or not part.keys() - {"title", "description"}
        if not isinstance(part.get("additionalProperties"), dict)
    }
    assert free == ANY_SHAPE.keys()


def test_every_operation_says_in_words_what_it_does(told):
    assert [
        (method, path)
        for path, operations in told["paths"].items()
        for method, operation in operations.items()
        if not re.search(r"\w", operation["summary"])
    ] == []
