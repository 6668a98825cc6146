"""Make a photo's display picture and thumbnail, in this process or in a guarded child."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self, cast

from media.flags import Flag
from media.limits import Limits
from media.render import Derived, render

_TIMEOUT_S: Final = 20.0
#: So long a process that waits for the next photo keeps its memory.
_IDLE_S: Final = 30.0
_ROOT: Final = Path(__file__).resolve().parent.parent


def derive(source: bytes | Path, limits: Limits | None = None) -> Derived:
    """Both pictures, made in this process; for photos that are trusted, such as samples.

    Raises MediaError, `photo.unreadable` among others.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    return render(data, limits or Limits())


class Decoder:
    """Both pictures of photos that nobody trusts, each made in a process of its own.

    Starting an interpreter with its decoders is nine tenths of a photo's work, so one is kept
    that has them loaded, holds nothing of ours, and forks for every photo. It goes when nothing
    came for half a minute, and with `close`.
    """

    def __init__(self) -> None:
        self._idle: list[_Warm] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End what waits for the next photo."""
        while self._idle:
            self._idle.pop().stop()

    async def derive(
        self, data: bytes, limits: Limits | None = None, *, timeout_s: float = _TIMEOUT_S
    ) -> Derived:
        """Both pictures, made with at most 1 GiB of memory and 10 s of CPU.

        They are empty where `unreadable` is among the flags. Raises OSError for what is no fault
        of the photo and worth another try: no process can be started, or it was killed.
        """
        warm = self._idle.pop() if self._idle else _Warm()
        try:
            async with asyncio.timeout(timeout_s):
                code, said = await asyncio.to_thread(warm.ask, data, limits or Limits())
        except TimeoutError:
            warm.stop()
            return _undecoded(Flag.TIMED_OUT)
        except BaseException:
            warm.stop()
            raise
        warm.rest(self._idle)
        if code == -signal.SIGXCPU:
            return _undecoded(Flag.TIMED_OUT)
        return _read(said) if code == 0 else _undecoded()


def _undecoded(*flags: Flag) -> Derived:
    return Derived(b"", b"", tuple(dict.fromkeys((Flag.UNREADABLE, *flags))))


def _read(said: bytes) -> Derived:
    """What a child made, of whom nothing is taken on trust."""
    head, _, pictures = said.partition(b"\n")
    n_display, *names = head.decode("ascii", "replace").split() or ["0"]
    flags = tuple(flag for flag in Flag if flag in names)
    if Flag.UNREADABLE in flags or not n_display.isdecimal():
        return _undecoded(*flags)
    cut = int(n_display)
    return Derived(pictures[:cut], pictures[cut:], flags)


class _Warm:
    """A process that has the decoders loaded; it decodes one photo at a time."""

    def __init__(self) -> None:
        # Not the loop's way to start processes: uvloop copies the page tables of a big server,
        # which holds everybody up for some 30 ms; this one borrows them for less than 2.
        self._process = subprocess.Popen(
            (sys.executable, "-s", "-P", "-m", "media.derive_child"),
            # Nothing of our environment, secrets least of all, goes to a decoder.
            env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            # A group of its own, which a signal to the server's does not reach; no session of its
            # own: where the kernel weighs sessions against each other, `nice` counts only within.
            process_group=0,
        )  # fmt: skip
        self._asked = cast("IO[bytes]", self._process.stdin)
        self._told = cast("IO[bytes]", self._process.stdout)
        self._until: asyncio.TimerHandle | None = None

    def ask(self, data: bytes, limits: Limits) -> tuple[int, bytes]:
        """The child's exit code and what it said. Raises OSError when the process is gone."""
        if self._until is not None:
            self._until.cancel()
        asked, told = self._asked, self._told
        sizes = (len(data), limits.max_bytes, limits.max_pixels, limits.max_jpeg_pixels)
        asked.write(" ".join(str(size) for size in sizes).encode() + b"\n")
        asked.write(data)
        asked.flush()
        head = told.readline().split()
        if len(head) != 2:
            raise ProcessLookupError("the process that decodes photos is gone")
        code, n_bytes = (int(number) for number in head)
        return code, told.read(n_bytes)

    def rest(self, idle: list[Self]) -> None:
        """Wait among the idle, but not for ever."""

        def leave() -> None:
            if self in idle:
                idle.remove(self)
                self.stop()

        idle.append(self)
        self._until = asyncio.get_running_loop().call_later(_IDLE_S, leave)

    def stop(self) -> None:
        """End it, and the child that it waits for."""
        if self._until is not None:
            self._until.cancel()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._asked, self._told):
            with suppress(BrokenPipeError):
                pipe.close()
