"""What a photo costs: the look before the answer, the sealed original, the pictures after it.

    python bench/photos.py [FOLDER]        default: a temporary folder; the disk matters

Each figure is the median of the rounds; the naive way beside ours decodes in full with Pillow.
"""

import asyncio
import hashlib
import statistics
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # before this folder, which has a geo.py

from PIL import Image, ImageOps

from media.derive import Decoder, derive
from media.inspect import inspect
from media.paths import original_key
from media.sample import jpeg
from media.store import Store
from media.watermark import watermark

ROUNDS = 7
N_PUTS = 400
AT_ONCE = 64
TAKEN, PLACE = "2026:05:01 10:11:12", (119.9, 30.9)
LINES = ("2026-05-01 10:11", "榴城区东风街道 第三网格", "编号 20260501-0001")


def ms(work):
    """Median milliseconds of one call."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


async def apart_ms(data):
    """The same in a process of its own, the first of which is started before."""
    times = []
    with Decoder() as decoder:
        await decoder.derive(data)
        for _ in range(ROUNDS):
            started = time.perf_counter()
            await decoder.derive(data)
            times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times)


def naive(data):
    """Decode in full, turn, scale twice: what most programs do."""
    with Image.open(BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image)
        for side in (1600, 320):
            small = upright.copy()
            small.thumbnail((side, side))
            small.save(BytesIO(), "JPEG", quality=80)


async def puts_per_second(folder, n_bytes):
    """Durable puts of different photos, AT_ONCE in flight."""
    chance = jpeg(1600, 1200, approx_bytes=n_bytes)
    photos = [chance + i.to_bytes(4, "big") for i in range(N_PUTS)]
    keys = [original_key(hashlib.sha256(photo).hexdigest()) for photo in photos]
    store = Store.local(folder)
    gate = asyncio.Semaphore(AT_ONCE)

    async def put(key, photo):
        async with gate:
            await store.put(key, photo)

    started = time.perf_counter()
    await asyncio.gather(*(put(*pair) for pair in zip(keys, photos, strict=True)))
    spent = time.perf_counter() - started
    store.close()
    return N_PUTS / spent


def main(folder):
    for name, width, height, n_bytes in (
        ("phone, 300 kB", 1600, 1200, 300_000),
        ("12 MP, 3.4 MB", 4000, 3000, 3_400_000),
    ):
        data = jpeg(width, height, taken_local=TAKEN, position=PLACE, approx_bytes=n_bytes)
        display = derive(data).display
        figures = {
            "inspect": ms(lambda data=data: inspect(data)),
            "derive": ms(lambda data=data: derive(data)),
            "derive apart": asyncio.run(apart_ms(data)),
            "naive derive": ms(lambda data=data: naive(data)),
            "watermark": ms(lambda display=display: watermark(display, LINES)),
        }
        for what, figure in figures.items():
            print(f"{name:16} {what:20} {figure:8.2f} ms")
    print(
        f"durable puts of 300 kB: {asyncio.run(puts_per_second(folder / 'store', 300_000)):.0f}/s"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as made:
        main(Path(made))
