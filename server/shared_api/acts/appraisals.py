"""What somebody who called says of the answer."""

from pydantic import Field

from server.appraisal.commands import Opinion
from server.http.forms import Form


class AppraisalForm(Form):
    """Responded? Solved? How satisfied, from 1 to 5? And a sentence.

    What its reporter calls unsolved is handled again, or a leader is asked to.
    """

    responded: bool
    solved: bool
    satisfaction: int = Field(ge=1, le=5)
    comment: str = Field(default="", max_length=1000)

    def opinion(self) -> Opinion:
        """Return it as the domain takes it."""
        return Opinion(
            responded=self.responded,
            solved=self.solved,
            satisfaction=self.satisfaction,
            comment=self.comment,
        )
