"""Why a private server was not started."""

from collections.abc import Mapping
from types import MappingProxyType


class ServiceRefusal(Exception):
    """A private server that was not started: a stable `code`, the `facts`, one plain sentence."""

    def __init__(self, code: str, sentence: str, facts: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.facts: Mapping[str, str] = MappingProxyType(dict(facts or {}))
