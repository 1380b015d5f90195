"""Constant-velocity Kalman filters of all tracks at once.

Centre, width and height of a box move independently of one another, so the filter of eight dimensions that trackers use
(Bewley et al., SORT, ICIP 2016; Aharon et al., BoT-SORT, 2022, section 3.1) falls apart into four of two: the same
numbers without a matrix to invert. A state is an array (tracks, 4, 5), float64: for centre x, centre y, width and
height the position in pixels, the velocity in pixels a frame, the variance of the position, the covariance of both, and
the variance of the velocity. Standard deviations are given as shares of the box's height, for the width of the width.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Integer = NDArray[np.int64]

POSITION, VELOCITY, POSITION_VARIANCE, COVARIANCE, VELOCITY_VARIANCE = range(5)
SIZE_SHARE = 0.2  # sides change slower than places: their acceleration as a share of that of the centre
SMALLEST = 1.0  # pixels; a filter that shrinks a box further has lost it


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def measure(corners: Float, axis: int) -> float:
    """Return centre x, centre y, width or height (axis 0–3) of a box (4,)."""
    value: float = (corners[axis] + corners[axis + 2]) / 2 if axis < 2 else corners[axis] - corners[axis - 2]
    return value


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def begin(corners: Float, noise: float, speed: float) -> Float:
    """Return the states of new tracks, which stand still for all that is known.

    Args:
        corners: (n, 4), x1, y1, x2, y2 in pixels.
        noise: standard deviation of what is measured.
        speed: standard deviation of the velocity that nobody knows, a frame.
    """
    states = np.zeros((len(corners), 4, 5))
    for track in range(len(corners)):
        for axis in range(4):
            side = measure(corners[track], 2 if axis == 2 else 3)
            states[track, axis, POSITION] = measure(corners[track], axis)
            states[track, axis, POSITION_VARIANCE] = (noise * side) ** 2
            states[track, axis, VELOCITY_VARIANCE] = (speed * side * (1.0 if axis < 2 else SIZE_SHARE)) ** 2
    return states


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def advance(states: Float, track: int, acceleration: float, kept: float) -> None:
    """Move one state on by one frame, in place; ``kept`` is the share of its velocity that it keeps."""
    height = states[track, 3, POSITION]
    for axis in range(4):
        side = states[track, 2, POSITION] if axis == 2 else height
        variance = (acceleration * side * (1.0 if axis < 2 else SIZE_SHARE)) ** 2
        velocity = kept * states[track, axis, VELOCITY]
        crossed = kept * states[track, axis, COVARIANCE]
        spread = kept * kept * states[track, axis, VELOCITY_VARIANCE]
        states[track, axis, POSITION] += velocity
        states[track, axis, VELOCITY] = velocity
        states[track, axis, POSITION_VARIANCE] += 2 * crossed + spread + variance / 4
        states[track, axis, COVARIANCE] = crossed + spread + variance / 2
        states[track, axis, VELOCITY_VARIANCE] = spread + variance
    for axis in range(2, 4):
        if states[track, axis, POSITION] < SMALLEST:
            states[track, axis, POSITION], states[track, axis, VELOCITY] = SMALLEST, 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def predict(states: Float, acceleration: float, ages: Integer, velocity_kept: float) -> None:
    """Move states on by one frame, in place; the acceleration is white noise (Bar-Shalom et al., 2001, section 6.3.2).

    Args:
        states: (n, 4, 5).
        acceleration: its standard deviation, a frame².
        ages: (n,), frames since each was seen, 0 for the frame before.
        velocity_kept: the share of its velocity that one keeps from frame to frame which was not seen on the last, 0–1:
            who is out of sight may have stopped.
    """
    for track in range(len(states)):
        advance(states, track, acceleration, 1.0 if ages[track] == 0 else velocity_kept)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def correct(states: Float, track: int, corners: Float, noise: float) -> None:
    """Take a box of a track into account, in place.

    Args:
        states: (n, 4, 5).
        track: which of them was seen.
        corners: (4,), its box.
        noise: standard deviation of what is measured.
    """
    for axis in range(4):
        side = measure(corners, 2 if axis == 2 else 3)
        position, crossed = states[track, axis, POSITION_VARIANCE], states[track, axis, COVARIANCE]
        total = position + (noise * side) ** 2
        surprise = measure(corners, axis) - states[track, axis, POSITION]
        states[track, axis, POSITION] += position / total * surprise
        states[track, axis, VELOCITY] += crossed / total * surprise
        states[track, axis, POSITION_VARIANCE] -= position / total * position
        states[track, axis, COVARIANCE] -= position / total * crossed
        states[track, axis, VELOCITY_VARIANCE] -= crossed / total * crossed


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def squared_distance(states: Float, track: int, corners: Float, noise: float) -> float:
    """Return how far the centre of a box (4,) lies from where a track expects it: squared, in standard deviations."""
    measured = (noise * measure(corners, 3)) ** 2
    distance = 0.0
    for axis in range(2):
        away = measure(corners, axis) - states[track, axis, POSITION]
        distance += away * away / (states[track, axis, POSITION_VARIANCE] + measured)
    return distance


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def warp(states: Float, camera: Float) -> None:
    """Move states with the picture, in place.

    Places go by the map and velocities by its linear part; sides and standard deviations by its scale alone, because a
    camera hardly turns about its axis from one frame to the next.

    Args:
        states: (n, 4, 5).
        camera: (2, 3), the affine map from the previous frame's pixels to this frame's.
    """
    squared = abs(camera[0, 0] * camera[1, 1] - camera[0, 1] * camera[1, 0])
    scale = np.sqrt(squared)
    for track in range(len(states)):
        for part in range(2):
            x, y = states[track, 0, part], states[track, 1, part]
            shift = 1.0 if part == 0 else 0.0
            states[track, 0, part] = camera[0, 0] * x + camera[0, 1] * y + shift * camera[0, 2]
            states[track, 1, part] = camera[1, 0] * x + camera[1, 1] * y + shift * camera[1, 2]
            states[track, 2, part] *= scale
            states[track, 3, part] *= scale
        for axis in range(4):
            for part in range(2, 5):
                states[track, axis, part] *= squared
