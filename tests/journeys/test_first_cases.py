"""A first look that is not empty: what `./run --with-cases` has reported and handled."""

from collections import Counter

import pytest

from gridwhistle.demo.loading import SignIn
from gridwhistle.demo.people import accounts
from gridwhistle.tour.first_cases import plant, rows
from server.settings import Settings
from tests.casework import rows_of
from tests.journeys.serving import PASSWORD

#: A row that is done with is at a stage of that name, but for these.
STAGES = {"arrived": "handling", "reworked": "handling", "merged": "dispatched"}
STAGE_OF = "SELECT stage, count(*) AS n FROM case_file GROUP BY stage"


async def _planted(url: str) -> list[str]:
    said: list[str] = []
    people = {
        one.username: SignIn(one.username, PASSWORD, one.role, one.name, one.unit, shown=False)
        for one in accounts()
    }
    await plant(url.rstrip("/"), people, Settings.read().zone, said.append)
    return said


@pytest.mark.slow  # half a minute of a core, some hundred acts
async def test_cases_are_planted_at_every_stage_once_however_often_it_is_asked_for(url):
    said = await _planted(url)
    n = str(len(rows()))
    assert [n in each for each in said] == [True] * (1 + (len(rows()) + 9) // 10), said
    wanted = Counter(STAGES.get(row.until, row.until) for row in rows())
    wanted["merged"] += sum(row.until == "merged" for row in rows())
    found = {row["stage"]: row["n"] for row in await rows_of(STAGE_OF)}
    assert found == wanted
    assert len(found) >= 12
    assert await _planted(url) == []
    assert {row["stage"]: row["n"] for row in await rows_of(STAGE_OF)} == wanted
