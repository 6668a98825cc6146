"""Put bytes into a folder so that a power cut after the answer cannot take them back."""

import errno
import os
import shutil
import time
from pathlib import Path
from uuid import uuid4

from media.errors import MediaError

PARTS = ".parts"
"""Where files lie until they are whole; on the same file system as the rest."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_STALE_S = 24 * 3600.0


def write_file(
    root: Path, key: str, source: bytes | Path, *, durable: bool, named: set[Path]
) -> None:
    """The file `root/key`, whole or not at all; with `durable`, synced with its folders.

    `named` are the folders whose own names are known to be on the disk: each needs that once,
    and is added. A file with the same bytes is left alone, and only synced. Raises MediaError
    `store.full` or `store.unavailable`; FileNotFoundError if the source is none.
    """
    target = root / key
    try:
        folders = _folders(root, target.parent, named)
        if not _same(target, source):
            part = root / PARTS / uuid4().hex
            try:
                _fill(part, source, durable=durable)
                part.replace(target)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        elif durable:
            _sync(target)
        if durable:
            _sync_names(folders, named)
    except OSError as error:
        if isinstance(source, Path) and error.filename == str(source):
            raise
        if error.errno in _FULL:
            raise MediaError("store.full") from error
        raise MediaError("store.unavailable", {"reason": type(error).__name__}) from error


def check_free(root: Path, min_free_ratio: float) -> None:
    """Raise MediaError `store.full` when less than this share of the file system is free."""
    if min_free_ratio <= 0:
        return
    room = os.statvfs(root)
    if room.f_bavail < room.f_blocks * min_free_ratio:
        raise MediaError("store.full")


def sweep(root: Path) -> int:
    """Remove what a crash left half written more than a day ago; the number of files."""
    n_removed = 0
    for part in (root / PARTS).iterdir():
        try:
            if part.stat().st_mtime < time.time() - _STALE_S:
                part.unlink()
                n_removed += 1
        except FileNotFoundError:  # another process finished or swept it
            continue
    return n_removed


def _folders(root: Path, leaf: Path, named: set[Path]) -> list[Path]:
    """The target's folders, innermost first, made if need be, up to and with the root."""
    folders = [leaf]
    while folders[-1] != root:
        folders.append(folders[-1].parent)
    if not leaf.is_dir():
        named.difference_update([folder for folder in folders if not folder.is_dir()])
        leaf.mkdir(parents=True, exist_ok=True)
    return folders


def _sync_names(folders: list[Path], named: set[Path]) -> None:
    for folder in folders:
        _sync(folder)
        if folder in named:
            break
    named.update(folders)


def _same(target: Path, source: bytes | Path) -> bool:
    try:
        with target.open("rb") as kept:
            n_kept = os.fstat(kept.fileno()).st_size
            if isinstance(source, bytes):
                return n_kept == len(source) and kept.read() == source
            return n_kept == source.stat().st_size and kept.read() == source.read_bytes()
    except FileNotFoundError:
        return False


def _fill(part: Path, source: bytes | Path, *, durable: bool) -> None:
    with part.open("xb") as out:
        if isinstance(source, bytes):
            out.write(source)
        else:
            with source.open("rb") as given:
                shutil.copyfileobj(given, out, 2**20)
        out.flush()
        if durable:
            os.fsync(out.fileno())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
