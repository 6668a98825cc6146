"""How much of a normal error falls into each of some polygons, told by their edges alone.

Green's theorem turns the share of an isotropic normal distribution about the origin that lies in
a polygon into an integral round it, r and theta being polar coordinates in sigmas:

    share = 1 - outflow where the polygon holds the origin, else -outflow,
    outflow = 1/2pi * integral of exp(-r^2/2) d(theta), counter-clockwise, holes clockwise.

Along an edge at the distance h from the origin d(theta) = h ds / (h^2 + s^2). Of that, the part
without the exponential is an angle, and what is left, (1 - exp(-r^2/2)) / r^2, is so smooth that
two Gauss-Legendre nodes do for an edge below two sigmas and five for any. What lies farther than
`REACH` is passed over: exp(-REACH^2/2), 0.011, is the most that this can cost.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Nodes = tuple[Floats, Floats]

REACH = 3.0  # sigmas
N_SAMPLES = 384  # fixed points spread like the error, for what is too much to integrate
_MANY_EDGES = 200  # from here on it pays to drop those that are out of reach
_TINY = 1e-9
_FAR = 1e6 + 1e6j
_AWRY = 0.7390851 + 0.4142136j
_SHORT = 1.0  # half an edge, in sigmas
# As arrays: numpy would make one of a plain number each time.
_ZERO, _ONE, _HALF, _MINUS_HALF, _PER_TURN = map(np.array, (0.0, 1.0, 0.5, -0.5, 0.5 / math.pi))


def _nodes(n: int) -> Nodes:
    """Give places in -1..1, one below the other, and their weights."""
    at, weight = np.polynomial.legendre.leggauss(n)
    return at.reshape(-1, 1), weight


_FOR_SHORT, _FOR_ALL = _nodes(2), _nodes(5)


def sigma_m(accuracy_m: float, confidence: float) -> float:
    """Give the sigma of which a circle of that radius holds that share."""
    return accuracy_m / math.sqrt(-2 * math.log1p(-confidence))


def outflows(
    z: Complexes, joints: Sequence[int], starts: Sequence[int]
) -> tuple[list[float], list[float], bool]:
    """Give each polygon's outflow, the square of its boundary's distance, and if all fit together.

    `z` are the vertices in sigmas from the origin, closed ring after ring; `joints` says where
    each ring but the last ends, `starts` where each polygon begins. They fit together when every
    edge within reach is there twice, once each way: then they neither overlap there nor leave
    gaps. Distances are in sigmas.
    """
    a, b = z[:-1], z[1:]
    edge = b - a
    half = np.abs(edge)
    edge *= np.conjugate(a)
    if not np.logical_and.reduce(half):
        nothing = half == 0  # a vertex given twice
        edge[nothing], half[nothing] = _FAR, 1.0
    edge /= half
    half *= _HALF
    middle, height = edge.real, edge.imag
    middle += half
    square = height * height
    beyond = np.maximum(np.abs(middle) - half, _ZERO)
    beyond *= beyond
    beyond += square
    if joints:
        beyond[np.array(joints) - 1] = np.inf  # no edge, but the way from one ring to the next
    first = np.array(starts)
    least: list[float] = np.minimum.reduceat(beyond, first).tolist()
    both = (a + _AWRY) * (b + _AWRY)
    close = beyond < REACH * REACH
    half *= close
    if len(half) > _MANY_EDGES:
        close[first] = True  # so that each polygon keeps one
        (near,) = close.nonzero()
        first = near.searchsorted(first)
        middle, half, height, square = middle[near], half[near], height[near], square[near]
        both = both[near]
    each = _outflow(middle, half, height, square)
    told: list[float] = np.add.reduceat(each, first).tolist()
    # Were edges left over, these two sums would tell: of outflows, and of where they are. The
    # second is alike for an edge both ways, and for no two others in a layout of any symmetry.
    return told, least, abs(both.dot(each)) + abs(sum(told)) < _TINY


def _outflow(middle: Floats, half: Floats, height: Floats, square: Floats) -> Floats:
    """Give the outflow through edges, each `height` left of the origin and `half` its length.

    `middle` is how far its middle lies along it from where the origin is abreast.
    """
    low, high = middle - half, middle + half
    if np.maximum.reduce(half) < _SHORT:
        at, weight = _FOR_SHORT
    else:
        at, weight = _FOR_ALL
        low, high = np.maximum(low, -REACH), np.minimum(high, REACH)
        half = np.maximum((high - low) * 0.5, _ZERO)
        middle = low + half
    r2 = at * half
    r2 += middle
    r2 *= r2
    r2 += square
    inner = np.exp(r2 * _MINUS_HALF)
    np.subtract(_ONE, inner, out=inner)
    inner /= r2
    low *= high
    low += square
    wide = height * half
    angle = np.arctan2(wide + wide, low)
    wide *= weight.dot(inner)
    angle -= wide
    angle *= _PER_TURN
    return angle


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
