"""The properties that the features of a file have, and which of them were taken for what."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from geo.files.labels import Labels, Naming
from geo.files.strictjson import Json
from geo.ground.faults import Fact, Findings

_MOST: Final = 30
_LONGEST: Final = 24


class Columns:
    """Collects, feature by feature, what the file's properties are called and hold."""

    def __init__(self) -> None:
        self._samples: dict[str, str] = {}
        self._taken: dict[str, Counter[str]] = {}
        self._unknown: Counter[str] = Counter()

    def add(self, properties: Mapping[str, Json], labels: Labels) -> None:
        """Note the properties of one feature and what its labels were taken from."""
        for key, value in properties.items():
            if not self._samples.get(key) and (key in self._samples or self._room()):
                self._samples[key] = _sample(value)
        for role, key in labels.taken.items():
            self._taken.setdefault(role, Counter())[key] += 1
        for _, facts in labels.warnings:
            self._unknown[str(facts["level"])] += 1

    def found(self) -> tuple[str, ...]:
        """Give the properties with a sample of each, in the order of the file."""
        return tuple(f"{key} = {sample}" if sample else key for key, sample in self._shown())

    def taken(self) -> dict[str, tuple[str, ...]]:
        """Give for code, name, level and parent the properties that said it, the usual first."""
        return {
            role: tuple(key[:_LONGEST] for key, _ in counted.most_common(_MOST))
            for role, counted in self._taken.items()
        }

    def report(self, naming: Naming, findings: Findings) -> None:
        """Refuse columns that a person named and no feature has; warn once of unknown levels."""
        known = {key.strip().lower() for key in self._samples}
        for said in (naming.code_field, naming.name_field):
            if said and said.strip().lower() not in known | {"id"}:
                facts: dict[str, Fact] = {"field": said[:60], "columns": self.found()}
                findings.fault("columns.no_such", None, facts)
        if self._unknown:
            words = tuple(word for word, _ in self._unknown.most_common(5))
            findings.warn(
                "level.unknown",
                None,
                {"level": words, "n_features": self._unknown.total()},
            )

    def _room(self) -> bool:
        return len(self._samples) < 200

    def _shown(self) -> list[tuple[str, str]]:
        return [(key[:_LONGEST], sample) for key, sample in self._samples.items()][:_MOST]


def _sample(value: Json) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    said = str(value).strip()
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
