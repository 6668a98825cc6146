"""Many phones that report, and a hand that kills; everything promised is in the ledgers."""

import asyncio
import hashlib
import json
import random
import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from uuid import UUID

from tests.faults.harness import invariants
from tests.faults.harness.ledger import Fate, Kept, Ledger
from tests.faults.harness.phones import (
    JSON,
    MULTIPART,
    Phone,
    line,
    phone,
    picture,
    report,
    upload,
)
from tests.faults.harness.serving import Site

KILL_EVERY_SECONDS = 2.0
# What the phones may take to get their last answers, and the worker to deliver everything.
DRAIN_SECONDS = 30.0
REPORTERS = [f"grid{township:02d}{n:02d}" for township in (1, 2, 3) for n in (1, 2, 3)]
RESIDENTS = ["resident1", "resident2", "resident3"]
HANDLER = "handler_D02"


@dataclass(slots=True)
class Ledgers:
    """What was promised: photos by owner and hash, reports by owner and key, acts by task."""

    photos: Ledger = field(default_factory=Ledger)
    reports: Ledger = field(default_factory=Ledger)
    accepted: Ledger = field(default_factory=Ledger)


async def send_photo(who: Phone, ledgers: Ledgers) -> tuple[str, str]:
    """The id and the hash of a new photo, whose upload may break off the first time."""
    photo = picture(who.luck)
    sha256 = hashlib.sha256(photo).hexdigest()
    key = (who.account, sha256)
    ledgers.photos.intend(key, sha256)
    body = upload(photo)
    if who.luck.random() < 0.05:
        await who.cut_off("/m/v1/photos", body, MULTIPART, share=who.luck.random())
    _, answer = await who.send("/m/v1/photos", body, MULTIPART)
    photo_id = json.loads(answer)["id"]
    ledgers.photos.acknowledge(key, photo_id)
    return photo_id, sha256


async def send_report(who: Phone, ledgers: Ledgers, n: int, *, certain: bool) -> None:
    """One report: sent once, tapped twice, broken off first, or sent and not waited for."""
    photo_id, sha256 = await send_photo(who, ledgers)
    no = UUID(int=who.luck.getrandbits(128), version=4)
    key = (who.account, no)
    matter = "CJ-002" if certain else None
    body = report(no, text=f"report {n}", photos=[photo_id], matter=matter)
    ledgers.reports.intend(key, sha256)
    chance = who.luck.random()
    if chance < 0.03:
        return await who.cut_off("/m/v1/reports", body, JSON, share=1)
    if chance < 0.08:
        await who.cut_off("/m/v1/reports", body, JSON, share=who.luck.uniform(0.1, 1))
    first = who.luck.randrange(len(who.urls))
    taps = range(first, first + (2 if who.luck.random() < 0.05 else 1))
    for _, answer in await asyncio.gather(
        *(who.send("/m/v1/reports", body, at=at) for at in taps)
    ):
        ledgers.reports.acknowledge(key, json.loads(answer)["no"], answer)
    return None


async def keep_reporting(who: Phone, ledgers: Ledgers, until: float, *, certain: bool) -> None:
    n = 0
    while time.monotonic() < until:
        n += 1
        await send_report(who, ledgers, n, certain=certain)
        await asyncio.sleep(who.luck.uniform(0, 0.05))


async def keep_accepting(who: Phone, ledgers: Ledgers, until: float) -> None:
    """Accept what is dispatched to one's unit; a repeated acceptance is refused by its stage."""
    while time.monotonic() < until:
        page = json.loads(await who.find("/m/v1/tasks?stage=pending&limit=20"))
        for task in page["items"]:
            ledgers.accepted.intend(task["id"], "accepted")
            retries, refused = who.n_retries, len(who.refusals)
            status, _ = await who.send(f"/m/v1/tasks/{task['id']}/accept", b"{}")
            if status == 409 and who.n_retries > retries:
                del who.refusals[refused:]  # an earlier try was taken, its answer was lost
            elif status == 200:
                ledgers.accepted.acknowledge(task["id"], "accepted")
        await asyncio.sleep(0.2)


async def keep_killing(site: Site, luck: random.Random, until: float) -> int:
    """Kill a random process, one that serves if any does, and start it again at once."""
    n_kills = 0
    due = time.monotonic()
    while (due := due + KILL_EVERY_SECONDS) < until:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        up = [process for process in site.processes if await process.listens()]
        victim = luck.choice(up or site.processes)
        victim.kill()
        victim.start()
        n_kills += 1
    return n_kills


async def load(
    site: Site, seed: int, ledgers: Ledgers, *, seconds: float
) -> tuple[list[Phone], int]:
    """Report and accept while processes are killed; the phones, and how often one was killed."""
    until = time.monotonic() + seconds
    async with line() as http:
        names = [*REPORTERS, *RESIDENTS, HANDLER]
        phones = [await phone(name, http, site.urls, seed=seed) for name in names]
        *reporters, handler = phones
        async with asyncio.timeout(seconds + DRAIN_SECONDS), asyncio.TaskGroup() as group:
            killing = group.create_task(keep_killing(site, random.Random(seed), until))
            group.create_task(keep_accepting(handler, ledgers, until))
            for n, who in enumerate(reporters):
                certain = n < len(REPORTERS)
                group.create_task(keep_reporting(who, ledgers, until, certain=certain))
    return phones, killing.result()


async def drained() -> None:
    """Wait until nothing is owed to an inbox any more."""
    until = time.monotonic() + DRAIN_SECONDS
    while left := await invariants.rows(
        "SELECT receiver, stream, attempts, due_at, last_error FROM outbox_delivery"
        " WHERE receiver = 'inbox' ORDER BY id LIMIT 5"
    ):
        assert time.monotonic() < until, left
        await asyncio.sleep(0.1)


async def kept_reports(photos: dict[UUID, tuple[int, str, str]]) -> list[Kept]:
    """Every case with its report's key, and its photos by the hashes of their bytes."""
    found = await invariants.rows(
        "SELECT r.reporter_id, r.key, c.no, a.photo_id FROM case_file c"
        " JOIN report r ON r.case_id = c.id LEFT JOIN case_attachment a ON a.case_id = c.id"
    )
    return [
        Kept((row["reporter_id"], row["key"]), row["no"], photos[row["photo_id"]][2])
        if row["photo_id"] in photos
        else Kept((row["reporter_id"], row["key"]), row["no"], "no photo")
        for row in found
    ]


async def kept_acceptances() -> list[Kept]:
    found = await invariants.rows(
        "SELECT s.task_id, t.stage FROM case_step s JOIN case_task t ON t.id = s.task_id"
        " WHERE s.verb = 'accept'"
    )
    return [Kept(str(row["task_id"]), "accepted", row["stage"]) for row in found]


async def fates_of(site: Site, ledgers: Ledgers) -> dict[str, dict[Fate, list[Hashable]]]:
    """What became of everything that was sent, by what is found now."""
    photos = await invariants.kept_photos(site.data_folder)
    return {
        "photos": ledgers.photos.fates(
            Kept((owner, written), str(photo), found)
            for photo, (owner, written, found) in photos.items()
        ),
        "reports": ledgers.reports.fates(await kept_reports(photos)),
        "acceptances": ledgers.accepted.fates(await kept_acceptances()),
    }
