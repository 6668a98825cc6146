"""The child process: `python -m media.derive_child SOURCE DISPLAY THUMBNAIL`, flags on stdout."""

import resource
import sys
from pathlib import Path

from PIL import Image

from media.errors import MediaError
from media.flags import Flag
from media.limits import Limits
from media.render import render

_N_MEMORY = 2**30
_N_CPU_SECONDS = 10
_N_FILE_BYTES = 64 * 2**20


def main(source: str, display: str, thumbnail: str) -> int:
    """Make both pictures within hard limits; the exit code is 0 whenever flags were told."""
    _confine()
    limits = Limits()
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    try:
        derived = render(Path(source).read_bytes(), limits)
    except MediaError as error:
        _tell(Flag.UNREADABLE, *_reason(error))
        return 0
    Path(display).write_bytes(derived.display)
    Path(thumbnail).write_bytes(derived.thumbnail)
    _tell(*derived.flags)
    return 0


def _tell(*flags: Flag) -> None:
    sys.stdout.write(" ".join(flags))


def _reason(error: MediaError) -> list[Flag]:
    return [Flag.TRUNCATED] if error.facts.get("reason") == "truncated" else []


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_N_MEMORY, _N_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_N_CPU_SECONDS, _N_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_N_FILE_BYTES, _N_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
