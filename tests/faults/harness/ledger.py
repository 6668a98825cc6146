"""What was sent and what was answered, held against what was kept and what was told.

The ledger lives in the process that sends, which no test kills.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Fate = Literal[
    "ok", "recovered", "absent", "lost", "doubled", "unexpected", "damaged", "contradicted"
]
#: What may become of what was sent: `recovered` and `absent` were never acknowledged.
HARMLESS: frozenset[Fate] = frozenset({"ok", "recovered", "absent"})


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing found afterwards; `content` is worked out from the bytes as they lie there now."""

    key: Hashable
    answer: str
    content: str


@dataclass(slots=True)
class Ledger:
    """Intents by key, written before anything is sent, and the answers that came."""

    intents: dict[Hashable, str] = field(default_factory=dict)
    answers: dict[Hashable, set[tuple[str, bytes]]] = field(
        default_factory=lambda: defaultdict(set)
    )

    def intend(self, key: Hashable, content: str) -> None:
        """Note what is about to be sent."""
        self.intents[key] = content

    def acknowledge(self, key: Hashable, answer: str, body: bytes = b"") -> None:
        """Note an answer that promised keeping; every one to a key must be the same."""
        self.answers[key].add((answer, body))

    def fates(self, kept: Iterable[Kept]) -> dict[Fate, list[Hashable]]:
        """What became of every key that was sent or found."""
        found = defaultdict[Hashable, list[Kept]](list)
        for one in kept:
            found[one.key].append(one)
        sorted_out = defaultdict[Fate, list[Hashable]](list)
        for key in dict.fromkeys([*self.intents, *self.answers, *found]):
            sorted_out[self._fate(key, found.get(key, []))].append(key)
        return dict(sorted_out)

    def _fate(self, key: Hashable, found: Sequence[Kept]) -> Fate:
        answers = self.answers.get(key, set())
        if key not in self.intents:
            return "unexpected"
        if len(found) > 1:
            return "doubled"
        if not found:
            return "lost" if answers else "absent"
        if found[0].content != self.intents[key]:
            return "damaged"
        if len(answers) > 1 or any(answer != found[0].answer for answer, _ in answers):
            return "contradicted"
        return "ok" if answers else "recovered"


def harm(fates: Mapping[Fate, list[Hashable]]) -> dict[Fate, list[Hashable]]:
    """The fates that must not be, with their keys."""
    return {fate: keys for fate, keys in fates.items() if fate not in HARMLESS}


@dataclass(frozen=True, slots=True)
class Told:
    """One message in an inbox, about one version of one case."""

    seq: int
    no: str
    version: int
    verb: str

    @property
    def event(self) -> tuple[str, int, str]:
        return self.no, self.version, self.verb


def misdelivered(owed: set[tuple[str, int, str]], inbox: Sequence[Told]) -> list[str]:
    """What is wrong with one inbox: each event owed, once; numbers 1 to n; versions in order."""
    times = Counter(told.event for told in inbox)
    wrong = [f"missing {event}" for event in sorted(owed - set(times))]
    wrong += [f"not owed {event}" for event in sorted(set(times) - owed)]
    wrong += [f"{n} times {event}" for event, n in sorted(times.items()) if n > 1]
    in_order = sorted(inbox, key=lambda told: told.seq)
    if [told.seq for told in in_order] != list(range(1, len(inbox) + 1)):
        wrong.append(f"numbers with gaps: {[told.seq for told in in_order]}")
    latest = dict[str, int]()
    for told in in_order:
        if told.version < latest.get(told.no, 0):
            wrong.append(f"{told.event} after version {latest[told.no]}")
        latest[told.no] = told.version
    return wrong
