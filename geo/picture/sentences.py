"""Findings in plain English, for those who use this library by itself."""

import tomllib
from collections.abc import Callable
from pathlib import Path

from geo.ground.faults import Fact, Fault


def english() -> Callable[[Fault], str]:
    """Give a function that says a finding in a sentence, from the table beside this module."""
    table = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text("utf-8"))

    def say(fault: Fault) -> str:
        facts = _Facts({name: _shown(value) for name, value in fault.facts.items()})
        sentence = table.get(fault.code)
        return str(sentence).format_map(facts) if sentence else f"{fault.code} {dict(facts) or ''}"

    return say


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "?"


def _shown(value: Fact) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 10 else f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return "?" if value is None else str(value)
