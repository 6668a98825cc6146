"""The child process: `python -m media.derive_child SOURCE DISPLAY THUMBNAIL LIMITS…`.

The flags found go to standard output.
"""

import os

# Whoever waits for an answer goes first; and loading the decoders is half of the work.
os.nice(10)

import resource  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

from PIL import Image  # noqa: E402

from media.errors import MediaError  # noqa: E402
from media.flags import Flag  # noqa: E402
from media.limits import Limits  # noqa: E402
from media.render import render  # noqa: E402

_N_MEMORY = 2**30
_N_CPU_SECONDS = 10
_N_FILE_BYTES = 64 * 2**20


def main(source: str, display: str, thumbnail: str, *sizes: str) -> int:
    """Make both pictures within hard limits; `sizes` are bytes, pixels and pixels of a JPEG.

    The exit code is 0 when flags were told, and os.EX_IOERR when a file could not be read or
    written, which is no fault of the photo.
    """
    _confine()
    max_bytes, max_pixels, max_jpeg_pixels = (int(size) for size in sizes)
    limits = Limits(max_bytes=max_bytes, max_pixels=max_pixels, max_jpeg_pixels=max_jpeg_pixels)
    Image.MAX_IMAGE_PIXELS = max(max_pixels, max_jpeg_pixels)
    try:
        derived = render(Path(source).read_bytes(), limits)
        Path(display).write_bytes(derived.display)
        Path(thumbnail).write_bytes(derived.thumbnail)
    except MediaError as error:
        _tell(Flag.UNREADABLE, *_reason(error))
    except OSError:
        return os.EX_IOERR
    else:
        _tell(*derived.flags)
    return 0


def _tell(*flags: Flag) -> None:
    sys.stdout.write(" ".join(flags))


def _reason(error: MediaError) -> list[Flag]:
    return [Flag.TRUNCATED] if error.facts.get("reason") == "truncated" else []


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_N_MEMORY, _N_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_N_CPU_SECONDS, _N_CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_N_FILE_BYTES, _N_FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:7]))
