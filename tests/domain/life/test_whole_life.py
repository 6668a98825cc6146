"""The whole life of cases, by chance: every verb, the clock, several at once, what must hold."""

import os
import sys
from random import SystemRandom

import pytest

from server.cases.rules.flow import FLOW
from server.people.models import Account
from tests.casework import rows_of
from tests.domain.life.acts import ACTS
from tests.domain.life.invariants import Watcher
from tests.domain.life.play import CLOSING, Play
from tests.domain.life.stage import SEED, opened
from tests.domain.life.told import nothing_leaks

EVERY_ACT = frozenset(ACTS)
N_LONG = int(os.environ.get("GRIDWHISTLE_LIFE_ACTS", 10_000))


def test_every_verb_of_the_flow_is_played():
    assert {move.verb.value for move in FLOW} - ACTS.keys() == {
        "archive",
        "escalate",
        "lapse",
    }  # the clock's alone


async def play(
    county, seed: int, n_acts: int, *, look_every: int, wanted: frozenset[str] = frozenset()
) -> Play:
    """Let chance act, and look at everything that was touched again and again.

    It goes on until all that is `wanted` was done, as long as there is calendar.
    """
    life = await opened(county, seed)
    people = {account.id: account.unit_id for account in await Account.all()}
    watcher = Watcher(units=life.work.basis.units.by_id, people=people)
    n = 0
    while (life.tried < n_acts or wanted - life.done.keys()) and life.at < CLOSING:
        if life.tried > n_acts / 2:
            life.missing = wanted - life.done.keys()
        await life.batch()
        n += 1
        if n % look_every == 0:
            await looked_at(life, watcher)
        if n % (look_every * 25) == 0:  # what is delivered is not there to be looked at
            await county.deliver(at=life.at.replace(year=2027))
    await looked_at(life, watcher)
    await nothing_leaks()
    await county.deliver(at=life.at.replace(year=2027))
    await watcher.heard_once()
    return life


async def looked_at(life: Play, watcher: Watcher) -> None:
    await life.until_nothing_is_due()
    try:
        await watcher.look(life.touched, life.at)
    except AssertionError as error:
        raise AssertionError(f"{life.where('looked at', None, None)}\n{error}") from error
    life.touched.clear()


@pytest.mark.slow  # by default test_case_properties.py plays
@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_anybody_tries_at_once_the_invariants_hold(county, seed):
    await play(county, int(os.environ.get(SEED, seed)), 300, look_every=4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12, None], ids=["11", "12", "fresh"])
async def test_in_ten_thousand_acts_every_verb_is_done_and_nothing_breaks(county, seed):
    fresh = SystemRandom().randrange(100, 1_000_000) if seed is None else seed
    life = await play(
        county, int(os.environ.get(SEED, fresh)), N_LONG, look_every=8, wanted=EVERY_ACT
    )
    sys.stderr.write(f"{sorted(life.done.items())}\n{sorted(life.refused.items())}\n")
    done = {row["verb"] for row in await rows_of("SELECT DISTINCT verb FROM case_step")}
    assert {move.verb.value for move in FLOW} - done == set()
    assert EVERY_ACT - life.done.keys() == set()
