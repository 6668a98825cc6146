"""Questions answered in forks of a process that has its code loaded, each within hard limits.

Loading what is asked is nine tenths of most answers, so a process is kept that has done it, holds
nothing of ours, and forks for every question. It ends when nobody asked for a while.
"""

import atexit
import gc
import os
import resource
import select
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, NoReturn

#: So long a process that waits for the next question keeps its memory.
_IDLE_S: Final = 30.0
#: What is sent begins with a few numbers in so many bytes.
_HEAD: Final = 64
_IDLE: Final = defaultdict[str, list[subprocess.Popen[bytes]]](list)

#: What a process does with a question and its data, in a fork.
Answer = Callable[[bytes, bytes], bytes]


def ask(module: str, question: bytes, data: bytes = b"", *, seconds: float) -> bytes | None:
    """What `module`, which calls `serve`, answers; None when it fails or takes too long.

    `data` is what the question is about, copied as seldom as can be. `seconds` bound the clock,
    and rounded the processor's time.
    """
    while True:
        kept = bool(_IDLE[module])
        process = _IDLE[module].pop() if kept else _started(module)
        gone = threading.Event()
        timer = threading.Timer(seconds, _kill, (process, gone))
        timer.start()
        code, said = _exchange(process, question, data, max(1, round(seconds)))
        timer.cancel()
        if code is not None and not gone.is_set():
            _IDLE[module].append(process)
            return said if code == 0 else None
        if gone.is_set():
            return None
        _kill(process, gone)
        # One that was kept may have ended by itself as we turned to it: then another is asked.
        if not kept:
            return None


@atexit.register
def close() -> None:
    """End what waits for the next question."""
    for several in _IDLE.values():
        while several:
            _kill(several.pop(), threading.Event())


def serve(answer: Answer, *, memory: int) -> None:
    """Answer questions from standard input, each in a fork with so much memory, until idle."""
    gc.collect()
    gc.freeze()
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    while select.select([asked], [], [], _IDLE_S)[0]:
        head = asked.read(_HEAD).split()
        if len(head) != 3:
            return
        seconds, *sizes = (int(number) for number in head)
        code, said = _forked(answer, [asked.read(size) for size in sizes], seconds, memory)
        told.write(_head(code, len(said)) + said)
        told.flush()


def _head(*numbers: int) -> bytes:
    return " ".join(map(str, numbers)).encode().ljust(_HEAD)


def _started(module: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        (sys.executable, "-m", module),
        # Nothing of our environment, secrets least of all, goes to who reads others' files.
        env={
            "PYTHONPATH": ":".join(each for each in sys.path if each) or ".",
            "OPENBLAS_NUM_THREADS": "1",  # each thread would reserve memory, and no fork has them
        },
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        process_group=0,
    )  # fmt: skip


def _exchange(
    process: subprocess.Popen[bytes], question: bytes, data: bytes, seconds: int
) -> tuple[int | None, bytes]:
    """The exit code of the fork and what it said; no code when the process is gone."""
    asked, told = process.stdin, process.stdout
    assert asked and told  # noqa: S101, PT018 (both are pipes, as started above)
    try:
        asked.write(_head(seconds, len(question), len(data)))
        asked.write(question)
        asked.write(data)
        asked.flush()
        head = told.read(_HEAD).split()
        if len(head) != 2:
            return None, b""
        code, n_bytes = (int(number) for number in head)
        said = told.read(n_bytes)
    except BrokenPipeError:
        return None, b""
    return (code, said) if len(said) == n_bytes else (None, b"")


def _kill(process: subprocess.Popen[bytes], gone: threading.Event) -> None:
    gone.set()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            if pipe:
                pipe.close()


def _forked(
    answer: Answer, asked: Sequence[bytes], seconds: int, memory: int
) -> tuple[int, bytes]:
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(answer, asked, seconds, memory, theirs)
    os.close(theirs)
    with os.fdopen(ours, "rb") as heard:
        said = heard.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said


def _answer(
    answer: Answer, asked: Sequence[bytes], seconds: int, memory: int, theirs: int
) -> NoReturn:
    code = os.EX_SOFTWARE
    try:
        # Neither the questions nor the answers of others are a fork's business.
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        gc.disable()  # nothing here is worth looking for, and looking takes half of the time
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with os.fdopen(theirs, "wb") as out:
            out.write(answer(*asked))
        code = os.EX_OK
    finally:
        os._exit(code)
