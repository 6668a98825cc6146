"""What a filter names and there is not is refused by its name, and never found empty."""

import pytest

from tests.api.refusals import refused
from tests.casework import STREET_LAMP, WALL


@pytest.mark.parametrize(
    "path", ["/s/v1/wall", "/s/v1/case-choices", "/m/v1/todo", "/s/v1/processes"]
)
async def test_what_cannot_be_narrowed_refuses_to_be(someone, path):
    person = await someone("leader1", "console")
    status, answer = await person.call("GET", f"{path}?township=370404101")
    refused(status, answer, 400, "bad_input")
    assert [each["pointer"] for each in answer["errors"]] == ["/township"]
    await person.get(path)


@pytest.mark.parametrize(
    ("who", "path", "name", "there"),
    [
        ("keeper1", "/s/v1/entries?domain={}", "domain", "生态环境"),
        ("keeper1", "/s/v1/entries?tag={}", "tag", ""),
        ("leader1", "/s/v1/teams?township={}", "township", ""),
        ("leader1", "/m/v1/teams?township={}", "township", ""),
        ("leader1", "/s/v1/platforms?township={}", "township", ""),
        ("leader1", "/m/v1/platforms?township={}", "township", ""),
        ("keeper1", "/s/v1/lookup?matter=CJ-012&township={}", "township", ""),
        ("keeper1", "/s/v1/adjustments/suggested?matter={}", "matter", STREET_LAMP),
        ("keeper1", "/s/v1/precedents?matter={}", "matter", STREET_LAMP),
        ("keeper1", "/s/v1/standard-texts?matter={}", "matter", STREET_LAMP),
        ("keeper1", "/s/v1/words?matter={}", "matter", STREET_LAMP),
        ("keeper1", "/s/v1/word-proposals?matter={}", "matter", STREET_LAMP),
        (
            "resident1",
            f"/m/v1/nearby?lon={WALL[0]}&lat={WALL[1]}&datum=wgs84&matter={{}}",
            "matter",
            STREET_LAMP,
        ),
        ("admin1", "/s/v1/leaves?unit={}", "unit", "1"),
    ],
)
async def test_an_unknown_value_is_refused_by_its_name_and_a_known_one_is_not(
    someone, who, path, name, there
):
    person = await someone(who, "console")
    status, answer = await person.call("GET", path.format("99999"))
    refused(status, answer, 400, "bad_input")
    assert [each["pointer"] for each in answer["errors"]] == [f"/{name}"]
    assert answer["errors"][0]["reason"] == "unknown"
    await person.get(path.format(there))
