"""Make a photo's display picture and thumbnail, in this process or in a guarded child."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

from media.flags import Flag
from media.limits import Limits
from media.render import Derived, render

_TIMEOUT_S = 20.0
_STOPPED = (Flag.UNREADABLE, Flag.TIMED_OUT)
_ROOT = Path(__file__).resolve().parent.parent


def derive(source: bytes | Path, limits: Limits | None = None) -> Derived:
    """Both pictures, made in this process; for photos that are trusted, such as samples.

    Raises MediaError, `photo.unreadable` among others.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    return render(data, limits or Limits())


def derive_in_child(
    path: Path,
    out_display: Path,
    out_thumbnail: Path,
    timeout_s: float = _TIMEOUT_S,
    *,
    limits: Limits | None = None,
) -> tuple[Flag, ...]:
    """Write both pictures, made in a process with 1 GiB of memory and 10 s of CPU.

    Returns findings; with `unreadable` among them nothing is written, otherwise both files
    appear whole. Raises OSError for what is no fault of the photo and worth another try: the
    source cannot be read, the pictures cannot be written, no process can be started.
    """
    job = _Job(path, out_display, out_thumbnail, limits or Limits())
    try:
        done = subprocess.run(
            job.command, env=job.env, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=timeout_s, check=False,
        )  # fmt: skip
        return job.finish(done.returncode, done.stdout)
    except subprocess.TimeoutExpired:
        return _STOPPED
    finally:
        job.clean()


async def derive_async(
    path: Path,
    out_display: Path,
    out_thumbnail: Path,
    timeout_s: float = _TIMEOUT_S,
    *,
    limits: Limits | None = None,
) -> tuple[Flag, ...]:
    """`derive_in_child` for who must not wait; cancelling it stops the child."""
    job = _Job(path, out_display, out_thumbnail, limits or Limits())
    # Not the loop's way to start processes: uvloop copies the page tables of a big server, which
    # holds everybody up for some 30 ms; this one borrows them for less than 2.
    child = subprocess.Popen(  # noqa: ASYNC220
        job.command, env=job.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with asyncio.timeout(timeout_s):
            out, _ = await asyncio.to_thread(child.communicate)
        return job.finish(child.returncode, out)
    except TimeoutError:
        return _STOPPED
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        job.clean()


class _Job:
    """One child's command, and its two files until they are whole."""

    def __init__(self, path: Path, out_display: Path, out_thumbnail: Path, limits: Limits) -> None:
        mark = uuid4().hex
        self._outs = (out_display, out_thumbnail)
        self._parts = tuple(out.with_name(f".{out.name}.{mark}") for out in self._outs)
        module = ("-s", "-P", "-m", "media.derive_child")
        files = (str(file) for file in (path, *self._parts))
        sizes = (limits.max_bytes, limits.max_pixels, limits.max_jpeg_pixels)
        bounds = (str(size) for size in sizes)
        self.command = (sys.executable, *module, *files, *bounds)
        # Nothing of our environment, secrets least of all, goes to a decoder.
        self.env = {"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8"}

    def finish(self, code: int | None, out: bytes) -> tuple[Flag, ...]:
        if code == os.EX_IOERR:
            raise OSError(errno.EIO, "a photo could not be read or its pictures not written")
        names = out.decode("ascii", "replace").split()
        flags = tuple(Flag(name) for name in names if name in set(Flag))
        if code != 0 or Flag.UNREADABLE in flags:
            failed = _STOPPED if code == -signal.SIGXCPU else (Flag.UNREADABLE,)
            return tuple(dict.fromkeys((*flags, *failed)))
        for part, whole in zip(self._parts, self._outs, strict=True):
            part.replace(whole)
        return flags

    def clean(self) -> None:
        for part in self._parts:
            part.unlink(missing_ok=True)
