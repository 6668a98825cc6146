"""The private Valkey or Redis: closed to strangers, and back at the same address."""

import os
import signal
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from gridwhistle.services import redis as private_redis

ONCE = Retry(NoBackoff(), 0)


def test_it_answers_at_the_same_url_after_it_was_killed(service_folder: Path):
    first = private_redis.start(service_folder / "redis-killed", password="known")
    os.kill(first.pid, signal.SIGKILL)
    first.stop()
    second = private_redis.start(
        service_folder / "redis-killed",
        port=first.port,
        password="known",
    )
    try:
        assert second.url == first.url
        with redis.Redis.from_url(second.url) as client:
            assert client.ping()
    finally:
        second.stop()


def test_without_the_password_nobody_is_let_in(redis_server: private_redis.Server):
    with (
        redis.Redis(host="127.0.0.1", port=redis_server.port, retry=ONCE) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()
