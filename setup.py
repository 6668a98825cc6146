"""Puts the built page into the package where a wheel is built; all else: pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

BUILT = Path(__file__).parent / "web" / "phone" / "dist"


class BuildWithPage(build_py):
    """The packages' files, and the phone page as the set-up built it."""

    def run(self) -> None:
        """Copy what is built; an editable install reads it where it lies."""
        super().run()
        if self.editable_mode:
            return
        page = Path(self.build_lib) / "mobile_api" / "page"
        shutil.rmtree(page, ignore_errors=True)
        if BUILT.is_dir():
            shutil.copytree(BUILT, page, ignore=shutil.ignore_patterns(".*"))


setup(cmdclass={"build_py": BuildWithPage})
