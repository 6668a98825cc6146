"""Processes are killed outright under load: what was acknowledged stays, once, as it was sent."""

import sys
from collections.abc import Callable, Iterator

import pytest

from gridwhistle.services import redis as private_redis
from server import db as database
from server.clock import now
from tests.faults.conftest import DEMO
from tests.faults.harness import invariants
from tests.faults.harness.ledger import harm
from tests.faults.harness.load import KILL_EVERY_SECONDS, Ledgers, drained, fates_of, load
from tests.faults.harness.serving import SERVE, Site, serving

LOAD_SECONDS = 30.0
# A process takes seconds to start on a busy machine: with two, mostly none would be up.
N_PROCESSES = 4


@pytest.fixture
def say(capsys) -> Callable[[str], None]:
    """Writes a line that is seen whether the test fails or not."""

    def write(words: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n  {words}")

    return write


@pytest.fixture
def site(durable_databases, service_folder) -> Iterator[Site]:
    """Server processes that each serve and work, on a county of this test alone."""
    url = durable_databases.clone(DEMO)
    valkey = private_redis.start(service_folder / "kill_redis")
    try:
        with serving(
            N_PROCESSES,
            database_url=url,
            redis_url=valkey.url,
            folder=service_folder / "kill",
            command=(*SERVE, "--shared-port"),  # as a process that is put up again: no migration
            poll_seconds=1,
        ) as started:
            yield started
    finally:
        valkey.stop()
        durable_databases.drop(url)


@pytest.mark.slow  # half a minute of load; test_delivery.py kills workers in the default run
async def test_killing_a_process_every_two_seconds_loses_doubles_and_damages_nothing(site, say):
    seed = int(f"{now():%H%M%S}")
    say(f"seed {seed}")
    ledgers = Ledgers()
    await site.ready()
    async with database.opened(site.database_url):
        phones, n_kills = await load(site, seed, ledgers, seconds=LOAD_SECONDS)
        await site.ready()
        await drained()
        fates = await fates_of(site, ledgers)
        say(f"{n_kills} kills, {sum(who.n_retries for who in phones)} retries")
        for what, fate in fates.items():
            say(f"{what}: { ({name: len(keys) for name, keys in fate.items()}) }")
        assert {what: harm(fate) for what, fate in fates.items() if harm(fate)} == {}
        assert await invariants.broken() == {}
        assert await invariants.misdelivered() == {}
    assert [refusal for who in phones for refusal in who.refusals] == []
    assert n_kills >= LOAD_SECONDS / KILL_EVERY_SECONDS - 2
    assert len(fates["reports"]["ok"]) > 30, "too little load to say anything"
    assert fates["acceptances"]["ok"]
    assert site.tracebacks() == []
    assert site.left_over() == []
