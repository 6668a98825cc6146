"""Lists as offices write them, brought in and published."""

import csv
import io
from datetime import UTC, datetime, timedelta

import openpyxl

from server.governance import commands as governance
from server.people.actor import SYSTEM, Actor, Held
from server.people.commands import NewUnit, import_units
from server.people.units import UnitKind
from server.permissions import Role
from server.responsibility.changing.commands import import_list
from server.responsibility.list import versions
from tests.parts import ROOT

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
DAY = timedelta(days=1)
KEEPER = Actor(id=None, name="k", held=(Held(role=Role.LIST_KEEPER),))
HEADER = ["事项编码", "事项名称", "牵头部门", "配合单位", "责任层级", "办理时限", "联系电话"]
GOOD = [
    "ZH-002",
    "犬只管理",
    "区综合行政执法局",
    "公安分局、镇街",
    "县级主责",
    "1个工作日",
    "0632-1",
]


async def make_units(*names: str) -> None:
    await import_units(
        [
            NewUnit(code=f"D{n}", name=name, kind=UnitKind.DEPARTMENT)
            for n, name in enumerate(names)
        ]
    )


async def make_demo_units() -> None:
    source = (ROOT / "gridwhistle/demo/data/units.csv").read_text("utf-8")
    await import_units(
        [
            NewUnit(
                code=row["code"],
                name=row["name"],
                kind=UnitKind(row["kind"]),
                short_names=tuple(filter(None, row["short_names"].split("、"))),
                parent=row["parent"],
            )
            for row in csv.DictReader(source.splitlines())
        ]
    )


def xlsx(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "清单"
    for row in rows:
        book.active.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


async def bring(data: bytes, name: str = "list.xlsx", **more):
    return await import_list(data, name, label="v", by=SYSTEM, at=NOON, **more)


async def publish(version, starts_at: datetime = NOON, by: Actor = KEEPER) -> None:
    """Send a version to review unless it was, and put it into force."""
    if version.state == "draft":
        version.state = (await versions.submit(version.id, by=KEEPER, at=NOON)).state
    await governance.publish_list(version.id, starts_at=starts_at, by=by, at=NOON)


def altered(**changes: object) -> list[object]:
    names = ("code", "name", "lead", "cooperating", "responsibility", "limit", "phone")
    return [changes.get(name, value) for name, value in zip(names, GOOD, strict=True)]
