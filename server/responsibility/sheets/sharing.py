"""Who leads a matter and who helps, with whose duties, out of the cells that name units."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from server.responsibility.list.list_types import ListType
from server.responsibility.sheets import columns, duties
from server.responsibility.sheets.asking import NOBODY, TOWNSHIP, Asking
from server.responsibility.sheets.matching import AFFIX, Match, UnitMatcher
from server.responsibility.sheets.matter_rows import MatterRows

# What stands between names, but within quotation marks.
UNITS: Final = re.compile(r"[、，,;；/／\n]+(?![^“”]{0,40}”)")
_APART: Final = re.compile(r"\s+")
_MOST: Final = 100
_SHORTEST: Final = 3
_LONGEST_NAMES: Final = 60  # of a cell that might be names or a duty


@dataclass(frozen=True, slots=True)
class Share:
    """A unit as it is written and what it has to do.

    `of_all` is what its cell says of nobody by name; `leads` and `helps` are set where the cell
    marks it as one that does; `unit_id` is 0 while a person is asked which is meant; `township`
    where it stands for that of the place; `by_duty` where only the duties name it.
    """

    row: int
    written: str
    duty: str
    leads: bool = False
    helps: bool = False
    of_all: str = ""
    unit_id: int | None = 0
    township: bool = False
    by_duty: bool = False


@dataclass(frozen=True, slots=True)
class Shares:
    """What came of it; `nobody` where a person said that the lead is none to dispatch to."""

    lead_id: int | None
    lead_duties: str
    others: dict[int | None, str]
    nobody: bool = False


@dataclass(frozen=True, slots=True)
class Means:
    """By what the units of a matter are understood.

    `tell` notes what was settled without asking, `heading` is how a field's column is called,
    `usual` are the units that lead elsewhere in the table.
    """

    kind: ListType
    units: UnitMatcher
    asking: Asking
    tell: Callable[[int, str, str, str], None]
    heading: Callable[[str], str]
    usual: Callable[[], Sequence[str]]


class Sharing:
    """Reads the units of one matter; tells what it settled, and asks what is not sure.

    `unshared` are rows whose duties do not name each of the units that lead.
    """

    def __init__(self, of: MatterRows, means: Means) -> None:
        self._of = of
        self._kind = means.kind
        self._units = means.units
        self._asking = means.asking
        self._tell = means.tell
        self._heading = means.heading
        self._usual = means.usual
        self._nobody = False
        self.matches: list[Match] = []
        self.unshared: list[int] = []
        self._unplaced = ""
        self._helpers = self._shares("cooperating")
        self._leads = self._shares("lead")
        if not self._leads and self._kind.leads != "township":
            self._leads = self._unsaid(township=self._kind.leads == "either")

    @property
    def township_leads(self) -> bool:
        """Whether the township of the place is all that is named as the lead."""
        return bool(self._leads) and all(each.township for each in self._leads)

    @property
    def departments_lead(self) -> bool:
        """Whether units are named as the lead, the township of the place not among them."""
        return bool(self._leads) and not any(each.township for each in self._leads)

    @property
    def several_sides(self) -> bool:
        """Whether the township of the place is named as a lead beside others."""
        return any(each.township for each in self._leads) and not self.township_leads

    def read(self, responsibility: str) -> Shares:
        """Return who leads and who helps; while something is asked, the lead is none."""
        found = self._lead(responsibility)
        others, mine = dict(found.others), [found.lead_duties]
        for share in self._helpers:
            if share.township and self._local(responsibility):  # helps what it leads
                mine.append(share.duty)
            else:
                mine.append(self._help(share, found.lead_id, others))
        if self._kind.township_cooperates:
            others.setdefault(None, self._of.said("township_duties"))
        return replace(found, others=others, lead_duties=duties.together(*mine, self._unplaced))

    def _local(self, responsibility: str) -> bool:
        """Tell whether the township leads: its own matters, and shared ones where it is named."""
        return responsibility == "township" or (responsibility == "joint" and self.township_leads)

    def _lead(self, responsibility: str) -> Shares:
        shares = self._leads
        departments = [each for each in shares if not each.township]
        duty = self._of.said("lead_duties")
        if self._nobody:
            return Shares(None, "", {}, nobody=True)
        if self._kind.leads == "township" or not shares:
            return Shares(None, duty, {})
        if self._local(responsibility):
            own = [each for each in shares if each.township]
            mine = duties.together(*(said for each in own for said in (each.of_all, each.duty)))
            return Shares(None, mine, _duties(self._found("lead", departments)))
        departments = departments or self._unsaid(township=False)
        if self._nobody:
            return Shares(None, "", {}, nobody=True)
        if not departments:
            return Shares(None, duty, {})
        return self._of_departments(departments, [each for each in shares if each.township])

    def _unsaid(self, *, township: bool) -> list[Share]:
        """Return the lead of a matter that names none: as it follows, or as a person says."""
        row = self._of.first
        duty = self._of.said("lead_duties") or self._of.said(columns.with_duties("lead"))
        said = self._of.once("responsibility")
        if township and said and columns.value("responsibility", said) == "township":
            self._tell(row, "lead", "led_by_side", said)
            return [Share(row, columns.township(), duty, township=True)]
        marked = [each for each in self._helpers if each.leads and not each.township]
        if len(marked) == 1:
            return [replace(marked[0], row=row, duty=duties.together(duty, marked[0].duty))]
        written = " ".join(self._of.said(columns.with_duties("lead")).split())
        known = (self._units.match(each.written) for each in self._helpers if not each.township)
        ids = [str(match.unit_id) for match in known if match]
        ids = [*map(str, self._units.within(duty)), *ids]
        answer = self._asking.unsaid_lead(
            self._of.once("domain"),
            self._of.once("name"),
            dict.fromkeys([*ids, *self._usual()]),
            self._heading("lead"),
            row,
            township=township,
            written=written,
        )
        self._nobody = answer == NOBODY
        if answer == TOWNSHIP:
            return [Share(row, columns.township(), duty, township=True)]
        unit = self._units.by_id(answer)
        return [Share(row, unit.name, duty)] if unit is not None else []

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

    def _help(self, share: Share, lead_id: int | None, others: dict[int | None, str]) -> str:
        """Add one that helps to the others; return its duty where it is the lead instead."""
        if share.township:
            said = share.duty or self._of.said("township_duties")
            others[None] = duties.together(others.get(None, ""), said)
            return ""
        for each in self._found("cooperating", [share]):
            if each.unit_id and each.unit_id == lead_id:
                if not (each.by_duty or each.leads):
                    self._tell(each.row, "cooperating", "lead_cooperates", each.written)
                return each.duty
            if each.unit_id:
                others[each.unit_id] = duties.together(others.get(each.unit_id, ""), each.duty)
        return ""

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

    def _shares(self, name: str) -> list[Share]:
        found = list[Share]()
        for row in self._of.rows:
            names, said, apart = self._cells(name, row)
            of_row = dict[str, Share]()
            for each in self._names(names, row):
                if (called := columns.plain(each.written)) in of_row:
                    self._tell(row, name, "unit_twice", each.written)
                of_row.setdefault(called, each)
            if of_row or (name == "cooperating" and self._called(said, [])):
                found += self._with_duties(name, list(of_row.values()), said, row, apart=apart)
            elif said and found:  # what is said below a name belongs to it
                found[-1] = replace(found[-1], duty=duties.together(found[-1].duty, said))
            elif said and name == "cooperating":
                column = "cooperating_duties"
                self._tell(row, column, "duty_of_no_unit", said)
                labelled = f"{self._heading(column)}\uff1a{said}"
                self._unplaced = duties.together(self._unplaced, labelled)
        return found

    def _cells(self, name: str, row: int) -> tuple[str, str, bool]:
        """Return a row's names and duties, and whether the names stand among the duties."""
        both = self._of.own(row, columns.with_duties(name))
        if not both:
            cell, said = self._of.own(row, name), self._of.own(row, f"{name}_duties")
            named = duties.called(cell)
            if said or not named or None in map(self._units.known, named):
                return cell, said, False
            both = cell
        if (apart := duties.said_apart(both)) is not None:
            return *apart, True
        named = duties.called(both)
        if not named and (head := self._head(both)) is not None:
            return *head, True
        if not named and (columns.is_sentence(both) or len(both) > _LONGEST_NAMES):
            return "", both, False
        return ("\n".join(named), both, True) if named else (both, "", True)

    def _head(self, both: str) -> tuple[str, str] | None:
        """Return units at the head of a cell and what they have to do, where all are known."""
        head = duties.headed(both)
        if head is None:
            return None
        rest = UNITS.split(head[1])[0]
        goes_on = self._asking.township(rest) or self._units.match(rest) is not None
        names = UNITS.split(head[0])
        return head if not goes_on and self._all_known(names) else None

    def _names(self, cell: str, row: int) -> Iterator[Share]:
        """Yield the units in a cell, as it marks them; what words join where each is a unit's."""
        for said, leads, helps in duties.sides(cell):
            parts = (part.strip() for part in UNITS.split(said))
            for part in [part for part in parts if part and not part.isdigit()][:_MOST]:
                for each in self._apart(part):
                    share = self._marked(each, row)
                    own = share.leads or share.helps
                    yield share if own else replace(share, leads=leads, helps=helps)

    def _apart(self, part: str) -> list[str]:
        apart = _APART.split(part)  # 甲局  乙局, where no name is cut in two
        if len(apart) > 1 and min(map(len, apart)) >= _SHORTEST:
            return apart
        apart = columns.joined(part)
        whole = self._units.match(part)
        sure = whole is not None and whole.confidence > AFFIX
        return [part] if sure or not self._all_known(apart) else apart

    def _all_known(self, names: list[str]) -> bool:
        return all(self._asking.township(each) or self._units.match(each) for each in names)

    def _marked(self, written: str, row: int) -> Share:
        name, leads = columns.lead_of(written)
        name, helps = columns.beside_lead(name)
        return Share(row, name, "", leads, helps, township=self._asking.township(name))

    def _with_duties(
        self, name: str, shares: list[Share], said: str, row: int, *, apart: bool
    ) -> list[Share]:
        if len(shares) == 1 and name == "lead" and not apart:
            return [replace(shares[0], duty=said)]
        if name == "cooperating":
            for called in self._called(said, shares):
                self._tell(row, "cooperating_duties", "named_by_duty", called)
                shares = [*shares, replace(self._marked(called, row), by_duty=True)]
        of_all, each_of = duties.split(said, [each.written for each in shares])
        if name == "lead":
            if said and not apart and len(each_of) < len(shares):
                self.unshared.append(row)
            return [
                replace(each, of_all=of_all, duty=each_of.get(each.written, "")) for each in shares
            ]
        return [
            replace(each, duty=duties.together(of_all, each_of.get(each.written, "")))
            for each in shares
        ]

    def _called(self, said: str, shares: list[Share]) -> list[str]:
        """Return the known units that have a duty and are not named by the cell beside it."""
        local = any(each.township for each in shares)
        ids = {match.unit_id for each in shares if (match := self._units.match(each.written))}
        return [
            called
            for called in dict.fromkeys(duties.called(said))
            if (self._asking.township(called) and not local)
            or self._units.known(called) not in (None, *ids)
        ]


def _duties(shares: list[Share]) -> dict[int | None, str]:
    found = dict[int | None, str]()
    for each in shares:
        if each.unit_id:
            found[each.unit_id] = duties.together(found.get(each.unit_id, ""), each.duty)
    return found
