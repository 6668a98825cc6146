"""Cases whose matter their handling confirmed, with the words they were reported in."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise import Tortoise

from server.cases.rules.masking import masked
from server.people.queries import names, names_among
from server.texts.catalogue import text

_CLOSED = """
SELECT case_file.no, case_file.matter_code, case_file.suggestion, case_file.township_code,
    case_file.received_at, case_file.closed_at, first.text,
    first.reporter_id, first.on_behalf_of_id
FROM case_file
JOIN LATERAL (SELECT text, reporter_id, on_behalf_of_id FROM report
    WHERE report.case_id = case_file.id ORDER BY id
    LIMIT 1) AS first ON true
WHERE closed_at >= $1 AND stage IN ('closed', 'archived')
  AND matter_code <> '' AND first.text <> '' AND about_unit_id IS NULL
ORDER BY closed_at, case_file.id LIMIT $2
"""

_SURNAME: Final = re.compile(f"[{text('search.surnames')}]")
_LENGTHS: Final = (2, 3, 4)  # of names, the surname with them
#: A name whose bearer's house or door is spoken of: who it is knows everybody there.
_OWNER: Final = re.compile(
    rf"(?P<name>{_SURNAME.pattern}[\u4e00-\u9fff]{{1,2}})(?={text('search.theirs')})"
)
_SENDERS: Final = ("reporter_id", "on_behalf_of_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedCase:
    """A closed case as its first reporter put it, persons masked."""

    no: str
    matter_code: str
    suggested_code: str
    township_code: str
    text: str
    received_at: datetime
    closed_at: datetime


async def closed_since(since: datetime, *, limit: int) -> list[ConfirmedCase]:
    """Return the cases closed since an instant, the earliest first."""
    connection = Tortoise.get_connection("default")
    rows = await connection.execute_query_dict(_CLOSED, [since, limit])
    senders = {row[name] for row in rows for name in _SENDERS if row[name] is not None}
    known = await names(senders)
    others = await _named_in([row["text"] for row in rows])
    return [
        ConfirmedCase(
            no=row["no"],
            matter_code=row["matter_code"],
            suggested_code=_first(row["suggestion"]),
            township_code=row["township_code"],
            text=masked(row["text"], {known.get(row[each], "") for each in _SENDERS} | others),
            received_at=row["received_at"],
            closed_at=row["closed_at"],
        )
        for row in rows
    ]


async def _named_in(texts: Iterable[str]) -> set[str]:
    """Return who else is named in these texts: by the name of an account, or by what is theirs."""
    found, maybe = set[str](), set[str]()
    for words in texts:
        found |= {each["name"] for each in _OWNER.finditer(words)}
        for each in _SURNAME.finditer(words):
            at = each.start()
            maybe |= {words[at : at + length] for length in _LENGTHS}
    return found | await names_among(maybe)


def _first(suggestion: str) -> str:
    """Return what the list suggested first when the case was reported; '' for nothing."""
    matters = json.loads(suggestion).get("matters") or [{"code": ""}]
    return str(matters[0]["code"])
