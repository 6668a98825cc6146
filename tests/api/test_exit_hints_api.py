"""Hints of what townships might give back, at a desk."""

from tests.casework import STAIRS_BLOCKED, Casework
from tests.domain.acts.governance import made, ripen

PATH = "/s/v1/adjustments/hints"


async def test_whoever_reads_the_list_reads_the_hints_page_by_page(county, someone):
    work = Casework(county)
    await ripen()
    await made(work, n=6, called=True)
    keeper, resident = await someone("keeper1", face="console"), await someone("resident1")
    items, after = [], ""
    while after is not None:
        page = await keeper.get(f"{PATH}?limit=7{after and f'&after={after}'}")
        assert len(page["items"]) <= 7
        items += page["items"]
        after = page["next"]
    keys = [(each["matter_code"], each["township_code"] or "") for each in items]
    assert keys == sorted(set(keys))
    [hint] = [each for each in items if each["matter_code"] == STAIRS_BLOCKED]
    assert (hint["township_code"], hint["township"]) == (None, "")
    assert (hint["figures"]["n_cases"], hint["figures"]["n_helped"]) == (6, 6)
    assert [reason["code"] for reason in hint["reasons"]] == ["helped"]
    assert hint["reasons"][0]["text"] in hint["text"]
    assert (await resident.call("GET", PATH))[0] == 403
    assert (await keeper.call("GET", f"{PATH}?after=x"))[0] == 400
    assert (await keeper.call("GET", f"{PATH}?limit=0"))[0] == 400
