"""Find a font that can write Chinese."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

_WHEEL = "pylopdf_fonts_zh_cn"
_KNOWN = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)


def chinese_font(explicit: Path | None = None) -> Path | None:
    """A font file with Chinese: the one asked for, the packaged one, or one of the system's.

    None if there is none, or if the one asked for does not exist.
    """
    if explicit is not None:
        return explicit if explicit.is_file() else None
    return _packaged() or _known() or _listed()


def _packaged() -> Path | None:
    spec = find_spec(_WHEEL)
    folders = spec.submodule_search_locations if spec else None
    files = (Path(folder) / "NotoSansSC-Regular.otf" for folder in folders or ())
    return next((file for file in files if file.is_file()), None)


def _known() -> Path | None:
    return next((Path(name) for name in _KNOWN if Path(name).is_file()), None)


def _listed() -> Path | None:
    command = shutil.which("fc-list")
    if command is None:
        return None
    try:
        listed = subprocess.run(
            [command, ":lang=zh-cn", "file"], capture_output=True, text=True, timeout=5, check=True
        ).stdout
    except (subprocess.SubprocessError, OSError):
        return None
    files = (Path(line.strip().rstrip(":")) for line in listed.splitlines())
    return next((file for file in sorted(files) if file.is_file()), None)
