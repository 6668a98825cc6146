"""What a test may need that not every machine has, and what was left out for want of it."""

import importlib.util
import os
import shutil
from functools import cache
from pathlib import Path

from gridwhistle.services.binaries import binaries

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
#: The phone page as it was built.
PAGE = WEB / "phone" / "dist"
#: The desk's, too.
DESK = WEB / "console" / "dist"
SHARED = Path(os.environ.get("GRIDWHISTLE_SHARED") or ROOT.parent / "shared")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

WHY_ABSENT = {
    "shared": "the material beside the project (../shared/data) is not here",
    "chromium": "there is no Chromium (`apt-get install chromium`, or name it in CHROMIUM)",
    "page": "the pages are not built (`npm --prefix web run build`)",
    "local_postgres": "there are no local PostgreSQL programs (only the wheel's)",
    "postgres_wheel": "there is no PostgreSQL wheel for this machine",
    "root": "it is about running as root, and we are not",
    "linux": "it is about a Linux kernel",
    "pyogrio": "pyogrio is not installed (`pip install 'gridwhistle[gis]'`)",
    "pillow_heif": "pillow-heif is not installed (`pip install 'gridwhistle[heic]'`)",
    "osmium": "osmium is not installed (`pip install 'gridwhistle[osm]'`)",
    "pyproj": "pyproj is not installed (`pip install 'gridwhistle[gis]'`)",
}


@cache
def present(part: str) -> bool:
    """Whether a part that tests name in `@pytest.mark.needs(part)` can be had here."""
    match part:
        case "shared":
            return (SHARED / "data").is_dir()
        case "chromium":
            return chromium() is not None
        case "page":
            return all((each / "index.html").is_file() for each in (PAGE, DESK))
        case "local_postgres":
            return any(found.origin != "wheel" for found in binaries())
        case "postgres_wheel":
            return any(found.origin == "wheel" for found in binaries())
        case "root":
            return os.geteuid() == 0
        case "linux":
            return Path("/proc/self/cmdline").exists()
        case "osmium" | "pyogrio" | "pyproj" | "pillow_heif":
            return importlib.util.find_spec(part) is not None
    raise ValueError(f"no such part: {part}")


def chromium() -> str | None:
    """The Chromium of this machine."""
    if named := os.environ.get("CHROMIUM"):
        return named
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)
