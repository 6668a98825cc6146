"""What somebody may do to a case is what they can: each verb is tried with words that fit."""

import os
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from tortoise.transactions import in_transaction

from server.cases.door.hindrances import allowed_verbs
from server.cases.models.case import Case
from server.cases.rules import flow
from server.cases.rules.flow import Stage, Verb
from server.errors import Problem
from server.permissions import Permission
from tests.domain.life.play import ANYBODY, Play
from tests.domain.life.stage import SEED, opened
from tests.domain.life.words import WORDS

#: What is asked of a case besides is no matter of how it stands: the words, the list, a person.
OF_WORDS = {400, 422, 503}
GRANTED = {verb for verb in Verb if f"case.{verb}" in set(Permission)} - flow.TASK_VERBS


def test_every_verb_that_is_done_to_a_case_is_tried():
    indirect = {move.verb for move in flow.FLOW if move.indirect}
    direct = {move.verb for move in flow.FLOW if not (move.indirect or move.part)}
    assert WORDS.keys() == (GRANTED & direct) - {Verb.REPORT}
    assert indirect - direct == {Verb.ASK, Verb.CHECK}


class UndoneError(Exception):
    """Takes back whatever was tried."""


async def tried(attempts) -> Problem | None:
    """Try one after the other until one succeeds, and take it back; what refused the last."""
    refused = None
    for attempt in attempts:
        try:
            async with in_transaction():
                await attempt()
                raise UndoneError
        except UndoneError:
            return None
        except Problem as problem:
            # Of several words the refusal that is about words says least.
            if refused is None or refused.status in OF_WORDS:
                refused = problem
    return refused


async def compare(life: Play, case: Case, rng: Random, seen: Counter) -> None:
    """Assert for some people that what they may do to a case is what succeeds."""
    for name in rng.sample(ANYBODY, 6):
        by = replace(await life.work.actor(name), on_shift=rng.random() < 0.7)
        case = await Case.get(id=case.id)
        given = {"at": life.at, "basis": life.work.basis}
        allowed = await allowed_verbs(by, case, **given)
        for verb in flow.possible(Stage(case.stage)):
            if verb not in WORDS:
                assert verb not in allowed
                continue
            told = f"{life.where(verb, case, None)}, {case.stage}, {name}"
            words = WORDS[verb](life, case, by, rng)
            refused = await tried([each async for each in words])
            if verb in allowed:
                assert refused is None or refused.status in OF_WORDS, (told, refused)
                seen[verb, refused is None] += 1
            else:
                assert refused is not None, told


async def compared(county, seed: int, n_batches: int) -> Counter:
    """Let chance act for a while, and compare now and then."""
    life, rng = await opened(county, seed), Random(seed)
    seen = Counter()
    for n in range(n_batches):
        await life.batch()
        if n % 4 == 3:
            await life.until_nothing_is_due()
            for case in rng.sample(life.on_stage(), 3):
                await compare(life, case, rng, seen)
    return seen


async def test_what_somebody_may_do_is_what_succeeds(county):
    await compared(county, int(os.environ.get(SEED, 5)), 10)


@pytest.mark.slow
async def test_through_a_long_life_what_somebody_may_do_is_what_succeeds(county):
    seen = await compared(county, int(os.environ.get(SEED, 6)), 60)
    # How many by this seed shifts with every rule; half of them would be too few.
    assert len({verb for verb, done in seen if done}) >= 12, seen
