"""Why acts are not open to the reader of a case, as its answer says it."""

from typing import Self

from server.cases.ends.why_not import Closed
from server.cases.rules.flow import Verb
from server.errors import Problem
from server.http.forms import Answer
from server.http.problems import sentence
from server.texts.catalogue import text


class WhyNotRow(Answer):
    """An act that is not open to the reader now, on which task where it is of one, and why."""

    task: str
    verb: Verb
    verb_text: str
    reason: str

    @classmethod
    def of(cls, found: Closed) -> Self:
        """Build the row of an act."""
        why = found.why
        return cls(
            task="" if found.task_id is None else str(found.task_id),
            verb=found.verb,
            verb_text=text(f"verb.{found.verb}"),
            reason=sentence(why) if isinstance(why, Problem) else why,
        )
