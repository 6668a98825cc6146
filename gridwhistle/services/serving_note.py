"""Where the running server answers: a note in the data folder, locked while the server lives."""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_NAME: Final = "serving.json"


@contextmanager
def noting(folder: Path) -> Iterator[Callable[[str], None]]:
    """Hold a data folder's note, and hand out what writes the address into it.

    The first server of a folder has the note; what a second one writes is not kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _NAME).open("a+", encoding="utf-8") as note:
        try:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield lambda _: None
            return

        def write(url: str) -> None:
            note.truncate(0)
            note.write(json.dumps({"url": url}))
            note.flush()

        try:
            yield write
        finally:
            note.truncate(0)


def running_at(folder: Path) -> str | None:
    """Return the address of the folder's server, None where none runs any more.

    A server that was killed leaves its note behind, but not its lock.
    """
    try:
        with (folder / _NAME).open(encoding="utf-8") as note:
            try:
                fcntl.flock(note, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return str(json.load(note)["url"])
    except (OSError, ValueError, KeyError):
        pass
    return None
