"""Guesses at passwords are slowed, and nobody is kept out by them who signed in before."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from itertools import islice

import pytest

from server.errors import TooManyTries, WrongPassword
from server.people.models import Throttle
from server.people.sign_in import throttle
from server.people.sign_in.passwords import Passwords
from tests.domain.people.signing import NOON, PASSWORD, SECOND, made, signed_in

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def passwords() -> Passwords:
    return Passwords()


async def test_ten_failures_block_a_name_from_their_address_and_ever_longer(passwords):
    await made("li", password=PASSWORD)
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await signed_in(passwords, password="wrong horse")
    with pytest.raises(TooManyTries) as caught:
        await signed_in(passwords)
    assert caught.value.facts == {"retry_after": throttle.FIRST_BLOCK_SECONDS, "scope": "name"}
    later = NOON + timedelta(seconds=throttle.FIRST_BLOCK_SECONDS)
    for _ in range(2):  # what has faded meanwhile is tried again
        try:
            await signed_in(passwords, password="wrong horse", at=later)
        except WrongPassword:
            continue
        except TooManyTries:
            break
    with pytest.raises(TooManyTries) as caught:
        await signed_in(passwords, at=later)
    assert caught.value.facts["retry_after"] >= throttle.FIRST_BLOCK_SECONDS
    assert await signed_in(passwords, at=later + timedelta(seconds=120))
    with pytest.raises(WrongPassword):  # the success cleared the name
        await signed_in(passwords, password="wrong horse", at=later + timedelta(seconds=120))


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [10, 60])
async def test_nobody_keeps_a_colleague_out_from_elsewhere(passwords, at_once):
    await made("li", password=PASSWORD)
    await signed_in(passwords, address="198.51.100.1")
    for n in range(at_once):
        with suppress(WrongPassword, TooManyTries):
            await signed_in(passwords, password="wrong horse", address=f"192.0.2.{n % 20}")
    assert await signed_in(passwords, address="198.51.100.1")


@pytest.fixture
def held(monkeypatch) -> list[float]:
    """For how many seconds wrong passwords were held back, without waiting for it."""
    seconds = list[float]()

    async def hold(n: float) -> None:
        seconds.append(n)

    monkeypatch.setattr(throttle, "_hold", hold)
    return seconds


async def test_whoever_signed_in_here_before_is_let_in_while_others_guess_without_a_pause(
    passwords, held
):
    await made("li", password=PASSWORD)
    await signed_in(passwords)
    for second in range(120):  # by somebody behind the same address
        at = NOON + second * SECOND
        with pytest.raises(WrongPassword):
            await signed_in(passwords, password="wrong horse", at=at)
        if second % 20 == 19:
            assert await signed_in(passwords, at=at)
    assert len(held) == 60  # each success forgives, and ten more are free


async def test_wrong_passwords_wait_ever_longer_and_only_so_many_at_once(
    passwords, monkeypatch, held
):
    await made("li", password=PASSWORD)
    await signed_in(passwords)
    for _ in range(20):
        with pytest.raises(WrongPassword):
            await signed_in(passwords, password="wrong horse")
    assert held == [1, 2, 3, 4, *[throttle.LONGEST_HOLD_SECONDS] * 6]
    answer = asyncio.Event()
    monkeypatch.setattr(throttle, "_hold", lambda _: answer.wait())

    async def guessed(n: int) -> type[BaseException]:
        with pytest.raises((WrongPassword, TooManyTries)) as caught:
            await signed_in(passwords, password=f"wrong horse {n}")
        return caught.type

    guesses = [asyncio.create_task(guessed(n)) for n in range(40)]
    n_refused = 40 - throttle.MOST_HELD
    first = [await each for each in islice(asyncio.as_completed(guesses), n_refused)]
    assert set(first) == {TooManyTries}
    answer.set()
    assert (await asyncio.gather(*guesses)).count(WrongPassword) == throttle.MOST_HELD
    assert await signed_in(passwords)


async def test_an_address_is_known_for_three_months(passwords):
    await made("li", password=PASSWORD)
    await signed_in(passwords)
    for days, known in ((89, True), (89 + 91, False)):
        at = NOON + timedelta(days=days)
        for n in range(60):
            keys = throttle.keys_of(f"name{n}", "192.0.2.1")
            with suppress(TooManyTries):
                await throttle.count_try(keys, at=at, allowed=10)
        if known:
            assert await signed_in(passwords, at=at)
        else:
            with pytest.raises(TooManyTries) as caught:
                await signed_in(passwords, at=at)
            assert caught.value.facts["scope"] == "address"


async def test_an_unknown_name_is_blocked_like_a_known_one(passwords):
    for _ in range(10):
        with pytest.raises(WrongPassword):
            await signed_in(passwords, username="nobody")
    with pytest.raises(TooManyTries):
        await signed_in(passwords, username="nobody")


async def test_guesses_sent_all_at_once_are_counted_too(passwords):
    await made("li", password=PASSWORD)
    tries = (signed_in(passwords, password=f"wrong horse {n}") for n in range(14))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(outcome, WrongPassword) for outcome in outcomes) == 10
    assert sum(isinstance(outcome, TooManyTries) for outcome in outcomes) == 4


async def test_an_address_that_tries_many_names_is_blocked():
    for n in range(50):
        keys = throttle.keys_of(f"name{n}", "192.0.2.7")
        await throttle.count_try(keys, at=NOON, allowed=10)
    keys = throttle.keys_of("another", "192.0.2.7")
    with pytest.raises(TooManyTries):
        await throttle.count_try(keys, at=NOON, allowed=10)
    elsewhere = throttle.keys_of("another", "192.0.2.8")
    await throttle.count_try(elsewhere, at=NOON, allowed=10)


@pytest.mark.parametrize("at_once", [False, True])
async def test_one_person_who_mistypes_on_and_on_never_shuts_out_the_office(at_once):
    keys = throttle.keys_of("li", "192.0.2.7")
    tries = [throttle.count_try(keys, at=NOON, allowed=10) for _ in range(70)]
    if at_once:
        refused = await asyncio.gather(*tries, return_exceptions=True)
    else:
        refused = [await asyncio.gather(each, return_exceptions=True) for each in tries]
    assert len(refused) == 70
    colleague = throttle.keys_of("wang", "192.0.2.7")
    await throttle.count_try(colleague, at=NOON, allowed=10)
    counted = await Throttle.get(key=keys.address)
    assert counted.n_failures == 11


async def test_a_name_that_is_tried_from_everywhere_shuts_out_no_office_where_it_is_tried():
    for n in range(50):
        await throttle.count_try(throttle.keys_of("li", f"192.0.2.{n}"), at=NOON, allowed=10)
    keys = throttle.keys_of("li", "198.51.100.1")
    for _ in range(70):
        with pytest.raises(TooManyTries) as caught:
            await throttle.count_try(keys, at=NOON, allowed=10)
        assert caught.value.facts["scope"] == "name"
    colleague = throttle.keys_of("wang", "198.51.100.1")
    await throttle.count_try(colleague, at=NOON, allowed=10)


async def test_an_address_that_is_shut_out_shuts_out_no_name_elsewhere():
    for n in range(50):
        await throttle.count_try(throttle.keys_of(f"n{n}", "192.0.2.7"), at=NOON, allowed=10)
    for _ in range(70):
        with pytest.raises(TooManyTries):
            await throttle.count_try(throttle.keys_of("li", "192.0.2.7"), at=NOON, allowed=10)
    elsewhere = throttle.keys_of("li", "198.51.100.1")
    await throttle.count_try(elsewhere, at=NOON, allowed=10)
    assert await Throttle.filter(key=elsewhere.name, n_failures=1).exists()


async def test_an_office_behind_one_address_signs_in_as_often_as_it_likes():
    for n in range(70):
        keys = throttle.keys_of(f"name{n}", "192.0.2.7")
        await throttle.count_try(keys, at=NOON, allowed=10)
        await throttle.forgive(keys, at=NOON, allowed=10)


@pytest.mark.slow
async def test_an_office_that_mistypes_every_ten_minutes_is_never_shut_out():
    for n in range(7 * 24 * 6):
        keys = throttle.keys_of(f"name{n % 112}", "192.0.2.7")
        await throttle.count_try(keys, at=NOON + n * throttle.FADING, allowed=10)


async def test_failures_fade_one_in_ten_minutes():
    keys = throttle.keys_of("li", "192.0.2.7")
    for _ in range(9):
        await throttle.count_try(keys, at=NOON, allowed=10)
    later = NOON + timedelta(minutes=91)
    for _ in range(9):
        await throttle.count_try(keys, at=later, allowed=10)
