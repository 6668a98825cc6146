"""Where a position of limited accuracy may really be: fixed points spread like a normal error."""

import math

import numpy as np
from numpy.typing import NDArray

N_SAMPLES = 384


def _sunflower() -> NDArray[np.float64]:
    """Equal shares of probability, each turned by the golden angle, in sigmas."""
    rank = np.arange(N_SAMPLES) + 0.5
    radius = np.sqrt(-2 * np.log1p(-rank / N_SAMPLES))
    angle = rank * (math.pi * (3 - math.sqrt(5)))
    made = np.array([radius * np.cos(angle), radius * np.sin(angle)])
    made.flags.writeable = False
    return made


_EAST, _NORTH = _sunflower()


def samples_about(
    lon: float, lat: float, x: float, y: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the lons and lats of samples about a point; `x` and `y` are a sigma in degrees."""
    return _EAST * x + lon, _NORTH * y + lat
