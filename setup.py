"""Puts the built pages into their packages where a wheel is built; all else: pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

WEB = Path(__file__).parent / "web"
#: Each page beside the module that serves it.
PAGES = {"phone": "mobile_api", "console": "server/staff_api"}


class BuildWithPages(build_py):
    """The packages' files, and the pages as the set-up built them."""

    def run(self) -> None:
        """Copy what is built; an editable install reads it where it lies."""
        super().run()
        if self.editable_mode:
            return
        for app, package in PAGES.items():
            page, built = Path(self.build_lib) / package / "page", WEB / app / "dist"
            shutil.rmtree(page, ignore_errors=True)
            if built.is_dir():
                shutil.copytree(built, page, ignore=shutil.ignore_patterns(".*"))


setup(cmdclass={"build_py": BuildWithPages})
