"""How much what is in a box looks like the object that is followed.

Two measures that fail in different ways: normalised cross-correlation (Lewis, "Fast Normalized Cross-Correlation",
1995) knows the drawing and forgives a change of light, and is lost in a turn or a blur; the colour histogram
(Bhattacharyya coefficient, as in Comaniciu, Ramesh and Meer, "Kernel-Based Object Tracking", PAMI 2003) forgives both,
and is lost in a change of light.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
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
    """What a box shows.

    Attributes:
        patch: (24, 24, 3) uint8, BGR, stretched to a square.
        drawing: (1728,) float32: the patch less the mean of each colour, of length 1; zeros where it is of one shade.
        colours: (3200,) float32: the roots of its colours' shares, of length 1.
    """

    patch: Image
    drawing: NDArray[np.float32]
    colours: NDArray[np.float32]


def look_at(image: Image, box: Box) -> Look:
    """Return what a box shows; what lies outside the picture repeats its edge."""
    patch = _stretched(image, box, 0)
    return Look(patch, _drawings(patch)[0], _colours(patch))


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
        drawings = np.stack([look.drawing for look in self.looks])
        correlation = (_drawings(_stretched(image, box, _MARGIN)) @ drawings.T).max(axis=1)
        row, column = divmod(int(correlation.argmax()), 2 * _MARGIN + 1)
        shift = (np.array([column, row]) - _MARGIN) / SIDE
        return box + np.tile(shift * (box[2:] - box[:2]), 2)

    def _relative(self, image: Image, box: Box, looks: Sequence[Look]) -> float:
        around = _stretched(image, box, _MARGIN)
        drawings = _drawings(around)
        colours = _colours(np.ascontiguousarray(around[_MARGIN : _MARGIN + SIDE, _MARGIN : _MARGIN + SIDE]))
        own = _similarity(drawings, colours, looks)
        other = _similarity(drawings, colours, self._around)
        apart = 2.0 - own - other
        return own * min(1.0, 2.0 * (1.0 - other) / apart) if apart > 1e-6 else own


def _similarity(drawings: NDArray[np.float32], colours: NDArray[np.float32], looks: Collection[Look]) -> float:
    """Return how much the most similar of some looks is like what is at one of the places, 0–1."""
    if not looks:
        return 0.0
    correlation = (drawings @ np.stack([look.drawing for look in looks]).T).max(axis=0)
    overlap = np.stack([look.colours for look in looks]) @ colours
    return min(1.0, float((0.5 * correlation.clip(0.0, 1.0) + 0.5 * overlap).max()))


def _drawings(around: Image) -> NDArray[np.float32]:
    """Return every square of 24 pixels in a picture, row by row, as :class:`Look` has it: (places, 1728)."""
    squares = sliding_window_view(around.astype(np.float32), (SIDE, SIDE), axis=(0, 1))
    flat = squares.reshape(-1, around.shape[2], SIDE * SIDE)
    flat = (flat - flat.mean(axis=2, keepdims=True)).reshape(len(flat), -1)
    length = np.linalg.norm(flat, axis=1, keepdims=True)
    # A square of one shade is like nothing; what is left of it is rounding.
    result: NDArray[np.float32] = np.where(length > SIDE, flat / np.maximum(length, 1.0), 0.0).astype(np.float32)
    return result


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


def _colours(patch: Image) -> NDArray[np.float32]:
    """Return the roots of the shares of colours (CIELAB) inside the ellipse of a box, (3200,).

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
    return np.asarray(np.sqrt(blurred / max(float(blurred.sum()), 1e-9)), dtype=np.float32)
