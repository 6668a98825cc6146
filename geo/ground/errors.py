"""What this library refuses, as exceptions with a stable code and named facts."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from geo.ground.faults import Fact, Fault


class GeoError(Exception):
    """A refusal: `code` is stable, `facts` are named values a message may be made of."""

    def __init__(self, code: str, facts: Mapping[str, Fact] | None = None) -> None:
        self.code = code
        self.facts: Mapping[str, Fact] = MappingProxyType(dict(facts or {}))
        named = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        super().__init__(f"{code} ({named})" if named else code)


class DatumError(GeoError):
    """A position or a datum that cannot be converted."""


class IndexBuildError(GeoError):
    """Geometries or codes of which no index can be made."""


class IndexFileError(GeoError):
    """A file that is no index, of another version, cut off or damaged."""


class CoverageError(GeoError):
    """A boundary file that is refused; `faults` names everything found wrong (bounded)."""

    def __init__(self, faults: Sequence[Fault], n_faults: int) -> None:
        self.faults = tuple(faults)
        self.n_faults = n_faults
        first = faults[0].code
        super().__init__("coverage.refused", {"first": first, "n_faults": n_faults})
