"""What is found wrong or strange in boundaries: a code, where, and named facts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from shapely.geometry.base import BaseGeometry

Fact = str | int | float | bool | None | tuple[str, ...] | tuple[int, ...]

_NO_FACTS: Mapping[str, Fact] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding: a stable code, the feature's number from 0 (None: the file), and facts.

    `facts["code"]` names the feature by its code where that is known. `geometry` shows the place
    where one can be shown.
    """

    code: str
    feature: int | None = None
    facts: Mapping[str, Fact] = field(default_factory=lambda: _NO_FACTS)
    geometry: BaseGeometry | None = None


class Findings:
    """Faults and warnings as they are found: the first of each are kept, all are counted."""

    __slots__ = ("_most", "by_code", "faults", "n_faults", "n_warnings", "warnings")

    def __init__(self, most: int = 100) -> None:
        self._most = most
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.by_code: Counter[str] = Counter()
        self.n_faults = 0
        self.n_warnings = 0

    def fault(
        self,
        code: str,
        feature: int | None = None,
        facts: Mapping[str, Fact] = _NO_FACTS,
        geometry: BaseGeometry | None = None,
    ) -> None:
        """Note something for which the whole is refused."""
        self.n_faults += 1
        self.by_code[code] += 1
        if len(self.faults) < self._most:
            self.faults.append(Fault(code, feature, MappingProxyType(dict(facts)), geometry))

    def warn(
        self,
        code: str,
        feature: int | None = None,
        facts: Mapping[str, Fact] = _NO_FACTS,
        geometry: BaseGeometry | None = None,
    ) -> None:
        """Note something to be looked at by a person."""
        self.n_warnings += 1
        self.by_code[code] += 1
        if len(self.warnings) < self._most:
            self.warnings.append(Fault(code, feature, MappingProxyType(dict(facts)), geometry))
