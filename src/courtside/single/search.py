"""Finds a lost object again: among the boxes of a detector, or by looking for what it looked like."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from courtside.single.likeness import Gallery
from courtside.single.protocol import Box, Image

# Templates are compared at this size: a ball of 20 px then costs no more than it has pixels.
_SIDE = 12
# One a frame, or looking for something would take longer than following it.
_SCALES = (1.0, 0.8, 1.0, 1.25)
_PEAKS = 3


def among_detections(
    image: Image,
    gallery: Gallery,
    place: NDArray[np.float64],
    radius_px: float,
    candidates: NDArray[np.float64],
    minimum_likeness: float,
) -> tuple[Box, float] | None:
    """Return the detection that is most likely the object, and its likeness.

    Args:
        image: the picture.
        gallery: what the object looked like.
        place: where it is looked for, x and y.
        radius_px: how far from there its centre may be.
        candidates: shape (n, 5): corners and score of boxes that a detector is sure of.
        minimum_likeness: what looks less like it is something else, 0–1.
    """
    best: tuple[float, Box, float] | None = None
    for x1, y1, x2, y2, score in candidates.tolist():
        distance = float(np.hypot((x1 + x2) / 2 - place[0], (y1 + y2) / 2 - place[1]))
        if distance > radius_px:
            continue
        box = np.array([x1, y1, x2, y2])
        likeness = gallery.likeness(image, box)
        worth = score * likeness * (1.0 - 0.5 * distance / radius_px)
        if likeness >= minimum_likeness and (best is None or worth > best[0]):
            best = worth, box, likeness
    return None if best is None else (best[1], best[2])


def by_template(
    image: Image,
    gallery: Gallery,
    place: NDArray[np.float64],
    radius_px: float,
    size: NDArray[np.float64],
    minimum_likeness: float,
    attempt: int = 0,
) -> tuple[Box, float] | None:
    """Return where the picture looks most like the object, and how much, 0–1.

    The first and the newest look are matched (``cv2.matchTemplate``), and the best places are looked at closely.

    Args:
        image: the picture.
        gallery: what the object looked like.
        place: where it is looked for, x and y.
        radius_px: how far from there its centre may be.
        size: width and height that it lately had, in pixels.
        minimum_likeness: what looks less like it is something else, 0–1.
        attempt: how many frames it has been looked for, from 0: another size is tried each time.
    """
    height, width = image.shape[:2]
    best: tuple[Box, float] | None = None
    looks = gallery.looks
    patches = [_resized(look.patch, (_SIDE, _SIDE)) for look in looks[:1] + looks[1:][-1:]]
    own = size * _SCALES[attempt % len(_SCALES)]
    left, top = np.maximum(0, np.floor(place - radius_px - own / 2)).astype(int)
    right, bottom = np.minimum((width, height), np.ceil(place + radius_px + own / 2)).astype(int)
    fit = (round((right - left) * _SIDE / own[0]), round((bottom - top) * _SIDE / own[1]))
    if min(fit) < _SIDE:
        return None
    window = _resized(image[top:bottom, left:right], fit)
    for column, row in _peaks(window, patches):
        x1, y1 = left + column * own[0] / _SIDE, top + row * own[1] / _SIDE
        box = gallery.placed(image, np.array([x1, y1, x1 + own[0], y1 + own[1]]))
        likeness = gallery.likeness(image, box)
        if likeness >= minimum_likeness and (best is None or likeness > best[1]):
            best = box, likeness
    return best


def _peaks(window: Image, patches: Sequence[Image]) -> list[tuple[int, int]]:
    """Return column and row of the best places of each patch, some of them twice."""
    found = []
    for patch in patches:
        response = np.nan_to_num(cv2.matchTemplate(window, patch, cv2.TM_CCOEFF_NORMED), nan=-1.0, posinf=-1.0)
        for _ in range(_PEAKS):
            _, value, _, (column, row) = cv2.minMaxLoc(response)
            if value <= 0:
                break
            found.append((column, row))
            reach = _SIDE // 2
            response[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1] = -1.0
    return found


def _resized(image: Image, size: tuple[int, int]) -> Image:
    """Return an image at a width and a height."""
    way = cv2.INTER_AREA if size[0] < image.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=way), dtype=np.uint8)
