"""Where photos are decoded: `python -m media.derive_child`, fed by `media.derive.Decoder`.

It reads sizes and a photo from standard input, again and again, and forks for each; the child
makes both pictures within hard limits, and ends. The answer is the child's exit code, the number
of bytes that it said, and those: the size of the display picture, flags, and both pictures.
"""

import os

# Whoever waits for an answer goes first.
os.nice(10)

import gc  # noqa: E402
import resource  # noqa: E402
import signal  # noqa: E402
import sys  # noqa: E402
from typing import Final, NoReturn  # noqa: E402

from PIL import Image, WebPImagePlugin  # noqa: E402, F401

from media.errors import MediaError  # noqa: E402
from media.flags import Flag  # noqa: E402
from media.limits import Limits  # noqa: E402
from media.render import render  # noqa: E402

_N_MEMORY: Final = 2**30
_N_CPU_SECONDS: Final = 10
_N_SECONDS: Final = 60
_N_SAID: Final = 64 * 2**20


def main() -> None:
    """Answer until nobody asks any more."""
    Image.preinit()
    # What is here by now is shared by all children; none looks through it for garbage.
    gc.collect()
    gc.freeze()
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    while head := asked.readline():
        n_bytes, max_bytes, max_pixels, max_jpeg_pixels = (int(size) for size in head.split())
        limits = Limits(
            max_bytes=max_bytes, max_pixels=max_pixels, max_jpeg_pixels=max_jpeg_pixels
        )
        code, said = _apart(asked.read(n_bytes), limits)
        told.write(f"{code} {len(said)}\n".encode() + said)
        told.flush()


def _apart(data: bytes, limits: Limits) -> tuple[int, bytes]:
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _decode(data, limits, theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as heard:
        said = heard.read(_N_SAID)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said


def _decode(data: bytes, limits: Limits, theirs: int) -> NoReturn:
    """What the child does: it says both pictures, and is gone without tidying up."""
    code = os.EX_SOFTWARE
    try:
        _confine()
        Image.MAX_IMAGE_PIXELS = max(limits.max_pixels, limits.max_jpeg_pixels)
        with os.fdopen(theirs, "wb") as out:
            out.write(_said(data, limits))
        code = os.EX_OK
    finally:
        os._exit(code)


def _said(data: bytes, limits: Limits) -> bytes:
    try:
        made = render(data, limits)
    except MediaError as error:
        truncated = error.facts.get("reason") == "truncated"
        return " ".join(("0", Flag.UNREADABLE, *([Flag.TRUNCATED] if truncated else []))).encode()
    head = " ".join((str(len(made.display)), *made.flags))
    return head.encode() + b"\n" + made.display + made.thumbnail


def _confine() -> None:
    # Neither the questions nor the answers of others are a child's business.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    resource.setrlimit(resource.RLIMIT_AS, (_N_MEMORY, _N_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_N_CPU_SECONDS, _N_CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(_N_SECONDS)  # whoever waits may be gone


if __name__ == "__main__":
    main()
