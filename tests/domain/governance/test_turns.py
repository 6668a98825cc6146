"""What waits for somebody of proposals and burdens: the most urgent first, in few statements."""

from datetime import timedelta

from tortoise import Tortoise

from server.clock import now
from server.governance import proposing, standing
from server.governance.models.burden import Burden
from server.governance.models.proposal import Proposal
from tests.casework import Casework
from tests.domain.acts.governance import answered, proposed


async def turns(work: Casework, who: str, limit: int = 100):
    by = await work.actor(who)
    return await standing.turns(by, at=now(), basis=work.basis, limit=limit)


async def in_review(work: Casework) -> Proposal:
    proposal = await answered(work, await proposed(work), objects="T02")
    by = await work.actor("head_D02")
    await proposing.settle(proposal.id, "已谈妥", by=by, at=now(), basis=work.basis)
    return await Proposal.get(id=proposal.id)


async def copies(row: Proposal | Burden, *, hours: list[int]) -> list[int]:
    """Put the same beside it, due so many hours from now; return their ids."""
    facts = {name: getattr(row, name) for name in row._meta.db_fields if name != "id"}
    made = [
        await type(row).create(**facts | {"due_at": now() + timedelta(hours=each)})
        for each in hours
    ]
    return [each.id for each in made]


async def test_what_waits_is_told_by_urgency_whatever_it_is_and_no_more_than_asked_for(work):
    proposal = await in_review(work)
    late, soon, far = await copies(proposal, hours=[-50, 2, 900])
    township = work.basis.units.named("荣华街道")
    burden = Burden(
        stage="answered",
        form="pledge",
        title="责任状",
        text="要签",
        unit_id=township.id,
        against_id=work.basis.units.named("区卫生健康局").id,
        by_id=0,
        created_at=now(),
    )
    [first] = await copies(burden, hours=[-60])
    found = await turns(work, "keeper1")
    told = [(each.verb, each.id) for each in found]
    assert told == [
        ("rule", first),
        ("review", late),
        ("review", soon),
        ("review", proposal.id),
        ("review", far),
    ]
    assert [each.id for each in await turns(work, "keeper1", limit=2)] == [first, late]


async def test_many_proposals_are_read_in_as_many_statements_as_one(work, monkeypatch):
    proposal = await in_review(work)
    connection = type(Tortoise.get_connection("default"))
    asked = list[str]()
    for name in ("execute_query", "execute_query_dict"):
        plain = getattr(connection, name)

        def heard(self, query, values=None, *, plain=plain):
            asked.append(query)
            return plain(self, query, values)

        monkeypatch.setattr(connection, name, heard)
    by = await work.actor("keeper1")
    asked.clear()
    assert len(await standing.turns(by, at=now(), basis=work.basis, limit=100)) == 1
    n_for_one = len(asked)
    await copies(proposal, hours=[*range(30)])
    asked.clear()
    assert len(await standing.turns(by, at=now(), basis=work.basis, limit=100)) == 31
    assert len(asked) == n_for_one <= 5
