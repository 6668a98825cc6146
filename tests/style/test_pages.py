"""What the pages leave to the server: who may do what, and what can be done at which stage."""

import re
from pathlib import Path

import pytest

from server.cases.rules.flow import Stage, TaskStage
from server.permissions import Role
from tests.parts import WEB

#: Words for something else too: a level of places, a verb, a field of the form of a report, one
#: of a conference's decision.
ALSO_OTHERWISE = {Role.TOWNSHIP, TaskStage.DONE, Stage.HANDLED, Stage.DECLINED}
ROLE_NAMES = "|".join(sorted(set(Role) - ALSO_OTHERWISE))
STAGE_NAMES = "|".join(sorted({*Stage, *TaskStage} - ALSO_OTHERWISE))


def _named(names: str) -> str:
    """Words of the server that a page names."""
    return rf"""(?<!\.standing\ ===\ )(?<!standing:\ )["'`]({names})["'`]   # but in a team
    | ["'`][^"'`]*[?&](stage|role)=   # or asked for in an address
    | (?:^|[{{,(])\s*({names})\s*:(?!\s*\()   # or the key of a table"""


#: Read in no page: what may be done is in `may`, `may_ask` and `permissions`, and what a stage or
#: a role is called is in `stage_text` and `name`.
RULES = re.compile(
    rf"""\.(stage|case_stage|role)\b   # read of an answer
    | \{{[^{{}}]*\b(stage|case_stage|role)\b[^{{}}]*\}}\s*=[^=>]   # or taken out of it
    | \broles\b(?!\.map\(\(role\)\s=>\srole\.name\))   # or asked for among one's own
    | {_named(f"{ROLE_NAMES}|{STAGE_NAMES}")}""",
    re.VERBOSE,
)
#: Who keeps accounts gives roles to others: there they are what is written down, by no name; and
#: no case is there, but plans of units that are withdrawn.
GIVING = re.compile(_named(ROLE_NAMES), re.VERBOSE)
KEEPERS = "console/src/rooms/people/"


def _sources() -> list[Path]:
    folders = [WEB / name / "src" for name in ("common", "phone", "console")]
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in found if path.suffix in {".ts", ".vue"} and ".d." not in path.name]


def _rules(path: Path) -> re.Pattern[str]:
    return GIVING if path.relative_to(WEB).as_posix().startswith(KEEPERS) else RULES


def _gaps(css: str) -> list[str]:
    """The rules that ask for a gap without being a grid themselves."""
    rules = re.findall(r"([^{}]*)\{([^{}]*)\}", css)
    gap, grid = re.compile(r"(?:^|[\s;])(row-|column-)?gap\s*:"), re.compile(r"display\s*:\s*grid")
    return [who.strip() for who, what in rules if gap.search(what) and not grid.search(what)]


def test_no_row_keeps_its_parts_asunder_by_a_gap_that_older_phones_do_not_know():
    # Chromium below 84 and iOS below 14.5 know gaps of grids alone; a desk has a newer one.
    assert _gaps(".a { display: flex; gap: 1rem; } .b { display: grid; gap: 0; }") == [".a"]
    assert _gaps("@media print { .a { color: red; column-gap: 1px } }") != []
    old = (*WEB.glob("phone/src/**/*"), *WEB.glob("common/src/**/*"))
    sheets = [path for path in old if path.suffix in {".css", ".vue"}]
    assert len(sheets) > 40
    found = {}
    for path in sheets:
        text = path.read_text("utf-8")
        css = text if path.suffix == ".css" else text.partition("<style")[2]
        found |= {str(path.relative_to(WEB)): gaps for gaps in [_gaps(css)] if gaps}
    assert found == {}


def test_no_page_knows_a_role_or_a_rule_of_the_flow():
    sources = _sources()
    assert len(sources) > 40
    found = [
        f"{path.relative_to(WEB)}:{number}: {line.strip()}"
        for path in sources
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _rules(path).search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        """if (task.stage === "pending") return""",
        """v-if="OPEN.includes(task.stage)\"""",
        """const { stage, no } = view.case;""",
        """const works = roles.value.has("township");""",
        """if (held.role === "township") return""",
        """const WORKERS = ["grid_worker", "unit_head"];""",
        """session.value?.me.roles.some((held) => held.name)""",
        """:to="{ path: '/work/map', query: { stage: 'submitted' } }\"""",
        """const WAITING = { submitted: t.work.submitted, filed: t.work.filed };""",
        """  checking: t.work.check,""",
        """@click="go(() => signInDemo('resident'))\"""",
        """to="/work/map?stage=filed\"""",
    ],
)
def test_a_role_or_a_stage_that_is_looked_at_is_seen(line):
    assert RULES.search(line)


@pytest.mark.parametrize(
    "line",
    [
        """{{ task.stage_text }}""",
        """session.me.roles.map((role) => role.name).join("、")""",
        """const query = { limit: 100, stage: stage ?? "", after };""",
        """await draw("township", { weight: 2 });""",
        """v-if="may.has('dispatch')\"""",
        """.filter((each) => each.standing === "resident")""",
        """<CaseActs :view="view" @done="done" />""",
        """v-for="{ name, ...query } in shift.waiting\"""",
        """const stage = (route.query["stage"] ?? "") as Asked;""",
    ],
)
def test_what_the_server_says_of_them_may_be_shown(line):
    assert not RULES.search(line)


def test_each_part_of_element_plus_comes_by_its_own_path():
    whole = re.compile(r"""["']element-plus(/es)?(/index(\.mjs)?)?["']""")
    assert whole.search('import { ElButton } from "element-plus";')
    assert whole.search('import { ElButton } from "element-plus/es";')
    found = [path for path in _sources() if whole.search(path.read_text("utf-8"))]
    assert found == []


def test_only_the_client_speaks_to_the_server():
    asking = [
        path.relative_to(WEB).as_posix()
        for path in _sources()
        if re.search(r"\bfetch\(|\bXMLHttpRequest\b|\bcreateClient\b", path.read_text("utf-8"))
    ]
    assert asking == ["common/src/api.ts"]
