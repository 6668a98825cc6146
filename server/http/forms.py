"""What bodies, parameters and answers are made from."""

from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

MAX_LIMIT = 100

T = TypeVar("T")


class Form(BaseModel):
    """A JSON body: strict types, no unknown fields, only finite numbers.

    Times in it must be declared `AwareDatetime`, or a time without an offset would pass.
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
    """A JSON answer; ids are texts, times aware and in UTC."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)


class Page(Answer, Generic[T]):
    """A part of a list; `next` goes into `after` to get on, and is null at the end."""

    items: list[T]
    next: str | None = None
