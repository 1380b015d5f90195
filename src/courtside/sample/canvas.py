"""A picture that remembers who can be seen in each of its pixels."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from courtside.sample.camera import Array, Camera
from courtside.sample.settings import Colour

Image = NDArray[np.uint8]

_CAP = np.linspace(-np.pi / 2, np.pi / 2, 6)
_RING = np.stack([np.concatenate([np.cos(_CAP), -np.cos(_CAP)]), np.concatenate([np.sin(_CAP), -np.sin(_CAP)])], axis=1)
_SHIFT = 4
_ONE = 1 << _SHIFT
HIDES = 255
"""Owner of what hides objects and is none itself."""


def shade(colour: Colour, gain: float) -> Colour:
    """Return a colour made darker (below 1) or brighter."""
    blue, green, red = colour
    return min(255, int(blue * gain)), min(255, int(green * gain)), min(255, int(red * gain))


def capsule(start: Array, end: Array, first: float, second: float) -> Array:
    """Return the outline of a limb, shape (12, 2), pixels, with radii ``first`` and ``second``."""
    across, down = float(end[0] - start[0]), float(end[1] - start[1])
    length = math.hypot(across, down)
    cos, sin = (across / length, down / length) if length > 1e-9 else (1.0, 0.0)
    outline = _RING @ ((cos, sin), (-sin, cos))
    outline[:6] *= second
    outline[6:] *= first
    outline[:6] += end
    outline[6:] += start
    return np.asarray(outline)


def fixed(points: Array) -> NDArray[np.int32]:
    """Return pixels as OpenCV's fixed-point numbers; a pixel's centre is its integer coordinate there."""
    return np.round((points - 0.5) * _ONE).astype(np.int32)


class Canvas:
    """A picture, and who can be seen in each of its pixels.

    Attributes:
        image: shape (height, width, 3), blue, green, red.
        owner: shape (height, width); the number of the object that was painted last, 0 for none.
    """

    MARGIN = 320

    def __init__(self, image: Image) -> None:
        height, width = image.shape[:2]
        self.image = image
        self.owner = np.zeros((height, width), np.uint8)
        self._scratch = np.zeros((height + 2 * self.MARGIN, width + 2 * self.MARGIN), np.uint8)
        self.totals: dict[int, int] = {}
        self.extents: dict[int, tuple[float, float, float, float]] = {}

    def fill(self, outline: Array, colour: Colour) -> None:
        """Paint a convex shape, smooth at its edges."""
        cv2.fillConvexPoly(self.image, fixed(outline), colour, cv2.LINE_AA, _SHIFT)

    def claim(self, number: int, outlines: list[Array]) -> None:
        """Say that an object covers the union of convex shapes, before whatever is claimed later.

        Number 255 is for what hides objects and is none itself.
        """
        points = np.concatenate(outlines)
        low = np.floor(points.min(axis=0)).astype(int) - 1
        high = np.ceil(points.max(axis=0)).astype(int) + 2
        rows, columns = self._scratch.shape
        x0, y0 = max(low[0] + self.MARGIN, 0), max(low[1] + self.MARGIN, 0)
        x1, y1 = min(high[0] + self.MARGIN, columns), min(high[1] + self.MARGIN, rows)
        if x1 <= x0 or y1 <= y0:
            return
        view = self._scratch[y0:y1, x0:x1]
        offset = np.array([x0 - self.MARGIN, y0 - self.MARGIN])
        for outline in outlines:
            cv2.fillConvexPoly(view, fixed(outline - offset), 1, cv2.LINE_8, _SHIFT)
        self._take(number, view, int(offset[0]), int(offset[1]))
        view[:] = 0

    def _take(self, number: int, mask: Image, left: int, top: int) -> None:
        height, width = self.owner.shape
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(rows):
            return
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + mask.shape[1], width), min(top + mask.shape[0], height)
        if number != 255:
            self.totals[number] = self.totals.get(number, 0) + int(np.count_nonzero(mask))
            self.extents[number] = (left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1)
        if x1 > x0 and y1 > y0:
            inner = mask[y0 - top : y1 - top, x0 - left : x1 - left]
            self.owner[y0:y1, x0:x1][inner > 0] = number

    def seen(self) -> NDArray[np.int64]:
        """Return the number of visible pixels of each object number, shape (256,)."""
        return cv2.calcHist([self.owner], [0], None, [256], [0, 256]).ravel().astype(np.int64)


def paint_shadow(canvas: Canvas, camera: Camera, point: Array, radius_m: float, strength: float) -> None:
    """Darken the floor under a person or the ball.

    Args:
        point: (x, y) in metres.
        radius_m: radius of the shadow.
        strength: 0–1.
    """
    centre, depth = camera.project(np.array([point[0], point[1], 0.0]))
    reach = radius_m * camera.focal / max(float(depth), 1.0)
    flat = max(0.25, np.sin(camera.tilt + 0.02))
    half_x, half_y = max(2, int(reach * 1.6)), max(2, int(reach * 1.6 * flat))
    height, width = canvas.image.shape[:2]
    x, y = int(centre[0]), int(centre[1])
    x0, y0, x1, y1 = max(x - half_x, 0), max(y - half_y, 0), min(x + half_x, width), min(y + half_y, height)
    if x1 <= x0 or y1 <= y0 or depth < 1:
        return
    across = (np.arange(x0, x1, dtype=np.float32) - x) / half_x
    downwards = (np.arange(y0, y1, dtype=np.float32) - y) / half_y
    gain = 1 - strength * np.clip(1 - (across[None] ** 2 + downwards[:, None] ** 2), 0, 1) ** 1.2
    view = canvas.image[y0:y1, x0:x1]
    view[:] = cv2.multiply(view, cv2.merge([gain] * 3), dtype=cv2.CV_8U)
