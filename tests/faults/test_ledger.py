"""The ledger sees what it is there to see."""

import pytest

from tests.faults.harness.ledger import Kept, Ledger, Told, harm, misdelivered

A, B = "260302-1", "260302-2"


@pytest.fixture
def ledger():
    written = Ledger()
    for key in ("a", "b", "silent"):
        written.intend(key, f"hash of {key}")
    written.acknowledge("a", A, b"receipt")
    written.acknowledge("a", A, b"receipt")
    written.acknowledge("b", B, b"receipt")
    return written


def kept(*changed: Kept, without: str = "") -> list[Kept]:
    whole = [Kept("a", A, "hash of a"), Kept("b", B, "hash of b")]
    return [one for one in whole if one.key != without] + list(changed)


def test_what_was_answered_and_kept_as_sent_is_well(ledger):
    assert ledger.fates(kept()) == {"ok": ["a", "b"], "absent": ["silent"]}
    assert harm(ledger.fates(kept())) == {}


def test_what_was_kept_without_an_answer_is_recovered(ledger):
    fates = ledger.fates(kept(Kept("silent", "260302-3", "hash of silent")))
    assert fates == {"ok": ["a", "b"], "recovered": ["silent"]}
    assert harm(fates) == {}


@pytest.mark.parametrize(
    ("fate", "key", "found"),
    [
        ("lost", "a", kept(without="a")),
        ("doubled", "a", kept(Kept("a", "260302-9", "hash of a"))),
        ("doubled", "silent", kept(*[Kept("silent", n, "hash of silent") for n in "12"])),
        ("damaged", "b", kept(Kept("b", B, "hash of half of b"), without="b")),
        ("contradicted", "b", kept(Kept("b", A, "hash of b"), without="b")),
        ("unexpected", "x", kept(Kept("x", "260302-9", "hash of x"))),
    ],
)
def test_harm_is_seen_for_what_it_is(ledger, fate, key, found):
    assert harm(ledger.fates(found)) == {fate: [key]}


def test_two_answers_to_one_key_must_be_the_same_to_the_byte(ledger):
    ledger.acknowledge("a", A, b"receipt, otherwise written")
    assert harm(ledger.fates(kept())) == {"contradicted": ["a"]}


OWED = {(A, 1, "report"), (A, 3, "dispatch"), (B, 1, "report")}
INBOX = [Told(1, A, 1, "report"), Told(2, B, 1, "report"), Told(3, A, 3, "dispatch")]


def test_an_inbox_that_holds_what_is_owed_once_and_in_order_is_well():
    assert misdelivered(OWED, INBOX) == []


@pytest.mark.parametrize(
    ("inbox", "complaint"),
    [
        (INBOX[:2], "missing"),
        ([*INBOX, Told(4, A, 4, "accept")], "not owed"),
        ([*INBOX, Told(4, B, 1, "report")], "2 times"),
        ([*INBOX[:2], Told(4, A, 3, "dispatch")], "numbers with gaps"),
        ([Told(4 - told.seq, told.no, told.version, told.verb) for told in INBOX], "after"),
    ],
)
def test_an_inbox_with_something_wrong_is_complained_of(inbox, complaint):
    [wrong] = misdelivered(OWED, inbox)
    assert complaint in wrong
