"""Finding entries over all lists: by text, unit, law, domain, tag and type."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise import Tortoise

from server.responsibility.list.fields import SEARCHED
from server.responsibility.list.models import Entry
from server.texts import words

_TEXTS: Final = ", ".join(f"entry.{name}" for name in SEARCHED)

# Every condition is told by an index; `position` then judges the few that its characters found.
_FOUND: Final = f"""
WITH in_force AS (
    SELECT DISTINCT ON (list_id) list_version.id, list.type AS list_type, list.name AS list_name
    FROM list_version JOIN responsibility_list AS list ON list.id = list_id
    WHERE state = 'published' AND starts_at <= $1 AND ($2::text IS NULL OR list.type = $2)
    ORDER BY list_id, starts_at DESC
)
SELECT entry.id, entry.version_id, list_type, list_name, matter.code, entry.name, entry.domain,
    entry.lead_id, entry.legal_basis, entry.tags
FROM list_entry AS entry
JOIN in_force ON in_force.id = entry.version_id JOIN matter ON matter.id = entry.matter_id
WHERE entry.id > $3
  AND entry.found_by @> $5::text[]
  AND NOT EXISTS (SELECT FROM unnest($4::text[]) AS word
       WHERE position(word IN lower(concat_ws(chr(10), matter.code, {_TEXTS}, entry.words::text,
           entry.tags::text, (SELECT string_agg(duties, chr(10)) FROM list_entry_unit
                              WHERE entry_id = entry.id)))) = 0)
  AND entry.found_by @> $7::text[]
  AND NOT EXISTS (SELECT FROM unnest($6::text[]) AS word
       WHERE position(word IN lower(entry.legal_basis)) = 0)
  AND ($8::int[] IS NULL OR entry.lead_id = ANY($8) OR ($12 AND entry.lead_id IS NULL)
       OR EXISTS (SELECT FROM list_entry_unit WHERE entry_id = entry.id
                  AND (unit_id = ANY($8) OR ($12 AND unit_id IS NULL))))
  AND ($9::text IS NULL OR entry.domain = $9)
  AND ($10::text IS NULL OR entry.tags @> jsonb_build_array($10))
ORDER BY entry.id LIMIT $11
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; every part narrows, and of `text` and `law` every word.

    `text` is looked for in code, name, legal basis, description, duties, words and tags;
    `unit_ids` are one unit and those that became part of it, `township` that it is a township.
    """

    text: str | None = None
    law: str | None = None
    unit_ids: tuple[int, ...] | None = None
    township: bool = False
    domain: str | None = None
    tag: str | None = None
    list_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry in force, as a search shows it."""

    id: int
    version_id: int
    list_type: str
    list_name: str
    code: str
    name: str
    domain: str
    lead_id: int | None
    legal_basis: str
    tags: tuple[str, ...]


def found_by(code: str, texts: Mapping[str, str], more: Iterable[str]) -> list[str]:
    """Return every character and every two by which a search finds an entry.

    `more` are its words, its tags and the duties of those who cooperate.
    """
    said = [code, *(texts[name] for name in SEARCHED), *more]
    lines = [each.lower() for each in said]
    pairs = {line[at : at + 2] for line in lines for at in range(len(line) - 1)}
    return list(pairs.union(*lines))


async def search(wanted: Wanted, *, at: datetime, after: int, limit: int) -> list[Hit]:
    """Return entries of the lists in force at an instant, by id, those after one."""
    text, law = words.wanted(wanted.text or ""), words.wanted(wanted.law or "")
    values = [
        at,
        wanted.list_type,
        after,
        text,
        _grams(text),
        law,
        _grams(law),
        list(wanted.unit_ids) if wanted.unit_ids is not None else None,
        wanted.domain,
        wanted.tag,
        limit,
        wanted.township,
    ]
    rows = await Tortoise.get_connection("default").execute_query_dict(_FOUND, values)
    return [Hit(**(row | {"tags": tuple(_tags(row["tags"]))})) for row in rows]


async def unheard_of(*, domain: str | None, tag: str | None) -> set[str]:
    """Return which of these no entry of any list has, published or not."""
    found = set[str]()
    if domain and not await Entry.filter(domain=domain).exists():
        found.add("domain")
    if tag and not await Entry.filter(tags__contains=[tag]).exists():
        found.add("tag")
    return found


def _grams(said: Iterable[str]) -> list[str]:
    found = (word[at : at + 2] for word in said for at in range(max(1, len(word) - 1)))
    return list(dict.fromkeys(found))


def _tags(stored: str | list[str]) -> list[str]:
    found: list[str] = json.loads(stored) if isinstance(stored, str) else stored
    return found
