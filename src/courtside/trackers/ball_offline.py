"""The balls of a whole shot: the best paths through all candidates, joined to identities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from courtside.trackers.flight import FLIGHT, Physics
from courtside.trackers.gravity import Gravity
from courtside.trackers.hypotheses import Odds, search
from courtside.trackers.untangle import Path, Shot, untangled

Float = NDArray[np.float64]
Integer = NDArray[np.int64]

SAME_BALL = 0.5
"""Candidates of a frame whose centres are nearer than this, in sides, are around the same ball."""


@dataclass(frozen=True)
class Limits:
    """Which paths are balls.

    Attributes:
        maximum_count: balls at once.
        minimum_value: log-odds that a path must have.
    """

    maximum_count: int
    minimum_value: float


@dataclass(frozen=True)
class Track:
    """A path through candidates, and whose it is.

    Attributes:
        identity: of the ball in the shot, from 0.
        rows: its candidates, in order.
        value: what the path is worth, log-odds.
    """

    identity: int
    rows: Integer
    value: float


def find_tracks(shot: Shot, gravity: Gravity, physics: Physics, odds: Odds, limits: Limits) -> list[Track]:
    """Return the paths of the balls of a shot, in the order in which they begin.

    The path worth most is found first, then the one worth most through what is left (Pirsiavash, Ramanan & Fowlkes,
    "Globally-Optimal Greedy Algorithms for Tracking a Variable Number of Objects", 2011, section 4). The first search
    believes what gravity is, and what it found in flight is used for those that count.
    """
    for rows, modes, _ in _paths(shot, gravity.value, physics, odds, limits):
        _see(gravity, shot, rows, modes)
    found = _paths(shot, gravity.value, physics, odds, limits)
    if limits.maximum_count > 1:
        found = untangled(shot, found, gravity.value, physics, odds)
    return _identified(shot, sorted(found, key=lambda path: int(path[0][0])), odds, limits.maximum_count)


def _paths(shot: Shot, gravity: float, physics: Physics, odds: Odds, limits: Limits) -> list[Path]:
    candidates, times = shot.candidates.copy(), shot.times
    taken = np.zeros(len(shot.frames), np.int64)
    place = np.repeat(np.arange(len(shot.frames)), np.diff(shot.starts))
    found: list[Path] = []
    while (candidates[:, 3] > -np.inf).any():
        rows, modes, value = search(shot.frames, shot.starts, candidates, gravity, physics, odds)
        if not len(rows) or value <= limits.minimum_value:
            break
        candidates[rows, 3] = -np.inf
        if candidates[rows, 4].sum() < odds.sure_boxes:
            continue
        found.append((rows, modes, value))
        taken[place[rows[0]] : place[rows[-1]] + 1] += 1
        candidates[taken[place] >= limits.maximum_count, 3] = -np.inf
        for row in rows:
            same = np.flatnonzero(times == times[row])
            near = np.hypot(*(candidates[same, :2] - candidates[row, :2]).T) < SAME_BALL * candidates[row, 2]
            candidates[same[near], 3] = -np.inf
    return found


def _see(gravity: Gravity, shot: Shot, rows: Integer, modes: Integer) -> None:
    times = shot.times
    for row, mode in zip(rows, modes, strict=True):
        gravity.see(times[row], shot.candidates[row, 1], shot.candidates[row, 2], bool(mode == FLIGHT))


def _identified(shot: Shot, paths: Sequence[Path], odds: Odds, maximum_count: int) -> list[Track]:
    """Give each path the identity of the ball that was lost nearest to where it begins.

    There are no more balls than may be seen at once, so a path is of a new one only where all known ones are seen
    elsewhere, or one more is allowed and none known could have got there.
    """
    times = shot.times
    last: list[Integer] = []
    result = []
    for rows, _, value in paths:
        free = [ball for ball, ended in enumerate(last) if times[ended[-1]] < times[rows[0]]]
        speeds = {ball: _speed(shot, times, int(last[ball][-1]), int(rows[0])) for ball in free}
        nearest = min(free, key=lambda ball: speeds[ball], default=None)
        if nearest is None or (len(last) < maximum_count and speeds[nearest] > odds.reach):
            nearest = len(last)
            last.append(rows)
        last[nearest] = rows
        result.append(Track(nearest, rows, value))
    return result


def _speed(shot: Shot, times: Float, first: int, second: int) -> float:
    """Return how many sides a frame a ball would move from one candidate to another."""
    distance = np.hypot(*(shot.candidates[first, :2] - shot.candidates[second, :2]))
    return float(distance / shot.candidates[[first, second], 2].mean() / (times[second] - times[first]))
