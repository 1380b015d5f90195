"""Where the ball may be: several hypotheses for each candidate, each a path with a motion of its own.

Multiple hypothesis tracking (Reid, "An Algorithm for Tracking Multiple Targets", 1979) in the form of a list Viterbi
search: of all paths that end at a candidate the best few of each kind of motion stay, so none is lost through an
occlusion that it may yet explain, and none multiplies. What a path is worth is a sum of log-odds (Blackman, "Multiple
Hypothesis Tracking for Multiple Target Tracking", 2004, section IV).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from courtside.trackers.flight import BOUNCE, FLIGHT, HANDLED, Physics, correct, predict

Float = NDArray[np.float64]
Integer = NDArray[np.int64]

HYPOTHESIS = np.dtype(
    [
        ("time", np.float64),  # frame of its last candidate
        ("candidate", np.int64),  # that candidate
        ("parent", np.int64),  # the hypothesis that it goes on from; -1 at the beginning of a path
        ("mode", np.int64),  # what the ball did since then
        ("length", np.int64),  # candidates of the path
        ("sure", np.int64),  # those of them that are sure
        ("at_player", np.int64),  # whether its last candidate lies at a player (1)
        ("value", np.float64),  # log-odds
        ("side", np.float64),  # of the box, pixels, smoothed
        ("x", np.float64),
        ("y", np.float64),
        ("vx", np.float64),
        ("vy", np.float64),
        ("spread", np.float64),
        ("joint", np.float64),
        ("speed_spread", np.float64),
    ],
    align=True,
)


class Odds(NamedTuple):
    """What paths are worth, in log-odds.

    Attributes:
        clutter: false boxes on an area of one side squared, where there is one; a candidate where the ball is expected
            counts for as much as it would be a coincidence.
        size_spread: standard deviation of the logarithm of a detected side.
        gap_cost: of each frame without a box.
        hidden_cost: of each of them where the ball was at a player before and is again: players hide balls.
        turn_cost: of taking to hands, or out of them.
        bounce_cost: of a bounce.
        birth_cost: of a path that begins.
        doubt_cost: of a path without enough sure boxes; it gets that back with the last one it needs.
        sure_boxes: how many are enough.
        gate: how far from where it is expected a candidate may be, in standard deviations.
        reach: how far it may be from the last one, for each frame since then, in sides.
        maximum_gap: frames a path may have no box on.
    """

    clutter: float
    size_spread: float
    gap_cost: float
    hidden_cost: float
    turn_cost: float
    bounce_cost: float
    birth_cost: float
    doubt_cost: float
    sure_boxes: int
    gate: float
    reach: float
    maximum_gap: int


KEPT = 2
"""Hypotheses that stay for each candidate and each of flight and hands."""
HOPELESS = 10.0
"""Log-odds by which a hypothesis is worse than the best of its candidate and goes."""


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def extend(
    pool: NDArray[np.void],
    oldest: int,
    count: int,
    time: float,
    first: int,
    candidates: Float,
    births: Float,
    gravity: float,
    physics: Physics,
    odds: Odds,
) -> int:
    """Add the hypotheses that end at the candidates of one frame; return how many there are then.

    Args:
        pool: records of :data:`HYPOTHESIS`, with room for ``2 * KEPT`` more for each candidate.
        oldest: the first hypothesis that may go on.
        count: how many there are.
        time: the frame.
        first: number of the first candidate.
        candidates: (n, 6): centre, side, what each is worth in log-odds (minus infinity: not to be used), whether it is
            sure (1) or not (0), and whether it lies at a player.
        births: (n,), what is added where a path begins.
        gravity: sides a frame².
        physics: how a ball moves.
        odds: what paths are worth.
    """
    best = np.empty((2, KEPT))
    origin = np.empty((2, KEPT), np.int64)
    moved = np.empty((2, KEPT), np.int64)
    total = count
    most = -math.log(2 * math.pi * odds.clutter * physics.position_noise**2)
    for row in range(len(candidates)):
        x, y, side, worth, sure, at_player = candidates[row]
        if worth == -np.inf:
            continue
        best[:] = -np.inf
        begun = births[row] - odds.birth_cost - (odds.doubt_cost if sure < odds.sure_boxes else 0.0)
        # The newest first: they are worth most, and what cannot be worth as much then needs no prediction.
        for number in range(count - 1, oldest - 1, -1):
            before = pool[number]
            frames = time - before.time
            scale = math.sqrt(side * before.side)
            limit = odds.reach * frames * scale
            if (x - before.x) ** 2 + (y - before.y) ** 2 > limit**2:
                continue
            change = math.log(side / before.side) / odds.size_spread
            if change**2 > odds.gate**2:
                continue
            missing = odds.hidden_cost if at_player and before.at_player else odds.gap_cost
            common = before.value - missing * (frames - 1) - change**2 / 2
            if before.sure < odds.sure_boxes <= before.sure + sure:
                common += odds.doubt_cost
            if common + most <= max(min(best[0, KEPT - 1], best[1, KEPT - 1]), begun - HOPELESS):
                continue
            noise = (physics.position_noise * scale) ** 2
            for mode in range(3):
                if mode == BOUNCE and before.vy <= 0:
                    continue
                was = HANDLED if before.mode == HANDLED else FLIGHT
                value = common
                if mode == BOUNCE:
                    value -= odds.bounce_cost + (odds.turn_cost if was == HANDLED else 0.0)
                elif mode != was and before.parent >= 0:
                    value -= odds.turn_cost
                there = predict(state_of(before), scale, frames, mode, gravity * scale, physics)
                variance = there[4] + noise
                off = ((x - there[0]) ** 2 + (y - there[1]) ** 2) / variance
                if off > odds.gate**2:
                    continue
                value -= off / 2 + math.log(2 * math.pi * odds.clutter * variance / scale**2)
                kind = 1 if mode == HANDLED else 0
                place = KEPT
                while place > 0 and value > best[kind, place - 1]:
                    place -= 1
                if place < KEPT:
                    for later in range(KEPT - 1, place, -1):
                        best[kind, later] = best[kind, later - 1]
                        origin[kind, later] = origin[kind, later - 1]
                        moved[kind, later] = moved[kind, later - 1]
                    best[kind, place], origin[kind, place], moved[kind, place] = value, number, mode
        # A path that is worth less than one that begins here may know how fast the ball is, and soon be worth more.
        lowest = max(begun, best[0, 0], best[1, 0]) - HOPELESS
        for kind in range(2):
            for place in range(KEPT):
                if best[kind, place] > lowest:
                    parent = origin[kind, place]
                    before = pool[parent]
                    scale = math.sqrt(side * before.side)
                    mode = moved[kind, place]
                    there = predict(state_of(before), scale, time - before.time, mode, gravity * scale, physics)
                    here = correct(there, x, y, (physics.position_noise * scale) ** 2)
                    new = pool[total]
                    new.parent, new.mode, new.length = parent, mode, before.length + 1
                    new.sure, new.side = before.sure + int(sure), before.side * (side / before.side) ** 0.3
                    new.value = best[kind, place] + worth
                    _fill(new, time, first + row, at_player, here)
                    total += 1
        if begun > lowest:
            new = pool[total]
            new.parent, new.mode, new.length, new.sure, new.side = -1, HANDLED, 1, int(sure), side
            new.value = begun + worth
            speed = (2 * physics.handled_speed * side) ** 2
            _fill(new, time, first + row, at_player, (x, y, 0.0, 0.0, (physics.position_noise * side) ** 2, 0.0, speed))
            total += 1
    return total


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def state_of(hypothesis: Any) -> tuple[float, float, float, float, float, float, float]:
    """Return the state of the ball at the last candidate of a hypothesis."""
    return (
        hypothesis.x,
        hypothesis.y,
        hypothesis.vx,
        hypothesis.vy,
        hypothesis.spread,
        hypothesis.joint,
        hypothesis.speed_spread,
    )


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _fill(
    new: Any,
    time: float,
    candidate: int,
    at_player: float,
    state: tuple[float, float, float, float, float, float, float],
) -> None:
    new.time, new.candidate, new.at_player = time, candidate, int(at_player)
    new.x, new.y, new.vx, new.vy, new.spread, new.joint, new.speed_spread = state


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
        candidates: (n, 6), as :func:`extend` takes them.
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
