"""The sums behind sharpness, mean and variance of a picture, compiled: one pass instead of five."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

# So many squared Laplacians (of at most 1020 each) fit into 31 bits.
_COLUMNS = 2048
_FOUR = np.int32(4)


@njit(nogil=True, cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def add_pixel_sums(luma: NDArray[np.uint8], totals: NDArray[np.int64]) -> None:
    """Add to ``totals``: the sums of the Laplacian, of its square, of the pixels, and of their squares.

    The Laplacian is that of ``cv2.Laplacian`` with its defaults: four neighbours less four times the pixel, with
    the picture mirrored at its border, the border pixels themselves not repeated.

    Args:
        luma: shape (height, width), uint8, neither of them 0.
        totals: shape (4,).
    """
    height, width = luma.shape
    last = width - 1
    for row in range(height):
        middle = luma[row]
        above = luma[row - 1 if row > 0 else min(1, height - 1)]
        below = luma[row + 1 if row < height - 1 else max(0, height - 2)]
        for start in range(0, width, _COLUMNS):
            stop = min(start + _COLUMNS, width)
            laplacian, square, total, energy = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
            for column in range(max(start, 1), min(stop, last)):
                pixel = np.int32(middle[column])
                sides = np.int32(np.int32(middle[column - 1]) + np.int32(middle[column + 1]))
                ends = np.int32(np.int32(above[column]) + np.int32(below[column]))
                edge = np.int32(np.int32(sides + ends) - np.int32(_FOUR * pixel))
                laplacian += edge
                square += np.int32(edge * edge)
                total += pixel
                energy += np.int32(pixel * pixel)
            totals[0] += laplacian
            totals[1] += square
            totals[2] += total
            totals[3] += energy
        for column in range(0, width, max(last, 1)):  # the first and the last one
            corner = np.int64(middle[column])
            left = np.int64(middle[column - 1 if column > 0 else min(1, last)])
            right = np.int64(middle[column + 1 if column < last else max(0, last - 1)])
            border = left + right + np.int64(above[column]) + np.int64(below[column]) - 4 * corner
            totals[0] += border
            totals[1] += border * border
            totals[2] += corner
            totals[3] += corner * corner
