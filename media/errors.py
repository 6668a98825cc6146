"""What can go wrong with a photo or with the place where it is kept."""

from collections.abc import Mapping
from types import MappingProxyType

Fact = str | int | float


class MediaError(Exception):
    """A refusal with a stable code and named facts; words for people are made elsewhere.

    Codes:
    `photo.not_an_image`, `photo.type_not_allowed` (type), `photo.empty`,
    `photo.too_large` (n_bytes, limit), `photo.too_many_pixels` (width, height, limit),
    `photo.too_many_scans` (limit), `photo.too_many_parts` (limit),
    `photo.suspicious` (part): a small part that inflates beyond any honest size,
    `photo.unreadable` (reason): only from a full decode, never from an inspection,
    `watermark.no_font`,
    `store.missing` (key), `store.full`, `store.unavailable` (reason).
    """

    def __init__(self, code: str, facts: Mapping[str, Fact] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, Fact] = MappingProxyType(dict(facts or {}))

    def __str__(self) -> str:
        named = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.code} ({named})" if named else self.code
