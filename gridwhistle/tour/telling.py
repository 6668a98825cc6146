"""Printing the story as a person wants to read it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from server.clock import now
from server.texts.catalogue import text


@dataclass(slots=True)
class Teller:
    """Says each step and each message, and counts them; where it is brief, the steps alone."""

    say: Callable[[str], None]
    zone: ZoneInfo
    brief: bool = False
    n_steps: int = 0
    n_messages: int = 0
    last: str = ""
    _started: float = field(default=0.0)

    def begin(self, name: str, title: str) -> None:
        """Start a story."""
        self.brief = False
        self.n_steps = self.n_messages = 0
        self.last, self._started = "", time.monotonic()
        self.say("")
        self.say(text("tour.title", name=name, title=title))

    def step(self, who: str, what: str) -> None:
        """Say who did what, now."""
        self.n_steps += 1
        local = now().astimezone(self.zone)
        self.last = text("tour.step", clock=f"{local:%H:%M:%S}", who=who, what=what)
        self.say(self.last)

    def detail(self, what: str) -> None:
        """Say what was seen of the step just told."""
        if not self.brief:
            self.say(text("tour.detail", what=what))

    def heard(self, who: str, message: str, *, live: bool) -> None:
        """Say which message arrived at whom, and whether it came by the live socket."""
        self.n_messages += 1
        key = "tour.heard_live" if live else "tour.heard"
        if not self.brief:
            self.say(text(key, who=who, message=message))

    def heard_too(self, n: int) -> None:
        """Say how many others were told the same."""
        self.n_messages += n
        if n and not self.brief:
            self.say(text("tour.heard_too", n=n))

    def end(self, name: str) -> str:
        """Return the story's summary."""
        took = time.monotonic() - self._started
        counts = {"n_steps": self.n_steps, "n_messages": self.n_messages}
        return text("tour.summary", name=name, seconds=f"{took:.1f}", **counts)

    def moment(self, at: str | None) -> str:
        """Return an instant of an answer in words, to the minute; empty for None."""
        if at is None:
            return ""
        local = datetime.fromisoformat(at).astimezone(self.zone)
        clock = f"{local:%H:%M}"
        return text("format.moment", month=local.month, day=local.day, clock=clock)
