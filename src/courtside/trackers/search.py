"""The best path of a ball through a whole shot."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from courtside.trackers.flight import Physics
from courtside.trackers.hypotheses import HYPOTHESIS, KEPT, Odds, extend

Float = NDArray[np.float64]
Integer = NDArray[np.int64]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def search(
    frames: Float,
    starts: Integer,
    candidates: Float,
    gravity: float,
    physics: Physics,
    odds: Odds,
) -> tuple[Integer, Integer, float]:
    """Return the path worth most through all frames of a shot: its candidates, what the ball did, and its worth.

    Args:
        frames: (f,), ascending.
        starts: (f + 1,); the candidates of frame ``i`` are ``starts[i] : starts[i + 1]``.
        candidates: (n, 6), as :func:`courtside.trackers.hypotheses.extend` takes them.
        gravity: sides a frame².
        physics: how a ball moves.
        odds: what paths are worth.
    """
    births = np.zeros(len(candidates))
    pool = np.empty(len(candidates) * (2 * KEPT + 1) + 1, HYPOTHESIS)
    first_of = np.zeros(len(frames) + 1, np.int64)
    count, best, top = 0, -1, -np.inf
    for index in range(len(frames)):
        low = index
        while low > 0 and frames[index] - frames[low - 1] <= odds.maximum_gap + 1:
            low -= 1
        begin = count
        here = slice(starts[index], starts[index + 1])
        count = extend(
            pool,
            first_of[low],
            count,
            frames[index],
            starts[index],
            candidates[here],
            births[here],
            gravity,
            physics,
            odds,
        )
        first_of[index + 1] = count
        for number in range(begin, count):
            if pool[number].value > top:
                best, top = number, pool[number].value
    nodes, modes = [-1 for _ in range(0)], [-1 for _ in range(0)]
    while best >= 0:
        nodes.append(pool[best].candidate)
        modes.append(pool[best].mode)
        best = pool[best].parent
    return np.array(nodes[::-1], np.int64), np.array(modes[::-1], np.int64), top
