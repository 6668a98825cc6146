"""How long the outbox waits between attempts."""

from datetime import timedelta

from server.outbox.relay import wait_after


def test_ten_attempts_span_three_days_and_luck_only_adds():
    shortest = [wait_after(n, luck=0.0) for n in range(1, 10)]
    longest = [wait_after(n, luck=0.999) for n in range(1, 10)]
    assert sum(shortest, timedelta()) >= timedelta(hours=75)
    assert all(a < b <= a * 1.2 for a, b in zip(shortest, longest, strict=True))
    assert wait_after(10, luck=0.5) is None
