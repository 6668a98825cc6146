"""Leaves out the cases whose part cannot be had here, and says so in the last lines."""

import os
from collections import Counter
from pathlib import Path

import pytest

from tests import parts

LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LEFT_OUT] = Counter()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = list[pytest.Item]()
    for item in items:
        needed = [part for mark in item.iter_markers("needs") for part in mark.args]
        absent = [part for part in needed if not parts.present(part)]
        if absent:
            config.stash[LEFT_OUT][absent[0]] += 1
        else:
            kept.append(item)
    items[:] = kept


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that reports what this one left out, where several share the run."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = dict(session.config.stash[LEFT_OUT])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node, error) -> None:
    """Each process collects everything, so that one word for all is enough."""
    told = getattr(node, "workeroutput", {}).get("left_out", {})
    node.config.stash[LEFT_OUT] |= Counter(told)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    lines = [
        f"not collected: {n} that need {part!r}: {parts.WHY_ABSENT[part]}"
        for part, n in sorted(config.stash[LEFT_OUT].items())
    ]
    if lines:
        terminalreporter.section("not collected")
        for line in lines:
            terminalreporter.line(line)
    # ./test runs more than pytest and repeats these as its own last lines.
    if kept_in := os.environ.get("GRIDWHISTLE_NOT_COLLECTED"):
        with Path(kept_in).open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
