"""Which sign-ins still hold."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from tortoise import Tortoise

_PRESENT: Final = """
SELECT DISTINCT token.family FROM token
JOIN account ON account.id = token.account_id AND account.active
WHERE token.family = ANY($1::uuid[]) AND token.revoked_at IS NULL AND token.expires_at > $2
"""


async def present(families: Collection[UUID], *, at: datetime) -> frozenset[UUID]:
    """Which of these sign-ins are neither over nor revoked, and their accounts active."""
    connection = Tortoise.get_connection("default")
    rows = await connection.execute_query_dict(_PRESENT, [list(families), at])
    return frozenset(row["family"] for row in rows)
