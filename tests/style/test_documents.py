"""What is written for people agrees with the code, so that it cannot rot."""

import asyncio
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import asyncpg
import click
import pytest

from gridwhistle.__main__ import main
from gridwhistle.assembly import Parts, make_app
from media.store import Store
from server.bus.local import LocalBus
from server.cases.door.knowledge import Knowledge
from server.cases.rules.flow import Stage, TaskStage, Verb
from server.http.description.openapi import document
from server.http.routes import ROUTES
from server.permissions import Role
from server.responsibility.sheets import columns
from server.settings import Settings
from tests.parts import ROOT
from tests.style.source import documents, environment_names, modules, modules_of_tests

READMES = ("README.md", "README.zh-CN.md")
CONFIGURATIONS = ("docs/configuration.md", "docs/configuration.zh-CN.md")
#: Pages that say the same in both languages.
PAIRS = (READMES, CONFIGURATIONS, ("docs/county.md", "docs/county.zh-CN.md"))
README_LINES = 120
#: What every program of a machine reads, and no setting of ours.
OF_THE_MACHINE = {"PATH", "HOME", "TMPDIR"}
MARKER = re.compile(r"^([A-Za-z0-9_-]+)")


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _app(settings: Settings | None = None):
    settings = settings or Settings.read().model_copy(update={"demo": True})
    store, knowledge = Store.from_url("memory://"), Knowledge(settings)
    return make_app(Parts(settings=settings, knowledge=knowledge, bus=LocalBus(), store=store))


# --- configuration ---------------------------------------------------------------------------


def _settings() -> dict[str, str]:
    """Every variable that settings are read from, with its default as a person would write it."""
    prefix = Settings.model_config.get("env_prefix", "")
    return {
        str(field.validation_alias or f"{prefix}{name}".upper()): _shown(field.default)
        for name, field in Settings.model_fields.items()
    }


def _shown(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def _configuration_table(page: str) -> list[tuple[str, str, str]]:
    """Variable, default and meaning of every row, as often as it stands there."""
    return re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|\s*(?:`([^`]*)`)? ?\| (.+) \|$", page, re.M)


@pytest.mark.parametrize("page", CONFIGURATIONS)
def test_the_configuration_table_is_what_settings_read(page):
    table = _configuration_table(_read(page))
    assert {name: default for name, default, _ in table} == _settings()
    assert all(len(meaning) > 3 for _, _, meaning in table)


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_no_table_says_the_same_row_twice(path):
    rows = re.findall(r"^\| (`[^|]+`) \|", path.read_text(encoding="utf-8"), re.M)
    if path.name == "performance.md":  # measured again and again
        return
    assert [row for row, n in Counter(rows).items() if n > 1] == []


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_is_read_at_one_sitting(readme):
    assert len(_read(readme).splitlines()) <= README_LINES


@cache
def _names_read() -> frozenset[str]:
    files = (*modules(), *modules_of_tests())
    return frozenset(name for module in files for name in environment_names(module))


@pytest.mark.parametrize("readme", CONFIGURATIONS)
def test_every_variable_that_code_or_tests_read_is_on_the_page_of_configuration(readme):
    names = _names_read()
    assert {"PG_BIN", "CHROMIUM", "WRITE_SCHEMA"} <= names
    unknown = [name for name in sorted(names - OF_THE_MACHINE) if f"`{name}`" not in _read(readme)]
    assert unknown == []


@pytest.mark.parametrize("readme", CONFIGURATIONS)
def test_every_role_is_in_the_table_of_sign_ins(readme):
    assert [role.value for role in Role if f"| `{role}` |" not in _read(readme)] == []


# --- commands, routes, paths -----------------------------------------------------------------


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_command_that_is_written_down_exists(path):
    text = path.read_text(encoding="utf-8")
    shown = re.findall(r"^(?:\S+=\S+ )*(?:\.venv/bin/)?gridwhistle +(.+)$", text, re.M)
    shown += re.findall(r"`(?:\.venv/bin/)?gridwhistle ([a-z][^`]*)`", text)
    shown += re.findall(r"^\./run +([a-z].+)$", text, re.M)
    shown += re.findall(r"`\./run ([a-z][^`]*)`", text)
    shown += [f"serve {options}" for options in re.findall(r"^\./run +(-[^#\n]+)", text, re.M)]
    shown += [f"serve {options}" for options in re.findall(r"`\./run (-[^`]+)`", text)]
    for line in shown:
        command: click.Command = main
        for word in line.partition("#")[0].split():
            if isinstance(command, click.Group):
                assert word in command.commands, f"gridwhistle {line}"
                command = command.commands[word]
            elif word.startswith("--"):
                options = {name for option in command.params for name in option.opts}
                assert word in options, f"gridwhistle {line}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_route_that_is_written_down_exists(path):
    served = {
        (route.method, re.sub(r"\{\w+[^}]*\}", "{}", route.path)) for route in _app()[ROUTES]
    }
    shown = re.findall(r"`(GET|POST) (/[^\s`?]*)", path.read_text(encoding="utf-8"))
    assert [(m, p) for m, p in shown if (m, re.sub(r"\{\w+\}", "{}", p)) not in served] == []


def test_the_description_contains_every_route_that_is_served():
    app = _app()
    paths = document(app[ROUTES], version="0")["paths"]
    described = {(m.upper(), path) for path, operations in paths.items() for m in operations}
    served = {
        (route.method, re.sub(r"\{(\w+):[^}]*\}", r"{\1}", route.resource.canonical))
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert len(served) > 40
    assert served == described


def test_every_operation_says_what_it_does():
    paths = document(_app()[ROUTES], version="0")["paths"]
    operations = [each for methods in paths.values() for each in methods.values()]
    assert [each["operationId"] for each in operations if len(each["summary"]) < 10] == []
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))


def test_the_demo_sign_in_is_not_even_described_without_the_demo():
    quiet = _app(Settings.read().model_copy(update={"demo": False}))
    assert "/auth/demo" not in document(quiet[ROUTES], version="0")["paths"]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_link_leads_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://", target):
            continue
        file, _, anchor = target.partition("#")
        found = (path.parent / file).resolve() if file else path
        assert found.exists(), target
        if anchor:
            assert anchor in _anchors(found), target


def _anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_file_of_ours_that_is_named_exists(path):
    named = re.findall(
        r"`((?:server|geo|media|gridwhistle|mobile_api|tests|docs|deploy|bench)/[^`\s]*)`",
        path.read_text(encoding="utf-8"),
    )
    assert [each for each in named if "NNNN" not in each and not (ROOT / each).exists()] == []


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_no_document_names_a_folder_of_somebodys_machine(path):
    assert not re.search(r"(?<![\w.])/(?:work|tmp|home|Users)/", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("pair", PAIRS)
def test_both_languages_have_the_same_sections_commands_and_rows(pair):
    english, chinese = (_read(name) for name in pair)
    for pattern in (r"^(#+) ", r"^\| (`[^|]+) \|", r"^(?:gridwhistle|\./run) +(\S+)"):
        assert re.findall(pattern, english, re.M) == [
            found.replace("、", ", ") for found in re.findall(pattern, chinese, re.M)
        ]


# --- the rest --------------------------------------------------------------------------------


def test_decisions_are_numbered_without_gaps_and_listed():
    pages = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    listed = _read("docs/decisions/README.md")
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert f"]({page.name})" in listed
        assert text.startswith(f"# {page.name[:4]} ")
        for part in ("**Decided.**", "**Why.**", "**Considered.**"):
            assert part in text or page.name.startswith(("0003", "0006")), (page.name, part)


def test_every_dependency_says_why_it_is_here():
    read = tomllib.loads(_read("pyproject.toml"))
    project, groups = read["project"], read["dependency-groups"]
    named = [*project["optional-dependencies"].values(), *groups.values()]
    wanted = [*project["dependencies"], *(each for group in named for each in group)]
    names = {found[1] for each in wanted if (found := MARKER.match(each))}
    for page in ROOT.glob("web/**/package.json"):
        if "node_modules" in page.parts:
            continue
        told = json.loads(page.read_text(encoding="utf-8"))
        names |= {*told.get("dependencies", ()), *told.get("devDependencies", ())}
    names.discard("@gridwhistle/common")
    listed = set(
        re.findall(r"^\| `([^`]+)` \| [^|]+ \| .+ \|$", _read("docs/dependencies.md"), re.M)
    )
    assert listed == names


def test_every_stage_and_verb_is_in_the_glossary():
    glossary = _read("docs/glossary.md")
    words = [*Stage, *TaskStage, *Verb, *Role]
    assert [word.value for word in words if f"`{word}`" not in glossary] == []


def test_every_column_of_the_list_is_in_the_glossary_with_its_heading():
    [told] = _glossary("column")
    assert {row["column"]: row["中文"] for row in told} == {
        f"`{field}`": columns.heading(field) for field in columns.fields()
    }


def _glossary(names: str) -> list[list[dict[str, str]]]:
    """The tables of the glossary that name words under such a head, each row by its heads."""
    tables = []
    for written in re.findall(r"(?:^\|.*\n)+", _read("docs/glossary.md"), re.M):
        rows = ([cell.strip() for cell in row.split("|")] for row in written.splitlines())
        head, _, *told = rows
        if names in head:
            tables.append([dict(zip(head, row, strict=True)) for row in told])
    return tables


@pytest.mark.parametrize(("head", "least"), [("name", 100), ("column", 20)])
def test_the_glossary_is_sorted_and_names_nothing_twice(head, least):
    """By name within each table; a verb stands in backticks and is no noun of the same letters."""
    names = []
    for table in _glossary(head):
        column = [row[head] for row in table]
        first = [re.sub(r"[^\w ]", "", cell.split(",")[0]) for cell in column]
        plain = [name.strip().casefold().replace("_", " ") for name in first]
        assert plain == sorted(plain)
        names += [name.strip() for cell in column for name in cell.split(",")]
    assert len(names) > least
    assert [name for name, n in Counter(names).items() if n > 1 and name] == []


@pytest.mark.slow
async def test_the_command_that_loads_units_loads_units(database_url, tmp_path):
    """Run as printed in docs/operations.md, on the demo's own units."""
    assert "gridwhistle units load units.csv" in _read("docs/operations.md")
    demo = ROOT / "gridwhistle/demo/data/units.csv"
    table = demo.read_text(encoding="utf-8").replace("township,phone", "township_code,phone", 1)
    rows = [row for row in table.splitlines() if not re.search(r"街道|[^城区]镇", row)]
    file = tmp_path / "units.csv"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    ran = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "gridwhistle", "units", "load", str(file)),
        env=os.environ | {"DATABASE_URL": database_url},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, errors = await ran.communicate()
    assert ran.returncode == 0, errors.decode()
    connection = await asyncpg.connect("postgresql://" + database_url.split("://", 1)[-1])
    try:
        n_units = await connection.fetchval("SELECT count(*) FROM unit")
    finally:
        await connection.close()
    assert n_units == len(rows) - 1
    assert str(n_units) in said.decode()
