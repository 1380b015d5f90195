"""The path of an object through time: constant acceleration, seen with noise, smoothed forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from courtside.errors import UserError

Float = NDArray[np.float64]
Matrix = Callable[[float], Float]


@dataclass(frozen=True)
class MotionModel:
    """How an object moves and how exactly it is seen; lengths in sides of its box, so that a model suits any size.

    Attributes:
        jerk: how fast its acceleration changes, sides per frame³ (standard deviation after one frame). A ball in flight
            needs next to none, a dribble and a hand need some.
        position_noise: standard deviation of a detected centre, sides.
        size_noise: standard deviation of a detected side, as a share of it.
        size_drift: how much the side changes from frame to frame, as a share of it.

    Raises:
        UserError: when one of them is not above 0.
    """

    jerk: float = 0.4
    position_noise: float = 0.1
    size_noise: float = 0.3
    size_drift: float = 0.03

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name, value in vars(self).items():
            if not value > 0:
                raise UserError(f"motion.{name} must be above 0, not {value}")


@dataclass(frozen=True)
class Path:
    """A smoothed path.

    Attributes:
        corners: (m, 4), x1, y1, x2, y2 in pixels at each of the times asked for.
        distances: (n,), squared Mahalanobis distance, in two dimensions, of each seen centre from where all *other*
            boxes of the path say it is.
        uncertainties: (m,), standard deviation of the centre, either way, at each of the times asked for, in sides of
            the box there (the square root of its area).
    """

    corners: Float
    distances: Float
    uncertainties: Float


def smooth(times: Float, corners: Float, at: Float, model: MotionModel) -> Path:
    """Smooth the boxes of one object.

    Its centre follows a Wiener process of acceleration (Bar-Shalom, Li & Kirubarajan, "Estimation with Applications to
    Tracking and Navigation", 2001, section 6.2.3), the logarithms of its sides a random walk; both by a Kalman filter
    and the smoother of Rauch, Tung & Striebel, "Maximum Likelihood Estimates of Linear Dynamic Systems" (1965).

    Args:
        times: (n,), frames, ascending, each once.
        corners: (n, 4), x1, y1, x2, y2 in pixels.
        at: (m,), frames, ascending, each once, at which the path is wanted; within the times or outside.
        model: how it moves.

    Returns:
        The path. With a single box it stays where it was seen, and its distance is 0.
    """
    centres, sides = (corners[:, :2] + corners[:, 2:]) / 2, np.log(corners[:, 2:] - corners[:, :2])
    scale = float(np.exp(np.median(sides)))
    noise = (model.position_noise * np.exp(sides.mean(axis=1))) ** 2
    first = np.diag([scale**2 * 1e4, scale**2 * 9.0, scale**2])
    every = np.union1d(times, at)
    seen = np.searchsorted(every, times)
    where, spread = _smooth(
        every, seen, centres, noise, first, _acceleration_step, _acceleration_noise((model.jerk * scale) ** 2)
    )
    size_noise = np.full(len(times), model.size_noise**2)
    size, _ = _smooth(every, seen, sides, size_noise, np.full((1, 1), 1e2), _no_step, _walk_noise(model.size_drift**2))
    # Left out of the sum of all evidence, a box of leverage h would be missed by r / (1 - h), give or take the noise.
    leverage = np.clip(spread[seen] / noise, 0.0, 1 - 1e-9)
    distances = ((centres - where[seen]) ** 2).sum(axis=1) / (noise * (1 - leverage))
    wanted = np.searchsorted(every, at)
    half = np.exp(size[wanted]) / 2
    uncertainties = np.sqrt(np.clip(spread[wanted], 0, None)) / np.exp(size[wanted].mean(axis=1))
    return Path(np.hstack([where[wanted] - half, where[wanted] + half]), distances, uncertainties)


def _smooth(
    every: Float,
    seen: NDArray[np.int64],
    values: Float,
    noise: Float,
    first_spread: Float,
    step: Matrix,
    disturbance: Matrix,
) -> tuple[Float, Float]:
    """Return position (times, dimensions) and its variance (times,); the dimensions share one covariance."""
    order = len(first_spread)
    measured = dict(zip(seen.tolist(), range(len(seen)), strict=True))
    start = np.zeros((order, values.shape[1]))
    start[0] = values[0]
    state, spread = start, first_spread
    states, spreads = np.empty((len(every), *start.shape)), np.empty((len(every), order, order))
    expected, uncertain = np.empty_like(states), np.empty_like(spreads)
    for index in range(len(every)):
        if index:
            gap = float(every[index] - every[index - 1])
            forward = step(gap)
            state, spread = forward @ state, forward @ spread @ forward.T + disturbance(gap)
        expected[index], uncertain[index] = state, spread
        row = measured.get(index)
        if row is not None:
            gain = spread[:, 0] / (spread[0, 0] + noise[row])
            state = state + gain[:, None] * (values[row] - state[0])
            spread = spread - np.outer(gain, spread[0])
            spread = (spread + spread.T) / 2
        states[index], spreads[index] = state, spread
    for index in range(len(every) - 2, -1, -1):
        forward = step(float(every[index + 1] - every[index]))
        gain = np.linalg.solve(uncertain[index + 1], forward @ spreads[index]).T
        states[index] = states[index] + gain @ (states[index + 1] - expected[index + 1])
        spreads[index] = spreads[index] + gain @ (spreads[index + 1] - uncertain[index + 1]) @ gain.T
    return states[:, 0], spreads[:, 0, 0]


def _acceleration_step(gap: float) -> Float:
    return np.array([[1.0, gap, gap * gap / 2], [0.0, 1.0, gap], [0.0, 0.0, 1.0]])


def _acceleration_noise(strength: float) -> Matrix:
    def noise(gap: float) -> Float:
        powers = [gap**power for power in range(1, 6)]
        one, two, three, four, five = powers
        return strength * np.array(
            [[five / 20, four / 8, three / 6], [four / 8, three / 3, two / 2], [three / 6, two / 2, one]]
        )

    return noise


def _no_step(gap: float) -> Float:
    return np.eye(1)


def _walk_noise(strength: float) -> Matrix:
    return lambda gap: np.full((1, 1), strength * gap)
