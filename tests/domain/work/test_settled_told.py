"""What a township's command room hears of what its grid worker settled on the spot."""

import pytest

from server.outbox.models import Delivery
from server.people.queries import members
from server.permissions import Permission
from server.push.models import Message
from tests.casework import STAIRS_BLOCKED, Casework
from tests.domain.acts.work import SMALL_ADS, WORKER, done_already, send, settle


@pytest.mark.parametrize("already", [True, False])
async def test_the_townships_room_hears_once_and_quietly_what_its_grid_worker_settled(
    county, already
):
    work = Casework(county)
    if already:
        await send(work, await done_already(work))
    else:
        await settle(work, await work.report("resident1", matter=SMALL_ADS))
    [owed] = await Delivery.filter(
        kind="attention.needed", receiver="inbox", facts__contains={"verb": "self_handle"}
    )
    assert owed.facts["quiet"] is True
    await county.deliver()
    room = await members([(await work.actor(WORKER)).unit_id], Permission.CASE_CALL)
    said = await Message.filter(event__endswith=":self_handle", account_id__in=room)
    assert sorted(each.account_id for each in said) == sorted(room)
    assert all("就地处理" in each.text for each in said)


async def test_a_room_that_settles_something_itself_is_told_nothing_of_it(county):
    work = Casework(county)
    await settle(work, await work.report("resident1", matter=STAIRS_BLOCKED), "township02")
    assert not await Delivery.filter(
        kind="attention.needed", facts__contains={"verb": "self_handle"}
    ).exists()
