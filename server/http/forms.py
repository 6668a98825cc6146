"""What bodies, parameters and answers are made from."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Final, Generic, Self, TypeVar

from aiohttp import web
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

MAX_LIMIT = 100
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
#: A row of ours as a form names it: an account, a unit.
ACCOUNT_ID: Final = r"^[1-9][0-9]{0,8}$"

#: What somebody saw, as it was answered with it: marks what a change is made from.
Mark = Annotated[str, Field(min_length=1, max_length=32)]

T = TypeVar("T")


def within_reach(at: datetime) -> datetime:
    """Return the moment; raises a validation error for one outside 2000 to 2100."""
    if not EARLIEST <= at < LATEST:
        raise PydanticCustomError("moment_out_of_range", "a moment from 2000 to 2100")
    return at


# A moment with its offset from UTC, from 2000 to 2100.
Moment = Annotated[AwareDatetime, AfterValidator(within_reach)]


class Form(BaseModel):
    """A JSON body: strict types, no unknown fields, only finite numbers.

    Times in it must be declared `Moment`, or a time without an offset, or one that no calendar
    and no column knows, would pass.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        strict=True, extra="forbid", allow_inf_nan=False, frozen=True
    )


class Query(BaseModel):
    """Parameters behind the `?`: texts that read as numbers are numbers; no unknown names."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", allow_inf_nan=False, frozen=True
    )


class PageQuery(Query):
    """Where in a list to go on, and how much of it to answer."""

    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    after: str | None = Field(default=None, max_length=500)


class Answer(BaseModel):
    """A JSON answer; ids are texts, times aware and in UTC.

    What has a default is answered as well, and so is described as never missing.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, json_schema_serialization_defaults_required=True
    )


class StandingAnswer(Answer):
    """The answer of an act that says how something stands, and can be asked for once more."""

    @classmethod
    async def again(cls, request: web.Request, no: str) -> Self | None:
        """Return what the same request was answered before, where nothing has happened since.

        `no` is the case at which it was done, where that is known.
        """
        raise NotImplementedError

    def case_no(self) -> str:
        """Return the number of the case that it tells of, empty for none."""
        return str(getattr(self, "no", ""))


#: Of what is answered as it is known: fields with defaults may be missing.
MAY_BE_MISSING: Final = ConfigDict(
    frozen=True, json_schema_extra=lambda schema: schema.pop("required", None)
)


class Page(Answer, Generic[T]):
    """A part of a list; `next` goes into `after` to get on, and is null at the end."""

    items: list[T]
    next: str | None = None
