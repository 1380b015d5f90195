"""Whether a picture shows the one before over again, for a tracker that has no time to spare."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Integer = NDArray[np.int64]

# A third of a pixel of a player's width: in video that moves, half the boxes of a frame are never so still.
SAME_PLACE = 0.99
SAME_OBJECT = 0.9


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def standing(before: Float, before_classes: Integer, now: Float, classes: Integer, sure: NDArray[np.bool_]) -> Integer:
    """Return which box of the frame before each box is, where the picture is a repeat of that frame.

    It is one when half of the boxes of either frame stand where they stood (IoU of :data:`SAME_PLACE`), and every
    sure box about where one stood (:data:`SAME_OBJECT`): where many stand and one runs, time goes on.

    Args:
        before: (n, 4) corners in pixels.
        before_classes: (n,).
        now: (m, 4) of the same.
        classes: (m,).
        sure: (m,), which boxes are no flickers of the detector.

    Returns:
        The row in ``before`` of each box, (m,), −1 for one that has none; of length 0 where the picture is a new one.
    """
    partners = np.full(len(now), -1, np.int64)
    overlaps = np.zeros(len(before))
    still = 0
    for box in range(len(now)):
        area = (now[box, 2] - now[box, 0]) * (now[box, 3] - now[box, 1])
        best, place = 0.0, -1
        for other in range(len(before)):
            if before_classes[other] != classes[box]:
                continue
            wide = min(now[box, 2], before[other, 2]) - max(now[box, 0], before[other, 0])
            high = min(now[box, 3], before[other, 3]) - max(now[box, 1], before[other, 1])
            if wide <= 0 or high <= 0:
                continue
            common = wide * high
            width, height = before[other, 2] - before[other, 0], before[other, 3] - before[other, 1]
            overlap = common / (area + width * height - common)
            if overlap > best:
                best, place = overlap, other
        if best >= SAME_PLACE:
            still += 1
        if best >= SAME_OBJECT:
            if best > overlaps[place]:
                for earlier in range(box):
                    if partners[earlier] == place:
                        partners[earlier] = -1
                overlaps[place], partners[box] = best, place
        elif sure[box]:
            return partners[:0]
    if 2 * still < max(len(now), len(before)):
        return partners[:0]
    return partners
