"""The project's own source, each file parsed once and only when asked, for rules linters lack."""

import ast
import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tests.parts import ROOT

PACKAGES = ("geo", "media", "server", "mobile_api", "gridwhistle")
#: Ideographs only: the marks that Chinese tables are split at are code, not words.
CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Module:
    """One file of ours, as text and as a tree."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def n_lines(self) -> int:
        return len(self.text.splitlines())

    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return [node for node in ast.walk(self.tree) if isinstance(node, kinds)]


@cache
def modules_of_tests() -> tuple[Module, ...]:
    """Every module of the tests."""
    return tuple(read(path) for path in sorted((ROOT / "tests").rglob("*.py")))


@cache
def modules_beside() -> tuple[Module, ...]:
    """Every module that no package holds and no test: what measures, and what was found out."""
    folders = (ROOT / "bench", ROOT / "findings")
    return tuple(read(path) for each in folders for path in sorted(each.rglob("*.py")))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the packages but the migrations, which a generator writes."""
    found = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return tuple(read(path) for path in found if path.parent.name != "migrations")


def read(path: Path) -> Module:
    """One file."""
    return Module(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


def packages() -> list[Module]:
    """The `__init__.py` of every package."""
    return [module for module in modules() if module.path.endswith("__init__.py")]


def documents() -> list[Path]:
    """The pages in the root, README first among them, and everything written below docs/."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def environment_names(module: Module) -> set[str]:
    """The names that a module reads from the environment, whatever the way."""
    found = set[str]()
    if "environ" not in module.text:
        return found
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=where), args=[ast.Constant(value=str(name)), *_]
            ):
                pass
            case ast.Subscript(value=where, slice=ast.Constant(value=str(name))):
                pass
            case _:
                continue
        if ast.unparse(where) == "os.environ":
            found.add(name)
    return found
