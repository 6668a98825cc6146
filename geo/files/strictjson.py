"""JSON read without the leniencies of the standard parser."""

import json
import math
import re
from collections.abc import Mapping
from typing import Final, NoReturn

import numpy as np

from geo.files.kinds import kind_of, kind_of_text
from geo.ground.faults import Fact

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)
_LONGEST_NUMBER = 40  # characters; a double needs at most 24
#: NUL is in no column, half a character in no encoding, the others in no XML, hence no export.
ODD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Unreadable(Exception):
    """Text that is not strict JSON; `code` and `facts` say why."""

    def __init__(self, code: str, facts: Mapping[str, Fact] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, Fact] = facts or {}


def parse(data: bytes, *, max_bytes: int, max_depth: int, max_values: int = 1_000_000) -> Json:
    """Give the value of a JSON text; raise Unreadable for anything not strictly so.

    UTF-8 with or without a byte order mark; no NaN or Infinity, no key twice in an object, no
    number beyond a double's range, no odd character in a string.
    """
    if len(data) > max_bytes:
        raise Unreadable("file.too_large", {"n_bytes": len(data), "most": max_bytes})
    text = _text(data)
    depth, n_values = _depth(data)
    if depth > max_depth:
        raise Unreadable("json.too_deep", {"depth": depth, "most": max_depth})
    if n_values > max_values:
        raise Unreadable("json.too_many_values", {"n_values": n_values, "most": max_values})
    try:
        return read(text)
    except Unreadable as error:
        kind = kind_of_text(data) if error.code in ("json.syntax", "json.cut_off") else None
        if kind is None:
            raise
        raise Unreadable("file.not_json", {"looks_like": kind}) from error


def read(text: str, *, judge_numbers: bool = True) -> Json:
    """Give the value of a JSON text; raise Unreadable for a key twice or an odd character.

    Also for numbers that no double holds, unless they are left to a caller who can say where
    they stand. How deep a text is nested must be bounded before, or RecursionError taken.
    """
    try:
        value: Json = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant if judge_numbers else None,
            parse_int=_integer if judge_numbers else None,
            parse_float=_float if judge_numbers else None,
        )
    except json.JSONDecodeError as error:
        where: dict[str, Fact] = {"line": error.lineno, "column": error.colno}
        cut_off = not text[error.pos :].strip() or error.msg.startswith("Unterminated string")
        code = "json.cut_off" if cut_off else "json.syntax"
        raise Unreadable(code, {**where, "reason": error.msg}) from error
    if "\\" in text or ODD.search(text):  # without either no string can hold an odd one
        _require_clean(value)
    return value


def oddity(said: str) -> str | None:
    """Tell what odd character a text holds: nul, surrogate, control; None without any."""
    found = ODD.search(said)
    if found is None:
        return None
    if found[0] == "\x00":
        return "nul"
    return "surrogate" if "\ud800" <= found[0] <= "\udfff" else "control"


def _text(data: bytes) -> str:
    if not data.strip():
        raise Unreadable("file.empty")
    if kind := kind_of(data):
        raise Unreadable("file.not_json", {"looks_like": kind})
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        raise Unreadable("file.encoding", {"looks_like": "utf-16"})
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if kind := kind_of_text(data):
            raise Unreadable("file.not_json", {"looks_like": kind}) from error
        raise Unreadable(
            "file.encoding", {"looks_like": _other_encoding(data), "byte": error.start}
        ) from error


def _other_encoding(data: bytes) -> str | None:
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return "gb18030"


def _depth(data: bytes) -> tuple[int, int]:
    """Give the deepest nesting of brackets outside strings and their number, without parsing."""
    bare = np.frombuffer(_STRING.sub(b"", data), np.uint8)
    up = (bare == ord("[")) | (bare == ord("{"))
    down = (bare == ord("]")) | (bare == ord("}"))
    level = np.cumsum(up.astype(np.int32) - down.astype(np.int32))
    return int(level.max(initial=0)), int(up.sum())


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen = set[str]()
        for key, _ in pairs:
            if key in seen:
                raise Unreadable("json.key_twice", {"key": _shown(key)})
            seen.add(key)
    return made


def _constant(name: str) -> NoReturn:
    raise Unreadable("json.not_finite", {"value": name})


def _integer(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise Unreadable("json.number_too_long", {"n_characters": len(digits)})
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise Unreadable("json.not_finite", {"value": _shown(digits)})
    return value


def _require_clean(value: Json) -> None:
    """Look through every string; lists of numbers, which are nearly all, are passed quickly."""
    waiting: list[Json] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting.extend(each)
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(item for item in each if isinstance(item, list | dict | str))
        elif isinstance(each, str) and (kind := oddity(each)):
            raise Unreadable("json.bad_character", {"kind": kind, "text": _shown(each)})


def _shown(text: str) -> str:
    """Give a piece of foreign text that is safe to store and to show."""
    return ODD.sub("\ufffd", text[:80])
