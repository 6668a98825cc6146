"""The receiver `inbox`: what happened, written to everyone who is owed a message of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tortoise import Tortoise

from server.calendar.working import by_the_day
from server.events import AttentionNeeded, GovernanceMoved, StaffLeft, WorkAssigned
from server.outbox.receivers import Owed
from server.people.queries import members_by_unit
from server.push.wording import sentence

# One statement and one order of locks, whatever the batch: two writers never wait for each other
# in a circle. `WHERE false` locks the rows that exist without writing them anew.
_LOCK: Final = """
INSERT INTO inbox (account_id, last_seq, read_seq, loud_seq)
SELECT account, 0, 0, 0 FROM unnest($1::int[]) AS account ORDER BY account
ON CONFLICT (account_id) DO UPDATE SET last_seq = inbox.last_seq WHERE false
"""
_WRITE: Final = """
WITH fresh AS (
  SELECT o.*, row_number() OVER (PARTITION BY o.account_id ORDER BY o.place) AS n
  FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::timestamptz[], $8::boolean[]) WITH ORDINALITY
    AS o(account_id, event, kind, no, stage, text, at, quiet, place)
  WHERE NOT EXISTS (SELECT FROM inbox_message m
    WHERE m.account_id = o.account_id AND m.event = o.event)),
counted AS (
  UPDATE inbox SET last_seq = last_seq + f.n,
    loud_seq = coalesce(last_seq + f.n_loud, loud_seq)
  FROM (SELECT account_id, count(*) AS n, max(n) FILTER (WHERE NOT quiet) AS n_loud
    FROM fresh GROUP BY account_id) f
  WHERE inbox.account_id = f.account_id
  RETURNING inbox.account_id, inbox.last_seq - f.n AS before)
INSERT INTO inbox_message (account_id, seq, event, kind, no, stage, text, at)
SELECT f.account_id, c.before + f.n, f.event, f.kind, f.no, f.stage, f.text, f.at
FROM fresh f JOIN counted c ON c.account_id = f.account_id
RETURNING account_id, event
"""


#: How those are spoken to who are told as neither followers nor units.
_WORDING: Final = {
    WorkAssigned.kind: "worker",
    AttentionNeeded.kind: "leader",
    GovernanceMoved.kind: "unit",
    StaffLeft.kind: "leader",
}
#: Facts of an act that say a moment.
_MOMENTS: Final = ("due", "why", "until", "asked", "steps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message before it has its number."""

    account: int
    event: str
    kind: str
    no: str
    stage: str
    text: str
    at: datetime
    quiet: bool


async def write(batch: Sequence[Owed], *, by_night: bool = False) -> frozenset[int]:
    """Write one message per person and event, numbered in the order owed; in a transaction.

    Return whom to wake, once the transaction holds; a wake-up that is lost costs a look of the
    sockets. What was written before stays as it is: a second delivery changes nothing. In quiet
    hours followers of what is not urgent are not woken, nor others of what can wait: their
    sockets find it when the hours are over.
    """
    units = {int(unit) for owed in batch for unit in owed.facts["units"]}
    members = await members_by_unit(units)
    drafts = [draft for owed in batch for draft in _drafts(owed, members)]
    if not drafts:
        return frozenset()
    await _run(_LOCK, [sorted({draft.account for draft in drafts})])
    written = await _run(
        _WRITE,
        [
            [draft.account for draft in drafts],
            [draft.event for draft in drafts],
            [draft.kind for draft in drafts],
            [draft.no for draft in drafts],
            [draft.stage for draft in drafts],
            [draft.text for draft in drafts],
            [draft.at for draft in drafts],
            [draft.quiet and by_night for draft in drafts],
        ],
    )
    loud = {(draft.event, draft.account) for draft in drafts if not (draft.quiet and by_night)}
    fresh = {(str(row["event"]), int(str(row["account_id"]))) for row in written}
    return frozenset(account for _, account in fresh & loud)


def _drafts(owed: Owed, members: Mapping[int, Sequence[int]]) -> list[Draft]:
    facts = owed.facts
    event = f"{facts['no']}:{facts['version']}:{facts['verb']}"
    at = datetime.fromisoformat(facts["at"])
    told = {**facts["facts"], "no": facts["no"]}
    recipients = _recipients(owed, members)
    titles: dict[str, str] = told.pop("titles", {})
    of_staff = told | {"title": told.pop("title_of_staff", told.get("title"))}
    # Who merely follows a case is not to read when on a day it was reported; who works on it is.
    close = {int(each) for each in titles} | set(facts.get("reporters", ()))
    close |= {account for unit in facts["units"] for account in members.get(int(unit), ())}
    by_day = {each: by_the_day(told[each]) for each in _MOMENTS if told.get(each)}
    words = {
        each: sentence(facts["verb"], each, told | by_day if each == "follower" else of_staff)
        for each in set(recipients.values())
    }
    own = {
        account: sentence(facts["verb"], "follower", told | _titled(titles.get(str(account))))
        for account in close
        if recipients.get(account) == "follower"
    }
    return [
        Draft(
            account=account,
            event=event,
            kind=f"{owed.kind.partition('.')[0]}.{facts['verb']}",
            no=facts["no"],
            stage=facts["stage"],
            text=own.get(account, words[wording]),
            at=at,
            quiet=facts.get("quiet", False)
            or (wording == "follower" and not facts.get("urgent", False)),
        )
        for account, wording in recipients.items()
    ]


def _titled(title: str | None) -> dict[str, str]:
    return {} if title is None else {"title": title}


def _recipients(owed: Owed, members: Mapping[int, Sequence[int]]) -> Mapping[int, str]:
    """Whom to tell and how; who follows a case of their own unit hears it as a follower.

    Of a unit that is told of what one of its own people did, that person is not; nor who is told
    of the same in another message.
    """
    found = {
        account: "unit" for unit in owed.facts["units"] for account in members.get(int(unit), ())
    }
    wording = _WORDING.get(owed.kind, "follower")
    for account in (owed.facts.get("by"), *owed.facts.get("besides", ())):
        found.pop(account or 0, None)
    return found | dict.fromkeys(owed.facts["followers"], wording)


async def _run(sql: str, values: list[Any]) -> list[dict[str, object]]:
    return await Tortoise.get_connection("default").execute_query_dict(sql, values)
