"""The Kalman filter of SORT's successors, for any number of tracks at once.

The state is the centre x, y, the aspect ratio width / height and the height of a box, and the velocity of each; it
moves on evenly from frame to frame. Noise grows with the height (Wojke et al. 2017, "Simple Online and Realtime
Tracking with a Deep Association Metric", section 2.1; the weights are those of its code). FairMOT uses the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_POSITION, _VELOCITY = 1 / 20, 1 / 160
# A ratio is no length: its noise does not grow with the box.
_RATIO, _RATIO_VELOCITY, _MEASURED_RATIO = 1e-2, 1e-5, 1e-1


@dataclass
class States:
    """What is known of tracks: means (n, 8) and covariances (n, 8, 8), in pixels and pixels a frame."""

    means: Array
    covariances: Array

    def __len__(self) -> int:
        return len(self.means)

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> States:
        """Return those of some tracks."""
        return States(self.means[rows], self.covariances[rows])


def measured(corners: NDArray[np.floating]) -> Array:
    """Return boxes (n, 4) of x1, y1, x2, y2 as centre x, y, width / height and height."""
    corners = np.asarray(corners, dtype=np.float64).reshape(-1, 4)
    size = corners[:, 2:] - corners[:, :2]
    return np.column_stack([(corners[:, :2] + corners[:, 2:]) / 2, size[:, 0] / size[:, 1], size[:, 1]])


def corners_of(states: States) -> Array:
    """Return the boxes that states stand for, (n, 4) x1, y1, x2, y2 in pixels."""
    x, y, ratio, height = states.means[:, :4].T
    half_width, half_height = ratio * height / 2, height / 2
    return np.column_stack([x - half_width, y - half_height, x + half_width, y + half_height])


def begin(boxes: Array) -> States:
    """Return the states of tracks that begin with boxes (n, 4), as :func:`measured` gives them, at rest."""
    deviations = _deviations(boxes[:, 3], 2 * _POSITION, 10 * _VELOCITY, _RATIO, _RATIO_VELOCITY)
    return States(np.hstack([boxes, np.zeros_like(boxes)]), _diagonal(deviations))


def predict(states: States) -> States:
    """Return the states one frame later."""
    step = np.eye(8)
    step[:4, 4:] = np.eye(4)
    noise = _diagonal(_deviations(states.means[:, 3], _POSITION, _VELOCITY, _RATIO, _RATIO_VELOCITY))
    return States(states.means @ step.T, step @ states.covariances @ step.T + noise)


def move(states: States, camera: Array) -> States:
    """Return the states in the pixels of the next frame, as the camera moved.

    The centre and its velocity go through the affine map (Aharon et al. 2022, "BoT-SORT", equations 4–7); the height is
    scaled as the map scales lengths, and the ratio stays.

    Args:
        states: in pixels of the previous frame.
        camera: (2, 3), the affine map from the previous frame's pixels to this frame's.
    """
    scale = np.sqrt(abs(np.linalg.det(camera[:, :2])))
    half = np.zeros((4, 4))
    half[:2, :2], half[2, 2], half[3, 3] = camera[:, :2], 1.0, scale
    whole = np.kron(np.eye(2), half)
    means = states.means @ whole.T
    means[:, :2] += camera[:, 2]
    return States(means, whole @ states.covariances @ whole.T)


def correct(states: States, boxes: Array) -> States:
    """Return the states after each was seen as a box of :func:`measured`, (n, 4)."""
    spread = _projected(states)
    gain = np.linalg.solve(spread, states.covariances[:, :4]).transpose(0, 2, 1)
    off = boxes - states.means[:, :4]
    means = states.means + np.einsum("nij,nj->ni", gain, off)
    return States(means, states.covariances - gain @ spread @ gain.transpose(0, 2, 1))


def distances(states: States, boxes: Array) -> Array:
    """Return the squared Mahalanobis distance of every state and every box, (n, m).

    That of the right box is below 9.4877 in 95 of 100 cases (χ² of four degrees of freedom).
    """
    off = boxes[None] - states.means[:, None, :4]
    inverse = np.linalg.inv(_projected(states))
    result: Array = np.einsum("nmi,nij,nmj->nm", off, inverse, off)
    return result


def _projected(states: States) -> Array:
    heights = states.means[:, 3]
    deviations = np.column_stack(
        [_POSITION * heights, _POSITION * heights, np.full_like(heights, _MEASURED_RATIO), _POSITION * heights]
    )
    return states.covariances[:, :4, :4] + _diagonal(deviations)


def _deviations(heights: Array, position: float, velocity: float, ratio: float, ratio_velocity: float) -> Array:
    place, speed, ones = position * heights, velocity * heights, np.ones_like(heights)
    return np.column_stack([place, place, ratio * ones, place, speed, speed, ratio_velocity * ones, speed])


def _diagonal(deviations: Array) -> Array:
    return np.eye(deviations.shape[1]) * (deviations**2)[:, None, :]
