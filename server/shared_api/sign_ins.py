"""Where somebody is signed in: told to themselves, and to who keeps their account."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Self

from server.http.forms import Answer
from server.people.sign_in.sessions import OpenSession
from server.texts.closed import one_of


class SessionAnswer(Answer):
    """One sign-in that still holds; `here` for the one that asks. A `display` is a wall's."""

    id: str
    face: Annotated[str, one_of("phone", "console", "display")]
    began_at: datetime
    used_at: datetime
    expires_at: datetime
    here: bool


class SessionsAnswer(Answer):
    """All of them, the last used first."""

    items: list[SessionAnswer]

    @classmethod
    def of(cls, found: Iterable[OpenSession]) -> Self:
        """Build the answer about some sign-ins."""
        return cls(
            items=[
                SessionAnswer(
                    id=str(each.family),
                    face=each.face,
                    began_at=each.began_at,
                    used_at=each.used_at,
                    expires_at=each.expires_at,
                    here=each.here,
                )
                for each in found
            ]
        )
