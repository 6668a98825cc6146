"""What was asked under a unit's old name is answered by whoever took it over."""

from urllib.parse import quote

from tests.casework import Casework


async def test_filters_by_a_merged_unit_find_what_its_heir_has_and_rows_name_both(county, someone):
    work = Casework(county)
    admin, keeper = await someone("admin1", "console"), await someone("keeper1", "console")
    room, dispatcher = await someone("township02"), await someone("dispatcher1", "console")
    case = await work.handling()
    await work.ask(case)
    [gone, heir] = [county.basis.units.by_id[case.lead_id], county.basis.units.named("D06")]
    helper = await someone(f"head_{gone.code}", "console")
    burden = {"form": "pledge", "title": "责任状", "text": "清单上没有", "against": gone.name}
    await room.post("/s/v1/burdens", burden, expect=201)
    await work.merge_units(gone.id, "D06")
    both = f"{heir.name}（原{gone.name}）"
    for person, path in ((admin, "/s/v1/accounts"), (keeper, "/s/v1/entries")):
        of_gone, of_heir = [
            (await person.get(f"{path}?limit=100&unit={quote(name)}"))["items"]
            for name in (gone.name, heir.name)
        ]
        assert of_gone
        assert of_gone == of_heir, path
    [asked] = (await dispatcher.get("/s/v1/requests"))["items"]
    [mine] = (await helper.get("/s/v1/requests/mine"))["items"]
    assert (asked["unit"], mine["unit"]) == (both, both)
    [counted] = (await keeper.get("/s/v1/burdens/counts"))["items"]
    [listed] = (await keeper.get("/s/v1/burdens"))["items"]
    assert (counted["unit"], listed["against"]) == (both, both)
