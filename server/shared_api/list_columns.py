"""The plain texts of an entry in forms and answers: as many fields as the list has columns."""

from collections.abc import Callable, Iterable, Mapping
from types import new_class
from typing import Any, Final, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, create_model

from server.errors import BadInput
from server.http.forms import Answer
from server.responsibility.list.fields import TEXTS, Addressee
from server.shared_api.enumerations import ColumnName, Platform

_COLUMNS: Final = TypeAdapter(dict[str, str])
_Body = TypeVar("_Body", bound=BaseModel)


#: Of the texts those that are one of a few: what a form refuses otherwise, after it was read.
_CLOSED: Final[dict[str, Any]] = {"platform": Platform}


class FieldChangeAnswer(Answer):
    """A field that says something else now."""

    field: ColumnName
    heading: str
    was: str
    now: str
    said: str


def answering(addressee: Addressee) -> Callable[[type[_Body]], type[_Body]]:
    """Add to an answer the texts that an addressee is answered; `EntryView.texts` fills them."""
    return _with(
        (each.name, (_CLOSED.get(each.name, str), ...))
        for each in TEXTS
        if addressee in each.addressees
    )


def proposing(body: type[_Body]) -> type[_Body]:
    """Add to a form the texts that a proposal may change, as long as they may be."""
    return _with(
        (
            each.name,
            (
                _CLOSED.get(each.name, str) | None,
                Field(default=None, min_length=each.least or None, max_length=each.proposed),
            ),
        )
        for each in TEXTS
        if each.proposed
    )(body)


def proposed(change: type) -> type:
    """Add to what a proposal's answer says of its change the texts that were proposed."""
    texts = {each.name: _CLOSED.get(each.name, str) for each in TEXTS if each.proposed}
    said = {"__module__": change.__module__, "__doc__": change.__doc__, "__annotations__": texts}
    return new_class(change.__name__, (change,), {"total": False}, lambda body: body.update(said))


def _with(fields: Iterable[tuple[str, Any]]) -> Callable[[type[_Body]], type[_Body]]:
    added = dict(fields)

    def extended(body: type[_Body]) -> type[_Body]:
        name, module, doc = body.__name__, body.__module__, body.__doc__
        return create_model(name, __base__=body, __module__=module, __doc__=doc, **added)

    return extended


def said_columns(texts: Mapping[str, str]) -> dict[str, str]:
    """Return what an upload says that headings mean; raises BadInput for no such object."""
    said = texts.get("columns", "")
    try:
        return _COLUMNS.validate_json(said) if said else {}
    except ValidationError as error:
        raise BadInput([{"pointer": "/columns", "reason": "json_invalid"}]) from error
