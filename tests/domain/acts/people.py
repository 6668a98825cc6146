"""Another who holds an office, or works in a unit."""

from server.clock import now
from server.people.accounts import NewAccount, create_account
from server.people.actor import Held
from server.permissions import Role


async def second_leader(county, of="duty02", name="第二坐堂"):
    """Another duty leader of the same township, on nobody's roster yet."""
    one = await county.actor(of)
    return await create_account(
        NewAccount(
            name=name,
            username=f"{of}.second",
            unit_id=one.unit_id,
            held=(Held(role=Role.DUTY_LEADER, place_code=one.township_code),),
            sealed=True,
        ),
        at=now(),
    )


async def colleague(county, of="handler_D08", name="第二经办", role=Role.HANDLER):
    """Another of the same unit."""
    one = await county.actor(of)
    return await create_account(
        NewAccount(
            name=name,
            username=f"{of}.second",
            unit_id=one.unit_id,
            held=(Held(role=role),),
            sealed=True,
        ),
        at=now(),
    )
