"""Boundaries that change from one generation to the next."""


def swapped_grids(made: dict, grid: str) -> tuple[dict, str]:
    """The county with a grid's code exchanged for its neighbour's of the same village."""
    rows = {each["properties"]["code"]: each for each in made["features"]}
    parent = rows[grid]["properties"]["parent"]
    other = next(
        code
        for code, each in rows.items()
        if each["properties"]["parent"] == parent and code != grid
    )
    first, second = rows[grid], rows[other]
    first["geometry"], second["geometry"] = second["geometry"], first["geometry"]
    return made, other
