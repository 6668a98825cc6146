"""House rules that linters lack: budgets, where Chinese may stand, what a package may hold."""

import ast
import re
import statistics
import subprocess
import sys
from collections import Counter

import pytest

from server import permissions
from tests.parts import ROOT
from tests.style.source import CHINESE, Module, modules, modules_beside, modules_of_tests, packages

FILE_LINES = 400
#: A catalogue holds one entry a refusal, or a grant, all alike and in one place: it may grow.
CATALOGUE_LINES = {"server/errors.py": 700, "server/permissions.py": 600}
FUNCTION_LINES = 60
FOLDER_MODULES = 15
#: Faces hold one file per noun of theirs, migrations one per step: neither has rooms.
FACES = {"mobile_api", "server/staff_api", "server/migrations", "tests/api"}
#: The facts of an act; a step of the history has its own, written once.
EDITED = re.compile(r"(?<!step)\.facts\b")
#: What tells the time, of the wall or of the processor: a neighbour slows down either.
CLOCK = r"\b(?:perf_counter|monotonic|process_time|thread_time|time\.time|loop\(?\)?\.time)\("
#: Names under which everything and nothing lives.
REFUSED_NAMES = {"utils", "util", "helpers", "helper", "common", "const", "consts", "misc", "base"}
#: Written so that this file does not break its own rule.
LEFT_TO_DO = "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3))


def test_no_file_is_longer_than_four_hundred_lines():
    assert {
        m.path: m.n_lines for m in modules() if m.n_lines > CATALOGUE_LINES.get(m.path, FILE_LINES)
    } == {}


def test_the_median_file_is_short():
    lengths = [m.n_lines for m in modules() if not m.path.endswith("__init__.py")]
    assert statistics.median(lengths) <= 150


def test_no_function_reaches_sixty_lines():
    long = {
        f"{module.path}:{function.name}": n
        for module in modules()
        for function in module.functions()
        if (n := (function.end_lineno or 0) - function.lineno + 1) >= FUNCTION_LINES
    }
    assert long == {}


def test_the_init_of_a_package_holds_one_docstring_and_nothing_else():
    wrong = [module.path for module in packages() if not _is_one_docstring(module.tree)]
    assert wrong == []


def _is_one_docstring(tree: ast.Module) -> bool:
    return len(tree.body) == 1 and bool(ast.get_docstring(tree))


def test_every_folder_with_modules_is_a_package_that_says_what_it_is():
    folders = {path.rpartition("/")[0] for path in (module.path for module in modules())}
    assert folders == {module.path.rpartition("/")[0] for module in packages()}


def test_a_folder_holds_at_most_fifteen_modules():
    """More, and it has rooms, layered among themselves (pyproject.toml, import contracts)."""
    files = [*modules(), *modules_of_tests(), *modules_beside()]
    folders = Counter(
        m.path.rpartition("/")[0] for m in files if not m.path.endswith("__init__.py")
    )
    assert {
        folder: n for folder, n in folders.items() if n > FOLDER_MODULES and folder not in FACES
    } == {}


def test_a_folder_of_the_pages_holds_at_most_fifteen_parts():
    """A page is a face of its own: those have no rooms."""
    parts = [path for path in (ROOT / "web").glob("*/src/**/*") if path.suffix in {".vue", ".ts"}]
    folders = Counter(path.parent.relative_to(ROOT).as_posix() for path in parts)
    assert len(folders) > 5
    assert {
        folder: n
        for folder, n in folders.items()
        if n > FOLDER_MODULES and not folder.endswith("/pages")
    } == {}


def test_an_act_is_edited_nowhere():
    """What is peculiar to it is told to its entry in the journal, whoever holds a copy."""
    found = [
        f"{module.path}:{node.lineno}: {ast.unparse(node)}"
        for module in modules()
        if module.path.startswith(("server/cases/", "server/governance/", "server/appraisal/"))
        for node in ast.walk(module.tree)
        if EDITED.search(_edited(node))
    ]
    assert found == []


def _edited(node: ast.AST) -> str:
    """What a node changes: the target of an assignment, or what a method is called on."""
    match node:
        case ast.Assign(targets=targets):
            return ",".join(ast.unparse(target) for target in targets)
        case ast.AugAssign(target=target):
            return ast.unparse(target)
        case ast.Call(func=ast.Attribute(value=value, attr="update" | "setdefault" | "pop")):
            return ast.unparse(value)
    return ""


#: Where grants become "may I"; and the form by which an administrator gives roles.
ASK_ROLES = frozenset(
    {"server/permissions.py", "server/people/actor.py", "server/cases/door/access.py"}
)
GIVES_ROLES = "server/staff_api/accounts.py"
#: Its rows say who stands in for whom: whom a case turns to, not what anybody may.
STANDS_IN = "server/cases/door/escalation.py"
#: Roles put together by what they are: whoever needs one asks for what it grants.
SETS_OF_ROLES = frozenset(
    name
    for name, held in vars(permissions).items()
    if isinstance(held, tuple | frozenset) and held and set(held) <= set(permissions.Role)
)


def test_who_may_is_asked_of_permissions_and_never_of_a_role():
    """Roles are compared, put together and read from an actor where grants are applied alone."""
    asked = {
        f"{module.path}:{node.lineno}: {ast.unparse(node)}"
        for module in modules()
        if module.path not in {*ASK_ROLES, GIVES_ROLES, STANDS_IN}
        for node in ast.walk(module.tree)
        if _asks_for_a_role(node)
    }
    assert asked == set()


def _asks_for_a_role(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="roles"):
            return True
        case ast.ImportFrom(module="server.permissions", names=names):
            return any(each.name in SETS_OF_ROLES for each in names)
        case ast.Compare():
            return any(map(_is_a_role, ast.walk(node)))
        case ast.Tuple(elts=found) | ast.List(elts=found) | ast.Set(elts=found):
            return any(map(_is_a_role, found))
    return False


def _is_a_role(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Role"


@pytest.mark.parametrize(
    "line",
    [
        "if Role.ADMIN in by.roles: pass",
        "barred = await members([lead], (Role.GRID_WORKER,))",
        "from server.permissions import FOR_GRIDS, Permission",
        "from server.permissions import COUNTY_WIDE",
        "if step.by_role in {Role.RESIDENT, REPORTER}: pass",
        "turn = ours if row.role == Role.ACCEPTOR else theirs",
    ],
)
def test_a_role_that_is_asked_for_is_seen(line):
    assert any(map(_asks_for_a_role, ast.walk(ast.parse(line))))


def test_no_module_has_a_name_that_says_nothing():
    parts = {module.path: set(re.split(r"[/.]", module.path)) for module in modules()}
    assert [path for path, found in parts.items() if found & REFUSED_NAMES] == []


def test_nothing_private_of_another_package_is_imported():
    """A leading underscore says that it may go with the next release."""
    found = {
        f"{module.path}:{node.lineno}: {node.module}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module
        if re.search(r"(^|\.)_(?!_)", node.module)
        or any(re.match("_(?!_)", each.name) for each in node.names)
    }
    assert found == set()


def test_chinese_words_stand_in_texts_and_data_never_in_code():
    """Docstrings and table descriptions are for people of the county and may name its terms."""
    found = [
        f"{module.path}:{node.lineno}: {node.value}"
        for module in modules()
        for node in _words(module)
        if CHINESE.search(node.value)
    ]
    assert found == []


def _words(module: Module) -> list[ast.Constant]:
    free = {id(node) for node in _docstrings_and_descriptions(module.tree)}
    return [
        node
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in free
    ]


def _docstrings_and_descriptions(tree: ast.Module) -> list[ast.expr]:
    free: list[ast.expr] = []
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str()) as docstring):
                free.append(docstring)
            case ast.Assign(targets=[ast.Name(id="table_description")], value=described):
                free.append(described)
    return free


def test_no_name_in_code_is_chinese():
    names = {
        f"{module.path}: {name}"
        for module in modules()
        for node in ast.walk(module.tree)
        for name in (getattr(node, "id", None), getattr(node, "name", None))
        if isinstance(name, str) and CHINESE.search(name)
    }
    assert names == set()


def test_what_is_left_to_do_carries_the_number_of_its_issue():
    unnumbered = re.compile(rf"\b(?:{LEFT_TO_DO})\b(?!\(#\d+\))")
    files = [*modules(), *modules_of_tests()]
    assert [m.path for m in files if unnumbered.search(m.text)] == []


def test_what_tests_share_stands_in_no_file_of_tests():
    """Else such a file cannot be split or renamed: acts stand in tests/domain/acts, by room."""
    found = [
        f"{module.path}: {node.module}"
        for module in modules_of_tests()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module
        if re.match(r"tests\.(\w+\.)*test_\w+$", node.module)
    ]
    assert found == []


def test_no_test_of_the_default_run_asks_how_long_something_took():
    """Neighbours of a machine slow it down: count work, or mark the test slow."""
    found = [
        f"{module.path}:{check.lineno}"
        for module in modules_of_tests()
        if not module.path.startswith("tests/faults/")  # whose deadlines end what hangs
        and re.search(CLOCK, module.text)
        for function in module.functions()
        if "pytest.mark.slow" not in map(ast.unparse, function.decorator_list)
        for timed in [re.compile("|".join((CLOCK, *_read_off_a_clock(function))))]
        for check in ast.walk(function)
        if isinstance(check, ast.Assert) and timed.search(ast.unparse(check.test))
    ]
    assert found == []


def _read_off_a_clock(function: ast.AST) -> set[str]:
    """Patterns of the names in a function that hold a time of the clock, or how long it took."""
    names = set[str]()
    given = [node for node in ast.walk(function) if isinstance(node, ast.Assign | ast.NamedExpr)]
    for node in sorted(given, key=lambda each: each.lineno):
        if re.search("|".join((CLOCK, *names)), ast.unparse(node.value)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            stored = (each for target in targets for each in ast.walk(target))
            names |= {rf"\b{each.id}\b" for each in stored if isinstance(each, ast.Name)}
    return names


def test_a_time_is_known_by_whatever_name_it_goes():
    source = "a = NOW()\nwork()\ntook, b = NOW() - a, 1\nc = 2\n".replace("NOW", "perf_counter")
    assert _read_off_a_clock(ast.parse(source)) == {rf"\b{name}\b" for name in ("a", "took", "b")}


def test_every_dataclass_has_slots():
    without = [
        f"{module.path}: {node.name}"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        for decorator in map(ast.unparse, node.decorator_list)
        if decorator.startswith("dataclass") and "slots=True" not in decorator
    ]
    assert without == []


def test_inheritance_is_never_deeper_than_one_class_of_ours():
    """Forms of bodies, the root of refusals and that of tables are the ground others stand on."""
    bases = {
        node.name: [ast.unparse(base).partition("[")[0] for base in node.bases]
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
        if module.path != "server/http/forms.py" and node.name not in ("Problem", "Table")
    }
    deep = {
        name
        for name, parents in bases.items()
        for parent in parents
        if any(grand in bases for grand in bases.get(parent, ()))
    }
    assert deep == set()


def test_the_environment_is_read_in_settings_and_for_programs_of_the_machine_only():
    readers = {m.path for m in modules() if "os.environ" in m.text}
    assert readers == {
        "gridwhistle/cli/running.py",
        "gridwhistle/services/binaries.py",
        "gridwhistle/services/postgres.py",
    }


def test_the_import_contracts_hold():
    check = "from importlinter.cli import lint_imports_command as run; run()"
    ran = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"[1-9]\d* kept, 0 broken", ran.stdout)
