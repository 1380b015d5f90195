"""Paths of several balls that took one another's ends, put right."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from courtside.trackers.flight import Physics
from courtside.trackers.hypotheses import Odds, search

Float = NDArray[np.float64]
Integer = NDArray[np.int64]

Path = tuple[Integer, Integer, float]
"""The candidates of a path, what the ball did before each of them, and what the path is worth."""


@dataclass(frozen=True)
class Shot:
    """The candidates of a shot.

    Attributes:
        frames: (f,), ascending.
        starts: (f + 1,); the candidates of frame ``i`` are ``starts[i] : starts[i + 1]``.
        candidates: (n, 6), as :func:`courtside.trackers.hypotheses.extend` takes them.
    """

    frames: Float
    starts: Integer
    candidates: Float

    @property
    def times(self) -> Float:
        """The frame of each candidate, (n,)."""
        return np.repeat(self.frames, np.diff(self.starts))


def untangled(shot: Shot, paths: Sequence[Path], gravity: float, physics: Physics, odds: Odds) -> list[Path]:
    """Exchange the ends of paths wherever both together are then worth more.

    Paths that are found one after the other are greedy: where a ball is hidden, the first one goes on with another ball
    that passes, since two balls are worth more than one. Ends are exchanged where a path has a gap.

    Args:
        shot: the candidates.
        paths: through them; no candidate is on two.
        gravity: sides a frame².
        physics: how a ball moves.
        odds: what paths are worth.
    """
    found, times = list(paths), shot.times
    for _ in range(2 * len(found)):
        best, chosen = 1e-6, None
        for one, two in itertools.combinations(range(len(found)), 2):
            first, second = found[one][0], found[two][0]
            for moment in sorted({*_after_gaps(times[first]), *_after_gaps(times[second])}):
                if not (times[first[0]] < moment and times[second[0]] < moment):
                    continue
                ends = first[times[first] >= moment], second[times[second] >= moment]
                heads = first[times[first] < moment], second[times[second] < moment]
                new = [
                    _best_of(shot, np.concatenate([head, end]), gravity, physics, odds)
                    for head, end in zip(heads, ends[::-1], strict=True)
                ]
                gain = new[0][2] + new[1][2] - found[one][2] - found[two][2]
                if gain > best:
                    best, chosen = gain, (one, two, new)
        if chosen is None:
            break
        one, two, new = chosen
        found[one], found[two] = new
    return found


def _after_gaps(times: Float) -> list[float]:
    """Return where a path is seen again, and where it ends."""
    later: list[float] = times[1:][np.diff(times) > 1].tolist()
    return [*later, float(times[-1]) + 1]


def _best_of(shot: Shot, rows: Integer, gravity: float, physics: Physics, odds: Odds) -> Path:
    """Return the best path through some candidates, not necessarily all of them."""
    places = np.searchsorted(shot.starts, rows, side="right") - 1
    starts = np.arange(len(rows) + 1)
    nodes, modes, value = search(shot.frames[places], starts, shot.candidates[rows], gravity, physics, odds)
    return rows[nodes], modes, value
