"""The county in which a play begins."""

import json
import sys
from datetime import timedelta

from gridwhistle.demo.geography import features
from tests.casework import WALL, Casework, rows_of
from tests.domain.acts.governance import publish
from tests.domain.acts.intake import edge
from tests.domain.acts.places import swapped_grids
from tests.domain.life.acts import ACTS
from tests.domain.life.play import OPENING, Play

#: A seed to play again, as a failure names it.
SEED = "GRIDWHISTLE_LIFE_SEED"


async def opened(county, seed: int) -> Play:
    """A county whose list and boundaries hold since spring, with much calendar ahead.

    The grid where most is reported has other boundaries from the fourth day on; some of it is
    reported from between two grids of its township, or of two.
    """
    work = Casework(county)
    borders = tuple(edge(work, same_township=same) for same in (True, False))
    grid = county.basis.places.at(OPENING.replace(year=2027)).find(*WALL).grid.code
    for table in ("place_generation", "list_version"):
        await rows_of(f"UPDATE {table} SET starts_at = $1", OPENING.replace(day=1))
    later = await publish(county, swapped_grids(json.loads(json.dumps(features())), grid)[0])
    new_start = OPENING + timedelta(days=3)
    await rows_of("UPDATE place_generation SET starts_at = $1 WHERE id = $2", new_start, later)
    await county.parts.knowledge.refresh()
    await work.off_list()
    sys.stderr.write(f"{SEED}={seed}\n")
    return Play(work=work, seed=seed, acts=ACTS, borders=borders)
