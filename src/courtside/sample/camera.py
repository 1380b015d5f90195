"""A pinhole camera that pans, tilts and zooms, and its path through one shot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NEAR_M = 0.5
"""Nearest depth that is painted."""


@dataclass(frozen=True)
class Camera:
    """A camera above a floor at z = 0; x runs along the court, y across it, z up, in metres.

    Attributes:
        position: (x, y, z) in metres.
        pan: angle from the y axis towards the x axis, radians.
        tilt: angle below the horizon, radians.
        focal: focal length in pixels.
        centre: principal point (x, y) in pixels.
    """

    position: tuple[float, float, float]
    pan: float
    tilt: float
    focal: float
    centre: tuple[float, float]

    def rotation(self) -> Array:
        """Return the rotation from world to camera axes (right, down, forward), shape (3, 3)."""
        sin_pan, cos_pan, sin_tilt, cos_tilt = np.sin(self.pan), np.cos(self.pan), np.sin(self.tilt), np.cos(self.tilt)
        forward = np.array([sin_pan * cos_tilt, cos_pan * cos_tilt, -sin_tilt])
        right = np.array([cos_pan, -sin_pan, 0.0])
        return np.stack([right, np.cross(forward, right), forward])

    def intrinsics(self) -> Array:
        """Return the camera matrix, shape (3, 3), pixels."""
        return np.array([[self.focal, 0, self.centre[0]], [0, self.focal, self.centre[1]], [0, 0, 1.0]])

    def project(self, points: Array) -> tuple[Array, Array]:
        """Project world points.

        Args:
            points: shape (..., 3), metres.

        Returns:
            Pixels of shape (..., 2) and depths of shape (...), metres; pixels mean nothing where the
            depth is not above :data:`NEAR_M`.
        """
        local = (points - np.asarray(self.position)) @ self.rotation().T
        depth = local[..., 2]
        safe = np.maximum(depth, NEAR_M)
        return local[..., :2] / safe[..., None] * self.focal + np.asarray(self.centre), depth

    def plane_homography(self, origin: Array, along: Array, down: Array) -> Array:
        """Return the homography from plane coordinates to pixels, shape (3, 3).

        Args:
            origin: world position of plane point (0, 0).
            along: world vector of one step of the first plane coordinate.
            down: the same for the second.
        """
        rotation = self.rotation()
        columns = np.stack([along, down, origin - np.asarray(self.position)], axis=1)
        matrix: Array = self.intrinsics() @ rotation @ columns
        return matrix

    def turn_homography(self, other: Camera) -> Array:
        """Return the homography from this camera's pixels to those of ``other`` at the same position."""
        matrix: Array = other.intrinsics() @ other.rotation() @ self.rotation().T @ np.linalg.inv(self.intrinsics())
        return matrix


@dataclass(frozen=True)
class CameraPath:
    """A camera that stands still and turns: one pan, tilt and focal length a frame.

    Attributes:
        position: (x, y, z) in metres.
        pan, tilt: shape (frames,), radians.
        focal: shape (frames,), pixels.
        centre: principal point in pixels.
    """

    position: tuple[float, float, float]
    pan: Array
    tilt: Array
    focal: Array
    centre: tuple[float, float]

    def at(self, frame: float) -> Camera:
        """Return the camera at a frame of the path; fractions interpolate, ends hold."""
        low = int(np.clip(np.floor(frame), 0, len(self.pan) - 1))
        high = min(low + 1, len(self.pan) - 1)
        share = float(np.clip(frame - low, 0, 1))
        pan, tilt, focal = (float(v[low] + share * (v[high] - v[low])) for v in (self.pan, self.tilt, self.focal))
        return Camera(self.position, pan, tilt, focal, self.centre)

    def reference(self) -> Camera:
        """Return a camera in the middle of the path with its longest focal length."""
        pan = float(self.pan.min() + self.pan.max()) / 2
        tilt = float(self.tilt.min() + self.tilt.max()) / 2
        return Camera(self.position, pan, tilt, float(self.focal.max()), self.centre)


def aim(position: Array, target: Array) -> tuple[Array, Array]:
    """Return pan and tilt (radians) that centre the targets.

    Args:
        position: shape (3,), metres.
        target: shape (..., 3), metres.
    """
    offset = target - position
    pan = np.arctan2(offset[..., 0], offset[..., 1])
    tilt = np.arctan2(-offset[..., 2], np.hypot(offset[..., 0], offset[..., 1]))
    return pan, tilt
