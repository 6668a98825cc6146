"""Where the server does something else than the story says."""

from server.texts.catalogue import text


class Deviation(Exception):
    """What was to be seen, in a sentence, and what was seen instead."""

    def __init__(self, check: str, *, expected: object, got: object) -> None:
        super().__init__(check)
        self.check = text(f"tour.check.{check}")
        self.expected = expected
        self.got = got


def same(check: str, got: object, expected: object) -> None:
    """Raise a Deviation, under the check's name, unless both are equal."""
    if got != expected:
        raise Deviation(check, expected=expected, got=got)


def holds(check: str, condition: object, got: object) -> None:
    """Raise a Deviation, under the check's name, unless the condition is true."""
    if not condition:
        raise Deviation(check, expected=text("tour.yes"), got=got)
