"""Who is signed in anywhere."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from tortoise import Tortoise

_PRESENT: Final = """
SELECT account.id FROM account
WHERE account.id = ANY($1::int[]) AND account.active AND EXISTS (
  SELECT FROM token
  WHERE token.account_id = account.id AND token.revoked_at IS NULL AND token.expires_at > $2)
"""


async def present(account_ids: Collection[int], *, at: datetime) -> frozenset[int]:
    """Which of these accounts are active and hold a session that is neither over nor revoked."""
    connection = Tortoise.get_connection("default")
    rows = await connection.execute_query_dict(_PRESENT, [list(account_ids), at])
    return frozenset(row["id"] for row in rows)
