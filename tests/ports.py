"""Ports for servers of the tests."""

import random
import socket


def free_port() -> int:
    """A free loopback port below the range from which clients are given theirs."""
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
