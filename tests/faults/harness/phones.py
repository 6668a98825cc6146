"""Phones that send until they are answered, at whichever process answers."""

import asyncio
import hashlib
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp

from gridwhistle.demo.geography import landmarks
from media.sample import jpeg
from server.clock import now
from server.people.queries import account_id_of
from server.people.sign_in import sessions
from server.settings import Settings

BOUNDARY = "picture0a1b2c3d"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
JSON = "application/json"
WALL = landmarks()["load_bearing_wall"]
_N_PICTURES = 8
_PAUSE_SECONDS = 0.1
# What a cut connection, a refused one and a process that dies while answering look like.
CUT = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError, TimeoutError)


@dataclass(slots=True)
class Phone:
    """One person's phone; `luck` decides what goes wrong on its side."""

    http: aiohttp.ClientSession
    account: int
    token: str
    urls: Sequence[str]
    luck: random.Random
    n_retries: int = 0
    refusals: list[tuple[str, int, bytes]] = field(default_factory=list)

    async def send(
        self, path: str, body: bytes, content_type: str = JSON, *, at: int | None = None
    ) -> tuple[int, bytes]:
        """Post until somebody answers, first to the process `at`; every refusal is kept."""
        turn = self.luck.randrange(len(self.urls)) if at is None else at
        while True:
            url = self.urls[turn % len(self.urls)]
            try:
                status, answer = await self._once(f"{url}{path}", body, content_type)
            except CUT:
                self.n_retries += 1
                turn += 1
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            if status >= 300:
                self.refusals.append((path, status, answer))
            return status, answer

    async def find(self, path: str) -> bytes:
        """What somebody answers to a GET; must be 200."""
        while True:
            with suppress(*CUT):
                url = f"{self.luck.choice(self.urls)}{path}"
                async with self.http.get(url, headers=self._headers()) as answer:
                    assert answer.status == 200, (path, await answer.text())
                    return await answer.read()
            self.n_retries += 1
            await asyncio.sleep(_PAUSE_SECONDS)

    async def cut_off(self, path: str, body: bytes, content_type: str, *, share: float) -> None:
        """Send this share of the body to some process and drop the line, unanswered."""
        parts = urlsplit(self.luck.choice(self.urls))
        head = {"Host": parts.netloc, "Content-Type": content_type} | self._headers()
        head["Content-Length"] = str(len(body))
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
        with suppress(OSError):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                writer.write("\r\n".join([*lines, "", ""]).encode())
                writer.write(body[: round(len(body) * share)])
                await writer.drain()
                await asyncio.sleep(self.luck.uniform(0, 0.05))
            finally:
                writer.transport.abort()

    async def _once(self, url: str, body: bytes, content_type: str) -> tuple[int, bytes]:
        headers = self._headers() | {"Content-Type": content_type}
        async with self.http.post(url, data=body, headers=headers) as answer:
            return answer.status, await answer.read()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


async def phone(
    username: str, http: aiohttp.ClientSession, urls: Sequence[str], *, seed: int = 0
) -> Phone:
    """The phone of a person of the demo county, signed in; needs the ORM open."""
    account = await account_id_of(username)
    assert account is not None, username
    session = await sessions.open_session(
        account, face=sessions.Face.PHONE, at=now(), settings=Settings()
    )
    return Phone(http, account, session.token, urls, random.Random(f"{seed} {username}"))


def line() -> aiohttp.ClientSession:
    """A client session that gives up a silent server after a while."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=15), connector=aiohttp.TCPConnector(limit=0)
    )


@cache
def _pictures() -> tuple[bytes, ...]:
    return tuple(
        jpeg(640, 480, seed=n, approx_bytes=20_000 + 40_000 * n // (_N_PICTURES - 1))
        for n in range(_N_PICTURES)
    )


def picture(luck: random.Random) -> bytes:
    """A JPEG of 20 to 60 kB like no other: one of a few, with a comment of its own."""
    comment = luck.randbytes(16)
    whole = luck.choice(_pictures())
    return whole[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + whole[2:]


def upload(photo: bytes) -> bytes:
    """The body of an upload of the photo; of the type `MULTIPART`."""
    head = 'Content-Disposition: form-data; name="{}"'
    digest = hashlib.sha256(photo).hexdigest()
    parts = [
        f"--{BOUNDARY}\r\n{head.format('sha256')}\r\n\r\n{digest}\r\n".encode(),
        f'--{BOUNDARY}\r\n{head.format("photo")}; filename="p.jpg"\r\n'.encode(),
        b"Content-Type: image/jpeg\r\n\r\n" + photo,
        f"\r\n--{BOUNDARY}--\r\n".encode(),
    ]
    return b"".join(parts)


def report(
    key: UUID, *, text: str, photos: Sequence[str] = (), matter: str | None = None
) -> bytes:
    """The body of a report at the wall; with matter and photo it is dispatched at once."""
    body = {
        "key": str(key),
        "kind": "enforcement",
        "text": text,
        "matter": matter,
        "photos": list(photos),
        "position": {"lon": WALL[0], "lat": WALL[1], "datum": "wgs84", "accuracy": 8.0},
        "captured_at": now().isoformat(),
        "channel": "wechat",
    }
    return json.dumps(body).encode()
