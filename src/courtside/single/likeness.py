"""How much what is in a box looks like the object that is followed.

Two measures that fail in different ways: normalised cross-correlation (Lewis, "Fast Normalized Cross-Correlation",
1995) knows the drawing and forgives a change of light, and is lost in a turn or a blur; the colour histogram
(Bhattacharyya coefficient, as in Comaniciu, Ramesh and Meer, "Kernel-Based Object Tracking", PAMI 2003) forgives both,
and is lost in a change of light.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from courtside.single.protocol import Box, Image

SIDE = 24
# Around the box as it is compared, so that a box beside the object by an eighth of its size costs nothing.
_MARGIN = SIDE // 8
# A fifth beyond the box: what is learned of the surroundings has nothing of the object in it.
_SIDES = 1.2 * np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
_BINS = (8, 20, 20)
_RANGES = [0, 256, 48, 208, 48, 208]


@dataclass(frozen=True)
class Look:
    """What a box shows: ``patch`` (24, 24, 3) uint8, stretched, and ``histogram`` (3200,) float32 with the sum 1."""

    patch: Image
    histogram: NDArray[np.float32]


def look_at(image: Image, box: Box) -> Look:
    """Return what a box shows; what lies outside the picture repeats its edge."""
    patch = _stretched(image, box, 0)
    return Look(patch, _histogram(patch))


class Gallery:
    """Looks of the object, the first for good and the latest that were sure, and looks of what lay around it.

    What resembles the surroundings more than the object is not the object, however much of the object's shirt is in it:
    the relative similarity of Kalal, Mikolajczyk and Matas, "Tracking-Learning-Detection" (PAMI 2012), section 5.2.

    Args:
        size: how many looks of the object are kept besides the first; of its surroundings twice as many.
    """

    def __init__(self, size: int) -> None:
        self._first: Look | None = None
        self._latest: deque[Look] = deque(maxlen=size)
        self._around: deque[Look] = deque(maxlen=2 * size)

    @property
    def looks(self) -> list[Look]:
        """The first look, and the others from the oldest to the newest."""
        return ([] if self._first is None else [self._first]) + list(self._latest)

    def learn(self, image: Image, box: Box) -> None:
        """Remember what is in a box, and what lies on its four sides."""
        look = look_at(image, box)
        if self._first is None:
            self._first = look
        else:
            self._latest.append(look)
        for direction in _SIDES:
            step = direction * (box[2:] - box[:2])
            self._around.append(look_at(image, box + np.tile(step, 2)))

    def likeness(self, image: Image, box: Box) -> float:
        """Return how much a box looks like the object, 0–1; 0 where nothing was learned.

        It is the similarity to the most similar look of the object, less where that of its surroundings is nearer.
        """
        return self._relative(image, box, self.looks)

    def likeness_to_first(self, image: Image, box: Box) -> float:
        """Return the same with nothing of the object but its first look, which nobody has to believe."""
        return self._relative(image, box, self.looks[:1])

    def placed(self, image: Image, box: Box) -> Box:
        """Return a box moved, by an eighth of its size at most, to where it looks most like the object."""
        around = _stretched(image, box, _MARGIN)
        best, shift = -np.inf, np.zeros(2)
        for look in self.looks:
            _, value, _, place = cv2.minMaxLoc(cv2.matchTemplate(around, look.patch, cv2.TM_CCOEFF_NORMED))
            if np.isfinite(value) and value > best:
                best, shift = value, (np.array(place) - _MARGIN) / SIDE
        return box + np.tile(shift * (box[2:] - box[:2]), 2)

    def _relative(self, image: Image, box: Box, looks: Sequence[Look]) -> float:
        around = _stretched(image, box, _MARGIN)
        inner = np.ascontiguousarray(around[_MARGIN : _MARGIN + SIDE, _MARGIN : _MARGIN + SIDE])
        histogram = _histogram(inner)
        # A patch of one shade has no correlation with anything; OpenCV then says 1 or not-a-number.
        flat = float(inner.std()) < 1.0
        own = max((_similarity(around, histogram, look, flat) for look in looks), default=0.0)
        other = max((_similarity(around, histogram, look, flat) for look in self._around), default=0.0)
        apart = 2.0 - own - other
        return own * min(1.0, 2.0 * (1.0 - other) / apart) if apart > 0 else own


def _similarity(around: Image, histogram: NDArray[np.float32], look: Look, flat: bool) -> float:
    drawing = 0.0 if flat else float(cv2.matchTemplate(around, look.patch, cv2.TM_CCOEFF_NORMED).max())
    colours = float(np.sqrt(histogram * look.histogram).sum())
    drawing = min(max(drawing, 0.0), 1.0) if np.isfinite(drawing) else 0.0
    return 0.5 * drawing + 0.5 * min(colours, 1.0)


def _stretched(image: Image, box: Box, margin: int) -> Image:
    """Return a box and a margin around it, in pixels of the result, stretched to a square."""
    x1, y1, x2, y2 = (float(value) for value in box)
    side = SIDE + 2 * margin
    # First in the picture's own pixels, where the box is large: picking every sixth pixel would show grain.
    fine_x, fine_y = max(SIDE, round(x2 - x1)), max(SIDE, round(y2 - y1))
    scale_x, scale_y = fine_x / max(x2 - x1, 1e-3), fine_y / max(y2 - y1, 1e-3)
    width, height = round(side * fine_x / SIDE), round(side * fine_y / SIDE)
    # From pixel centres of the picture to those of the result.
    transform = np.array(
        [
            [scale_x, 0.0, (0.5 - x1) * scale_x + margin * fine_x / SIDE - 0.5],
            [0.0, scale_y, (0.5 - y1) * scale_y + margin * fine_y / SIDE - 0.5],
        ]
    )
    flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
    cut = cv2.warpAffine(image, transform, (width, height), flags=flags, borderMode=border)
    if (width, height) != (side, side):
        cut = cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cut, dtype=np.uint8)


def _histogram(patch: Image) -> NDArray[np.float32]:
    """Return the colours inside the ellipse of a box, (3200,), as CIELAB.

    Each pixel counts in its bin and, less, in those around it (a Gaussian of one bin): a ball against the sky is darker
    than the same ball against the floor, and would otherwise share no bin with it.
    """
    mask = np.zeros((SIDE, SIDE), dtype=np.uint8)
    cv2.circle(mask, (SIDE // 2, SIDE // 2), SIDE // 2 - 1, 255, cv2.FILLED)
    lab = cv2.cvtColor(patch, cv2.COLOR_BGR2LAB)
    counts = np.moveaxis(cv2.calcHist([lab], [0, 1, 2], mask, list(_BINS), _RANGES), 0, -1)
    over_colours = cv2.GaussianBlur(np.ascontiguousarray(counts), (7, 7), 1.0, borderType=cv2.BORDER_CONSTANT)
    steps = np.arange(_BINS[0])
    blurred = (over_colours @ np.exp(-0.5 * (steps[:, None] - steps) ** 2)).ravel()
    return np.asarray(blurred / max(float(blurred.sum()), 1e-9), dtype=np.float32)
