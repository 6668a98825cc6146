"""Who leads a matter and who helps, with whose duties, out of the cells that name units."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns, duties
from server.responsibility.sheets.asking import Asking
from server.responsibility.sheets.matching import AFFIX, Match, UnitMatcher
from server.responsibility.sheets.matter_rows import MatterRows

UNITS: Final = re.compile(r"[、，,;；/／\n]+")
_APART: Final = re.compile(r"\s+")
_MOST: Final = 100
_SHORTEST: Final = 3


@dataclass(frozen=True, slots=True)
class Share:
    """A unit as it is written and what it has to do.

    `of_all` is what its cell says of nobody by name; `leads` and `helps` are set where the cell
    marks it as one that does; `unit_id` is 0 while a person is asked which is meant; `township`
    where it stands for that of the place.
    """

    row: int
    written: str
    duty: str
    leads: bool = False
    helps: bool = False
    of_all: str = ""
    unit_id: int | None = 0
    township: bool = False


@dataclass(frozen=True, slots=True)
class Shares:
    """What came of it; `nobody` where a person said that the lead is none to dispatch to."""

    lead_id: int | None
    lead_duties: str
    others: dict[int | None, str]
    nobody: bool = False


class Sharing:
    """Reads the units of one matter; tells `fault` what is wrong, and asks what is not sure.

    `unshared` are rows whose duties do not name each of the units that lead.
    """

    def __init__(
        self,
        of: MatterRows,
        kind: ListType,
        units: UnitMatcher,
        asking: Asking,
        fault: Callable[..., None],
        heading: Callable[[str], str],
    ) -> None:
        self._of = of
        self._kind = kind
        self._units = units
        self._asking = asking
        self._fault = fault
        self._heading = heading
        self.matches: list[Match] = []
        self.unshared: list[int] = []
        self._leads = self._shares("lead")

    @property
    def township_leads(self) -> bool:
        """Whether the township of the place is all that is named as the lead."""
        return bool(self._leads) and all(each.township for each in self._leads)

    @property
    def several_sides(self) -> bool:
        """Whether the township of the place is named as a lead beside others."""
        return any(each.township for each in self._leads) and not self.township_leads

    def read(self, responsibility: str) -> Shares:
        """Return who leads and who helps; while something is asked, the lead is none."""
        found = self._lead(responsibility)
        others = dict(found.others)
        for share in self._shares("cooperating"):
            if share.township and self._local(responsibility):  # helps what it leads
                both = duties.together(found.lead_duties, share.duty)
                found = replace(found, lead_duties=both)
            else:
                self._help(share, found.lead_id, others)
        if self._kind.township_cooperates:
            others.setdefault(None, self._of.said("township_duties"))
        return replace(found, others=others)

    def _local(self, responsibility: str) -> bool:
        """Tell whether the township leads: its own matters, and shared ones where it is named."""
        return responsibility == "township" or (responsibility == "joint" and self.township_leads)

    def _lead(self, responsibility: str) -> Shares:
        shares = self._leads
        departments = [each for each in shares if not each.township]
        duty = self._of.said("lead_duties")
        if self._kind.leads == "township":
            self._refuse(departments)
            return Shares(None, duty, {})
        if not shares:
            self._fault("lead", "missing")
            return Shares(None, duty, {})
        local = len(departments) < len(shares)
        if self._local(responsibility):
            if not local:
                self._refuse(departments)
            own = [each for each in shares if each.township]
            mine = duties.together(*(said for each in own for said in (each.of_all, each.duty)))
            return Shares(None, mine, _duties(self._found("lead", departments)))
        if not departments:
            self._fault("lead", "township_leads_county_matter")
            return Shares(None, duty, {})
        return self._of_departments(departments, [each for each in shares if each.township])

    def _of_departments(self, departments: list[Share], local: list[Share]) -> Shares:
        found = self._found("lead", departments)
        if not found:
            return Shares(None, "", {}, nobody=True)
        township = dict[int | None, str]()
        if local:
            township[None] = duties.together(*(each.duty for each in local))
        if any(each.unit_id == 0 for each in found):
            return Shares(None, "", {})
        lead_id = self._leading(found)
        if lead_id is None:
            return Shares(None, "", {})
        own = [each for each in found if each.unit_id == lead_id]
        mine = duties.together(*(said for each in own for said in (each.of_all, each.duty)))
        others = _duties([each for each in found if each.unit_id != lead_id])
        return Shares(lead_id, mine, others | township)

    def _leading(self, found: list[Share]) -> int | None:
        """Return the unit that leads: the only one, the marked one, the first row's; or ask."""
        may = [each for each in found if not each.helps] or found
        marked = [each for each in may if each.leads]
        may = marked if len(marked) == 1 else may
        if len(self._of.rows) > 1 and not marked:
            may = [each for each in may if each.row == may[0].row]
        named = {each.unit_id: each.written for each in may if each.unit_id}
        if len(named) == 1:
            return next(iter(named))
        written = self._of.said("lead") or self._of.said(columns.with_duties("lead"))
        return self._asking.lead(
            list(named.items()), written, self._heading("lead"), self._of.first
        )

    def _help(self, share: Share, lead_id: int | None, others: dict[int | None, str]) -> None:
        if share.township:
            said = share.duty or self._of.said("township_duties")
            others[None] = duties.together(others.get(None, ""), said)
            return
        for each in self._found("cooperating", [share]):
            if not each.unit_id:
                continue
            if each.unit_id == lead_id:
                self._fault("cooperating", "lead_cooperates", text=share.written[:80])
            others[each.unit_id] = duties.together(others.get(each.unit_id, ""), share.duty)

    def _found(self, name: str, shares: list[Share]) -> list[Share]:
        """Return the shares with their units, without those of nobody."""
        found = list[Share]()
        for each in shares:
            match = self._asking.unit(each.written, self._heading(name), each.row)
            if match is None:
                found.append(each)
            elif match.unit_id:
                self.matches.append(match)
                found.append(replace(each, unit_id=match.unit_id))
        return found

    def _refuse(self, departments: list[Share]) -> None:
        for each in departments:
            self._fault("lead", "department_leads_township_matter", text=each.written[:80])

    def _shares(self, name: str) -> list[Share]:
        found = list[Share]()
        for row in self._of.rows:
            names, said, apart = self._cells(name, row)
            of_row = [self._marked(each, row) for each in self._names(names)]
            for each, n in Counter(columns.plain(each.written) for each in of_row).items():
                if n > 1:
                    self._fault(name, "unit_twice", text=each[:80])
            if of_row:
                found += self._with_duties(name, of_row, said, apart=apart)
            elif said and found:  # what is said below a name belongs to it
                found[-1] = replace(found[-1], duty=duties.together(found[-1].duty, said))
            elif said and name == "cooperating":
                self._fault("cooperating_duties", "duty_of_no_unit", text=said[:80])
        return found

    def _cells(self, name: str, row: int) -> tuple[str, str, bool]:
        """Return a row's names and duties, and whether the names stand among the duties."""
        both = self._of.own(row, columns.with_duties(name))
        if not both:
            return self._of.own(row, name), self._of.own(row, f"{name}_duties"), False
        if (apart := duties.said_apart(both)) is not None:
            return *apart, True
        named = duties.called(both)
        return ("\n".join(named), both, True) if named else (both, "", True)

    def _names(self, cell: str) -> Iterator[str]:
        """Yield the names in a cell; those that words join where each is a unit's."""
        parts = (part.strip() for part in UNITS.split(duties.without_numbers(cell)))
        for part in [part for part in parts if part and not part.isdigit()][:_MOST]:
            apart = _APART.split(part)  # 甲局  乙局, where no name is cut in two
            if len(apart) == 1 or min(map(len, apart)) < _SHORTEST:
                apart = columns.joined(part)
                whole = self._units.match(part)
                if (whole is not None and whole.confidence > AFFIX) or not self._all_known(apart):
                    apart = [part]
            yield from apart

    def _all_known(self, names: list[str]) -> bool:
        return all(self._asking.township(each) or self._units.match(each) for each in names)

    def _marked(self, written: str, row: int) -> Share:
        name, leads = columns.lead_of(written)
        name, helps = columns.beside_lead(name)
        return Share(row, name, "", leads, helps, township=self._asking.township(name))

    def _with_duties(
        self, name: str, shares: list[Share], said: str, *, apart: bool
    ) -> list[Share]:
        if len(shares) == 1 and name == "lead" and not apart:
            return [replace(shares[0], duty=said)]
        of_all, each_of = duties.split(said, [each.written for each in shares])
        if name == "lead" and said and not apart and len(each_of) < len(shares):
            self.unshared.append(shares[0].row)
        if name == "lead":
            return [
                replace(each, of_all=of_all, duty=each_of.get(each.written, "")) for each in shares
            ]
        self._require_named(said, shares)
        return [
            replace(each, duty=duties.together(of_all, each_of.get(each.written, "")))
            for each in shares
        ]

    def _require_named(self, said: str, shares: list[Share]) -> None:
        """Refuse the duty of a unit that is known and does not help by the cell beside it."""
        local = any(each.township for each in shares)
        ids = {match.unit_id for each in shares if (match := self._units.match(each.written))}
        for called in duties.called(said):
            unit_id = self._units.known(called)
            if (self._asking.township(called) and not local) or unit_id not in (None, *ids):
                self._fault("cooperating_duties", "duty_of_no_unit", text=called[:80])


def _duties(shares: list[Share]) -> dict[int | None, str]:
    found = dict[int | None, str]()
    for each in shares:
        if each.unit_id:
            found[each.unit_id] = duties.together(found.get(each.unit_id, ""), each.duty)
    return found
