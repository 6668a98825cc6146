"""Texts that are one of a few: how the description of the API comes to list them."""

from dataclasses import dataclass

from pydantic import WithJsonSchema
from pydantic_core import CoreSchema, core_schema


def one_of(*codes: str) -> WithJsonSchema:
    """Say in the description which texts a field of an answer may hold.

    Nothing is checked at run time.
    """
    return WithJsonSchema({"type": "string", "enum": [str(code) for code in codes]})


@dataclass(frozen=True, slots=True)
class Among:
    """What a field of a form or a parameter has to be: one of the codes, or it is refused."""

    codes: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        """Return what pydantic checks and describes, as for a literal."""
        return core_schema.literal_schema(list(self.codes))
