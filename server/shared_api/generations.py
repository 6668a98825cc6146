"""What changed between two generations of boundaries, as answers and in words."""

from typing import Annotated, Final, Self, get_args

from server.governance.boundaries.generations import Comparison
from server.http.forms import Answer
from server.places.changes import KINDS, Kind, PlaceChange
from server.shared_api.enumerations import PlaceLevel
from server.texts.closed import one_of

_MOST_SHOWN: Final = 1000


class ChangeRow(Answer):
    """What became of one place; `n_open` cases lie in it, `n_moved` in what it won or lost."""

    level: PlaceLevel
    code: str
    kinds: list[Annotated[str, one_of(*get_args(Kind))]]
    old_name: str
    name: str
    old_parent: str
    parent: str
    won_m2: float
    lost_m2: float
    n_open: int
    n_moved: int

    @classmethod
    def of(cls, change: PlaceChange) -> Self:
        """Build the row of a change."""
        return cls.model_validate(change, from_attributes=True)


class LevelChanges(Answer):
    """How many places of a level there are of each kind; one may be of several."""

    level: PlaceLevel
    added: int
    removed: int
    moved: int
    renamed: int
    reparented: int
    same: int


class ChangesAnswer(Answer):
    """What a generation changes `against` another (null: there was none), at most 1000 places.

    `n_places` counts all that changed, `n_open` the open cases that were looked at; `all_open`
    says whether those are all there are.
    """

    generation: str
    against: str | None
    levels: list[LevelChanges]
    n_places: int
    n_open: int
    all_open: bool
    places: list[ChangeRow]

    @classmethod
    def of(cls, comparison: Comparison) -> Self:
        """Build the answer."""
        found = comparison.changes
        return cls(
            generation=str(comparison.new_id),
            against=str(comparison.old_id) if comparison.old_id is not None else None,
            levels=[
                LevelChanges(level=level, **{kind: counts.get(kind, 0) for kind in KINDS})
                for level, counts in found.counts.items()
                if counts
            ],
            n_places=len(found.places),
            n_open=comparison.n_open,
            all_open=comparison.all_open,
            places=[ChangeRow.of(each) for each in found.places[:_MOST_SHOWN]],
        )
