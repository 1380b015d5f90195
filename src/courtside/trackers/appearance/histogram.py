"""How a box looks where no network can say it: the colours of its upper and its lower half."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

BINS = (12, 4, 4)
"""Of hue, saturation and value."""

_RANGES = (0.0, 180.0, 0.0, 256.0, 0.0, 256.0)  # OpenCV's hue has 180 steps


def histogram(crop: NDArray[np.uint8], inset: float) -> NDArray[np.float32]:
    """Return the colours of a crop, shirt and trousers apart.

    Of each half the share of pixels in each bin of hue, saturation and value, as a square root: the product of two
    such is the Bhattacharyya coefficient of the shares, and the distance that belongs to it Hellinger's (so does
    Arandjelović and Zisserman 2012, "Three things everyone should know to improve object retrieval", section 3).

    Args:
        crop: BGR, (height, width, 3) uint8, at least one pixel.
        inset: share of the width that is left out on either side, 0–0.45.

    Returns:
        (2 · bins,) float32 of length 1.
    """
    height, width = crop.shape[:2]
    side = int(width * inset)
    colours = cv2.cvtColor(crop[:, side : width - side], cv2.COLOR_BGR2HSV)
    middle = max(1, height // 2)
    halves = [colours[:middle], colours[middle:] if height > 1 else colours]
    counted = [cv2.calcHist([half], [0, 1, 2], None, list(BINS), list(_RANGES)).ravel() for half in halves]
    shares = np.concatenate([each / each.sum() for each in counted]) / len(halves)
    return np.sqrt(shares).astype(np.float32)
