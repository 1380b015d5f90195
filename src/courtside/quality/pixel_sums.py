"""The sums over a picture's pixels, compiled: one pass instead of five."""

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
        up = row - 1 if row > 0 else min(1, height - 1)
        down = row + 1 if row < height - 1 else max(0, height - 2)
        for start in range(1, last, _COLUMNS):
            stop = min(start + _COLUMNS, last)
            # Five views with one index: an index that could be negative to the compiler costs it the vector units.
            here, above, below = luma[row, start:stop], luma[up, start:stop], luma[down, start:stop]
            before, after = luma[row, start - 1 : stop - 1], luma[row, start + 1 : stop + 1]
            laplacian, square, total, energy = np.int32(0), np.int32(0), np.int32(0), np.int32(0)
            for column in range(len(here)):
                pixel = np.int32(here[column])
                sides = np.int32(np.int32(before[column]) + np.int32(after[column]))
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
            corner = np.int64(luma[row, column])
            left = np.int64(luma[row, column - 1 if column > 0 else min(1, last)])
            right = np.int64(luma[row, column + 1 if column < last else max(0, last - 1)])
            border = left + right + np.int64(luma[up, column]) + np.int64(luma[down, column]) - 4 * corner
            totals[0] += border
            totals[1] += border * border
            totals[2] += corner
            totals[3] += corner * corner


@njit(nogil=True, cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def quarter_means(luma: NDArray[np.uint8], means: NDArray[np.uint8]) -> None:
    """Write to ``means`` the mean of every 4 × 4 pixels, halves rounded to even, as OpenCV's INTER_AREA does.

    Args:
        luma: shape (4 · height, 4 · width), uint8.
        means: shape (height, width), uint8.
    """
    height, width = means.shape
    columns = np.zeros(4 * width, np.uint16)
    for row in range(height):
        first, second, third, fourth = luma[4 * row], luma[4 * row + 1], luma[4 * row + 2], luma[4 * row + 3]
        for column in range(4 * width):
            upper = np.uint16(np.uint16(first[column]) + np.uint16(second[column]))
            lower = np.uint16(np.uint16(third[column]) + np.uint16(fourth[column]))
            columns[column] = np.uint16(upper + lower)
        target = means[row]
        for column in range(width):
            total = np.int32(0)
            for part in range(4):
                total += np.int32(columns[4 * column + part])
            target[column] = np.uint8((total + 7 + ((total >> 4) & 1)) >> 4)
