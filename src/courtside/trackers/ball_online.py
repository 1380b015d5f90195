"""One ball frame by frame: the best path so far, and whether it has the ball now."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from courtside.trackers.flight import FLIGHT, Physics
from courtside.trackers.gravity import Gravity
from courtside.trackers.hypotheses import HYPOTHESIS, KEPT, Odds, extend

Float = NDArray[np.float64]


class OnlineBall:
    """Follows one ball; knows nothing of what comes.

    All paths that have a box within the last ``maximum_gap`` frames stay hypotheses. A path may begin anew anywhere,
    from what the best path was worth: then the ball was lost and is found again.

    Args:
        gravity: the belief about it; what is seen of flight refines it.
        physics: how a ball moves.
        odds: what paths are worth.
        far_cost: log-odds that it costs to begin anew farther away than the ball could have got.
        lost_cost: log-odds that it costs to take the ball for lost rather than a doubtful box for the ball.
    """

    def __init__(self, gravity: Gravity, physics: Physics, odds: Odds, *, far_cost: float, lost_cost: float) -> None:
        self._gravity, self._physics, self._odds = gravity, physics, odds
        self._far_cost, self._lost_cost = far_cost, lost_cost
        self._pool = np.empty(1024, HYPOTHESIS)
        self._count = 0
        self._last: tuple[float, float, float, float] | None = None
        self.best = 0.0
        self.missed = 0

    def update(self, time: float, candidates: Float) -> int:
        """Return which candidate of the next frame is the ball, -1 for none.

        Args:
            time: the frame.
            candidates: (n, 6), as :func:`courtside.trackers.hypotheses.extend` takes them.
        """
        self._forget(time)
        before = self._count
        births = np.full(len(candidates), self.best)
        if self._last is not None and len(candidates):
            x, y, side, seen = self._last
            reach = self._odds.reach * side * (time - seen)
            births = births - self._far_cost * (np.hypot(candidates[:, 0] - x, candidates[:, 1] - y) > reach)
        self._count = extend(
            self._pool, 0, before, time, 0, candidates, births, self._gravity.value, self._physics, self._odds
        )
        new = self._pool[before : self._count]
        self.missed += 1
        enough = self.best - self._lost_cost * (new["length"] > 1)
        believed = new[(new["sure"] >= self._odds.sure_boxes) & (new["value"] > enough)]
        if not len(believed):
            return -1
        chosen = believed[believed["value"].argmax()]
        self.best, self.missed = max(self.best, float(chosen["value"])), 0
        self._last = (float(chosen["x"]), float(chosen["y"]), float(chosen["side"]), time)
        self._gravity.see(time, float(chosen["y"]), float(chosen["side"]), bool(chosen["mode"] == FLIGHT))
        return int(chosen["candidate"])

    def _forget(self, time: float) -> None:
        """Drop hypotheses that are too old to go on, and make room."""
        alive = self._pool["time"][: self._count] >= time - self._odds.maximum_gap - 1
        kept = self._pool[: self._count][alive]
        if len(kept) < self._count:
            self._count = len(kept)
            self._pool[: self._count] = kept

    def renounce(self, time: float, candidates: NDArray[np.int64]) -> None:
        """Drop the hypotheses that end at candidates of a frame: they are another ball."""
        newest = self._pool[: self._count]
        kept = newest[~((newest["time"] == time) & np.isin(newest["candidate"], candidates))]
        self._count = len(kept)
        self._pool[: self._count] = kept

    def reserve(self, candidates: int) -> None:
        """Make room for what so many candidates may add."""
        needed = self._count + candidates * (2 * KEPT + 1)
        if needed > len(self._pool):
            self._pool = np.concatenate([self._pool, np.empty(2 * needed, HYPOTHESIS)])
