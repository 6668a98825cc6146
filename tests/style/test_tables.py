"""The tables of the house are complete: what one of them names, the others know."""

import ast
from enum import StrEnum
from functools import cache
from itertools import product
from types import ModuleType
from typing import Any

import pytest

from gridwhistle import worker
from gridwhistle.assembly import Parts, make_app
from media.derive import Decoder
from media.store import Store
from server import errors, events
from server.bus.local import LocalBus
from server.cases.calls.calling import REASONS
from server.cases.clocks.timing import TIMERS
from server.cases.door.knowledge import Knowledge
from server.cases.intake.screening import DECLINE_CODES
from server.cases.rules import filing
from server.cases.rules.deadlines import OWNERS, URGENT, Timer
from server.cases.rules.flow import (
    FINAL,
    FLOW,
    TASK_FLOW,
    TASK_VERBS,
    Audience,
    Part,
    Stage,
    TaskStage,
    Verb,
)
from server.cases.rules.shown import SHOWN
from server.cases.work import requests as requests_table
from server.errors import Problem
from server.events import AUDIENCE, Event
from server.http.routes import ROUTES
from server.permissions import GRANTS, Permission, Role
from server.settings import Policy, Settings
from server.texts.catalogue import has
from tests.style.source import modules

#: What the clock does and nobody may.
SYSTEM_ONLY = {"archive", "escalate", "lapse"}
#: What `server.places` says of a position that is not certain, and intake of one that is missing.
DOUBTS = ("no_position", "outside_county", "no_grid", "border", "datum_unknown")


def forgotten(verb: str) -> list[str]:
    """Which of the places that a verb touches do not know it yet."""
    moves = [move for move in FLOW if move.verb == verb]
    own_task = verb in TASK_VERBS and verb != Verb.RESOLVE
    permission = f"{'task' if own_task else 'case'}.{verb}"
    granted = {each.value for grants in GRANTS.values() for each in grants}
    by_people = verb not in SYSTEM_ONLY
    wordings = {
        wording
        for move in moves
        for told, wording in ((Audience.FOLLOWERS, "follower"), (Audience.UNITS, "unit"))
        if told in move.told
    }
    places = {
        "a row in server/cases/rules/flow.py (FLOW)": bool(moves),
        "a row in server/cases/rules/flow.py (TASK_FLOW)": verb not in TASK_VERBS
        or any(move.verb == verb for move in TASK_FLOW),
        f"{permission} in server/permissions.py (Permission)": not by_people
        or permission in {each.value for each in Permission},
        f"{permission} granted to a role in server/permissions.py (GRANTS)": not by_people
        or permission in granted,
        f"[verb] {verb} in server/texts/zh_CN.toml": has(f"verb.{verb}"),
        f"[message] {verb}.* in server/texts/zh_CN.toml": all(
            has(f"message.{verb}.{wording}") for wording in wordings
        )
        and (bool(moves) or has(f"message.{verb}.follower")),
        "who reads of it in server/cases/rules/shown.py (SHOWN)": verb in SHOWN,
        "the command's own act (Verb.… in a command below server/)": verb in _verbs_done(),
    }
    return [place for place, known in places.items() if not known]


@cache
def _verbs_done() -> set[str]:
    """Verbs that some command does: those given to an act, or to what makes one."""
    named = {member.name: member.value for member in Verb}
    refusals = {each.__name__ for each in _declared(errors, Problem)}
    return {
        named[given.attr]
        for module in modules()
        if module.path.startswith("server/") and module.path != "server/cases/rules/flow.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) not in refusals
        for given in (*node.args, *(keyword.value for keyword in node.keywords))
        if isinstance(given, ast.Attribute) and ast.unparse(given.value) == "Verb"
        if given.attr in named
    }


@pytest.mark.parametrize("verb", [verb.value for verb in Verb])
def test_every_verb_is_known_everywhere(verb):
    assert forgotten(verb) == []


def test_a_new_verb_hears_which_of_its_places_was_forgotten():
    places = "\n".join(forgotten("polish"))
    for place in ("FLOW", "(SHOWN)", "(Permission)", "(GRANTS)", "[verb]", "[message]", "command"):
        assert place in places


def test_a_task_verb_without_a_row_of_its_own_is_told(monkeypatch):
    monkeypatch.setattr("tests.style.test_tables.TASK_FLOW", TASK_FLOW[1:])
    assert forgotten("accept") == ["a row in server/cases/rules/flow.py (TASK_FLOW)"]


def test_no_row_of_the_flow_stands_twice_or_contradicts_another():
    seen = [(stage, move.verb, move.part, move.way) for move in FLOW for stage in move.sources]
    assert len(seen) == len(set(seen))
    tasks = [(stage, move.verb, move.way) for move in TASK_FLOW for stage in move.sources]
    assert len(tasks) == len(set(tasks))


def test_nothing_leaves_a_final_stage_but_what_the_domain_names():
    from_final = {move.verb.value for move in FLOW for stage in move.sources if stage in FINAL}
    assert from_final == {
        *("appraise", "archive", "redo"),  # after closing
        *("ask", "refuse", "exempt", "reply"),  # what was asked before is still answered
        *("object", "unmerge"),
        "recuse",  # of whom it complained: that unit ceases to read it
        "lapse",  # what was asked before, and nobody can grant any more
    }


def test_what_several_verbs_have_in_common_stands_in_the_rules_of_cases():
    """A set elsewhere decides by omission: whoever adds a verb does not meet it."""
    found = [
        f"{module.path}:{node.lineno}: {ast.unparse(node)}"
        for module in modules()
        if not module.path.startswith("server/cases/rules/")
        for node in _outside_types(module.tree)
        if _names_verbs(node)
    ]
    assert found == []


def _outside_types(tree: ast.Module) -> list[ast.AST]:
    """All nodes but what stands in a `Literal`: that says what a body may hold."""
    literal = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
        if isinstance(node.value, ast.Name) and node.value.id == "Literal"
        for inner in ast.walk(node)
    }
    return [node for node in ast.walk(tree) if id(node) not in literal]


_VERBS = frozenset(verb.value for verb in Verb)


def _names_verbs(node: ast.AST) -> bool:
    """Whether several verbs are put together: in a collection, or as arguments of one call."""
    match node:
        case ast.Tuple(elts=held) | ast.List(elts=held) | ast.Set(elts=held):
            words = [each.value for each in held if isinstance(each, ast.Constant)]
            as_words = len(words) == len(held) > 1 and _VERBS.issuperset(words)
            return as_words or sum(map(_is_a_verb, held)) > 1
        case ast.Call(args=held):
            return sum(map(_is_a_verb, held)) > 1
    return False


def _is_a_verb(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Attribute() as inner, attr="value"):
            return _is_a_verb(inner)
        case ast.Attribute(value=ast.Name(id="Verb"), attr=name):
            return name.isupper()
    return False


@pytest.mark.parametrize(
    "line",
    [
        "QUIET = frozenset({Verb.ROUTE, Verb.PROGRESS})",
        "loud = [Verb.URGE.value, Verb.INSTRUCT.value]",
        "if verb in (Verb.CONFIRM, Verb.CONTEST): pass",
        'asked = ("suspend", "extend")',
        "found = steps(past, Verb.DONE, Verb.WAIVE)",
    ],
)
def test_a_set_of_verbs_is_seen_however_it_is_written(line):
    assert any(map(_names_verbs, ast.walk(ast.parse(line))))


def test_the_clock_knows_what_every_timer_does_and_nothing_else():
    assert set(TIMERS) == set(Timer)
    assert list(TIMERS) == sorted(TIMERS, key=list(Timer).index)


def test_every_kind_of_request_is_a_verb_that_grants_it_and_has_words():
    for what in requests_table.KINDS:
        assert any(move.verb == what for move in FLOW)
        assert has(f"request.{what}")


def test_every_stage_that_can_be_reached_and_is_not_final_has_an_owner():
    reached = {move.target for move in FLOW if move.target}
    assert reached - FINAL <= set(OWNERS)
    assert OWNERS.keys() - FINAL <= reached


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("stage", [stage.value for stage in Stage]),
        ("task_stage", [stage.value for stage in TaskStage]),
        ("verb", [verb.value for verb in Verb]),
        ("role", [role.value for role in Role]),
        ("decline", list(DECLINE_CODES)),
        ("waits", list(DOUBTS)),
    ],
)
def test_every_code_that_people_see_has_words(table, codes):
    assert [code for code in codes if not has(f"{table}.{code}")] == []


def test_every_refusal_has_a_sentence_and_a_code_of_its_own():
    found = _declared(errors, Problem)
    assert len(found) > 30
    assert [each.__name__ for each in found if not has(f"problem.{each.code}")] == []
    codes = [each.code for each in found if each.code != "not_found"]
    assert len(codes) == len(set(codes))
    assert all(400 <= each.status < 600 for each in found)


def test_every_reason_for_waiting_has_a_sentence():
    flags = (True, False)
    policies = [_policy(auto) for auto in flags]
    seen = set()
    for matter, off, sure, photo, broken, lead, about, doubts, trusted, urgency, policy in product(
        *[flags] * 7, ((), ("border",)), flags, (URGENT, "work_day"), policies
    ):
        known = filing.Known(
            matter=matter,
            off_list=off,
            urgency=urgency,
            kind="enforcement",
            place_certain=sure,
            doubts=doubts,
            has_photo=photo,
            photo_broken=broken,
            lead=lead,
            complaint=about,
            trusted=trusted,
        )
        decided = filing.decide(known, policy)
        seen.update(decided.waits_for)
        assert decided.dispatch or decided.waits_for, known
        assert decided.file or not decided.dispatch
    assert {"policy", "off_list", "screened", "no_lead", "border"} <= seen
    assert [code for code in seen if not has(f"waits.{code}")] == []


def _policy(auto: bool) -> Policy:
    return Settings.read().model_copy(update={"auto_file": auto})


def test_every_sentence_that_code_asks_for_by_name_exists():
    asked = [
        (module.path, node.args[0].value)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "text" and node.args
        if isinstance(node.args[0], ast.Constant)
    ]
    assert len(asked) > 30
    assert [(path, key) for path, key in asked if not has(key)] == []


def test_every_event_has_an_audience_and_every_receiver_takes_something():
    assert set(AUDIENCE) == set(_declared(events, Event))
    kinds = [event.kind for event in AUDIENCE]
    assert len(kinds) == len(set(kinds))
    store = Store.from_url("memory://")
    receivers = worker.receivers(LocalBus(), store, Decoder(), Settings.read())
    assert {name for names in AUDIENCE.values() for name in names} == set(receivers)


def test_every_role_and_every_permission_is_in_the_grants():
    assert set(GRANTS) == set(Role)
    assert {each for grants in GRANTS.values() for each in grants} == set(Permission)


def test_every_permission_is_asked_for_somewhere():
    by_routes = {route.permission for route in _app()[ROUTES]}
    by_verbs = {f"{noun}.{verb}" for verb in Verb for noun in ("case", "task")}
    by_name = {
        node.attr
        for module in modules()
        if module.path != "server/permissions.py"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Permission"
    }
    unused = [
        each.value
        for each in Permission
        if each not in by_routes and each.value not in by_verbs and each.name not in by_name
    ]
    assert unused == []


def test_a_route_for_people_names_a_permission_or_is_open_to_whoever_is_signed_in():
    """Staff act by grants alone: not one of their routes is open to everybody signed in."""
    open_to_all = [
        route.path
        for route in _app()[ROUTES]
        if route.path.startswith("/s/") and route.permission is None
    ]
    assert open_to_all == []


def test_parts_and_reasons_of_calls_are_words_of_the_domain():
    assert {part.value for part in Part} == {"lead", "cooperating"}
    assert set(REASONS) == {"cannot_solve_alone", "joint_enforcement", "emergency"}


def test_stems_are_the_same_everywhere():
    """`accept` is Verb.ACCEPT and task.accept; a member's name is its value in capitals."""
    enums: tuple[type[StrEnum], ...] = (Verb, Stage, TaskStage, Role)
    assert all(member.name.lower() == member.value for enum in enums for member in enum)
    assert all(each.name.lower() == each.value.replace(".", "_") for each in Permission)


def _declared(module: ModuleType, root: type) -> list[Any]:
    """The classes below `root` that a module declares."""
    found = (each for each in vars(module).values() if isinstance(each, type))
    return [each for each in found if issubclass(each, root) and each is not root]


@cache
def _app():
    settings = Settings.read().model_copy(update={"demo": True})
    store = Store.from_url("memory://")
    knowledge = Knowledge(settings)
    return make_app(Parts(settings=settings, knowledge=knowledge, bus=LocalBus(), store=store))
