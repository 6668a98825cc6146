"""The types of lists: which side leads, which columns a list has, what holds without one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from tomllib import loads
from typing import Final, Literal

from server.errors import NotFound
from server.texts.catalogue import text

MAIN: Final = "main_and_cooperating"
Leads = Literal["department", "township", "either"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListType:
    """One type; `columns` are in the order in which it is written."""

    code: str
    leads: Leads
    several_leads: Literal["refuse", "ask"]
    required: tuple[str, ...]
    columns: tuple[str, ...]
    limit: str = ""
    enforcement: bool = False
    township_cooperates: bool = False
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the list is called."""
        return text(f"list_type.{self.code}")

    @property
    def unsaid(self) -> Mapping[str, str]:
        """The codes that hold where a sheet says nothing."""
        return {
            "kind": "enforcement" if self.enforcement else "livelihood",
            "responsibility": "township" if self.leads == "township" else "county",
            "receives": "department",
            "self_handle": "no",
        }


@cache
def list_types() -> Mapping[str, ListType]:
    """Return every type by its code, in the order of the table."""
    source = resources.files("server.responsibility.list").joinpath("list_types.toml")
    table = loads(source.read_text(encoding="utf-8"))
    return {
        code: ListType(
            code=code,
            leads=row["leads"],
            several_leads=row["several_leads"],
            required=tuple(row["required"]),
            columns=tuple(row["columns"]),
            limit=row.get("limit", ""),
            enforcement=row.get("enforcement", False),
            township_cooperates=row.get("township_cooperates", False),
            headers={name: tuple(names) for name, names in row.get("headers", {}).items()},
        )
        for code, row in table.items()
    }


def list_type(code: str) -> ListType:
    """Return a type; raises NotFound."""
    found = list_types().get(code)
    if found is None:
        raise NotFound(kind="list_type", id=code)
    return found
