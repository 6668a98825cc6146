"""Looking a sentence up by its key and filling in the facts."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any, Final

# What stands in square brackets with a fact in it is said only when the fact is known.
_CLAUSE: Final = re.compile(r"\[([^\[\]{}]*\{[^\[\]]*)\]")


@cache
def _catalogue() -> dict[str, Any]:
    source = resources.files("server.texts").joinpath("zh_CN.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


class _Facts(dict[str, object]):
    """Fills `{name}`; a fact that is missing or None reads as nothing, never as an error."""

    def __getitem__(self, key: str) -> object:
        value = self.get(key)
        return "" if value is None else value


class _Words(Formatter):
    """Writes `{name:size}` as people say how large a file is."""

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec == "size":
            return size(value) if isinstance(value, int) else str(value)
        return str(super().format_field(value, format_spec))


def size(n_bytes: int) -> str:
    """Return a number of bytes in MB or KB, as file managers show it, never more than it is."""
    if n_bytes < 2**20:
        return f"{n_bytes // 1024} KB"
    return f"{n_bytes * 10 // 2**20 / 10:g} MB"


def has(key: str) -> bool:
    """Tell whether there is a sentence for a dotted key."""
    return isinstance(_find(key), str)


def text(key: str, /, **facts: object) -> str:
    """Return the sentence for a dotted key (`problem.case.wrong_stage`) with its facts filled in.

    A part in [brackets] is left out when a fact in it is missing, None or empty. Raises KeyError
    when there is no sentence: that is a fault of ours, never silence.
    """
    found = _find(key)
    if not isinstance(found, str):
        raise KeyError(key)
    if "[" in found:
        found = _CLAUSE.sub(lambda clause: clause[1] if _known(clause[1], facts) else "", found)
    return _Words().vformat(found, (), _Facts(facts))


def plainly(table: str, code: str) -> str:
    """Return what a code of a table is called for who lives in the county: no term of offices."""
    plain = f"{table}_plainly.{code}"
    return text(plain if has(plain) else f"{table}.{code}")


def outlines(table: str) -> dict[str, str]:
    """Return every sentence of a table by its key, with … in place of each fact."""
    found = dict[str, str]()
    for name, sentence in _catalogue()[table].items():
        facts = {fact: "…" for _, fact, _, _ in Formatter().parse(sentence) if fact}
        found[name] = text(f"{table}.{name}", **facts)
    return found


def names(table: str) -> tuple[str, ...]:
    """Return the keys of a table, in order: for those whose keys are what the county says."""
    return tuple(_catalogue()[table])


def _known(clause: str, facts: Mapping[str, object]) -> bool:
    named = (name for _, name, _, _ in Formatter().parse(clause) if name)
    return all(facts.get(name) not in (None, "") for name in named)


def _find(key: str) -> object:
    table, _, name = key.partition(".")
    return _catalogue().get(table, {}).get(name)
