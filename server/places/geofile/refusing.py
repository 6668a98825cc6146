"""Why a file of geographic software is not taken."""

from typing import Final

#: What reads layers is not installed.
NEEDS_PYOGRIO: Final = "geofile.needs_pyogrio"


class Refused(Exception):
    """The file is not taken: a stable code and named facts."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts
