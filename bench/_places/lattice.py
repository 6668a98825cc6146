"""Places to look things up in: neighbours with wiggly common edges, made here."""

import numpy as np
import shapely


def lattice(n, seed=1, k=5):
    """Make about n polygons with common edges, over a county-sized square."""
    rng = np.random.default_rng(seed)
    side = max(1, round(n**0.5))
    step = 0.5 / side
    at = np.arange(side + 1) * step
    corner = np.stack(np.meshgrid(120 + at, 30 + at, indexing="ij"), -1)
    corner += rng.uniform(-0.2, 0.2, corner.shape) * step
    t = (np.arange(1, k + 1) / (k + 1))[:, None]

    def edges(a, b):
        along = a[..., None, :] + (b - a)[..., None, :] * t
        return along + rng.uniform(-0.05, 0.05, along.shape) * step

    across, up = edges(corner[:-1], corner[1:]), edges(corner[:, :-1], corner[:, 1:])
    rings = np.concatenate(
        [
            corner[:-1, :-1][:, :, None], across[:, :-1],
            corner[1:, :-1][:, :, None], up[1:],
            corner[1:, 1:][:, :, None], across[:, 1:][:, :, ::-1],
            corner[:-1, 1:][:, :, None], up[:-1][:, :, ::-1],
            corner[:-1, :-1][:, :, None],
        ],
        axis=2,
    )  # fmt: skip
    shapes = shapely.polygons(np.round(rings, 8).reshape(side * side, -1, 2))
    return shapes, [f"{i:012d}" for i in range(len(shapes))]
