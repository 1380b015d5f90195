"""The sums over a picture's pixels, compiled: one pass instead of five."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

# So many squared Laplacians (of at most 1020 each) fit into 31 bits.
_COLUMNS = 2048
_FOUR = np.int16(4)


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
    for start in range(1, width - 1, _COLUMNS):
        stop = min(start + _COLUMNS, width - 1)
        # Five views with one index: an index that could be negative to the compiler costs it the vector units.
        here = luma[1:-1, start:stop]
        above, below = luma[:-2, start:stop], luma[2:, start:stop]
        before, after = luma[1:-1, start - 1 : stop - 1], luma[1:-1, start + 1 : stop + 1]
        for row in range(height - 2):
            square, total, energy = np.int32(0), np.int32(0), np.int32(0)
            for column in range(stop - start):
                pixel = np.int16(here[row, column])
                sides = np.int16(np.int16(before[row, column]) + np.int16(after[row, column]))
                ends = np.int16(np.int16(above[row, column]) + np.int16(below[row, column]))
                edge = np.int16(np.int16(sides + ends) - np.int16(_FOUR * pixel))
                # Without the outer casts the sums would have 64 bits, and half the speed.
                square = np.int32(square + np.int32(np.int32(edge) * np.int32(edge)))
                total = np.int32(total + np.int32(pixel))
                energy = np.int32(energy + np.int32(np.int32(pixel) * np.int32(pixel)))
            totals[1] += square
            totals[2] += total
            totals[3] += energy
    for row in range(height):
        inside = 0 < row < height - 1
        for column in range(0, width, max(width - 1, 1) if inside else 1):
            _add_border(luma, row, column, totals)
    # Summed over the picture, the Laplacian is what it is at the border: all else is added as often as taken away.
    for row in range(height):
        totals[0] += np.int64(luma[row, min(1, width - 1)]) - np.int64(luma[row, 0])
        totals[0] += np.int64(luma[row, max(0, width - 2)]) - np.int64(luma[row, width - 1])
    for column in range(width):
        totals[0] += np.int64(luma[min(1, height - 1), column]) - np.int64(luma[0, column])
        totals[0] += np.int64(luma[max(0, height - 2), column]) - np.int64(luma[height - 1, column])


@njit(nogil=True, cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _add_border(luma: NDArray[np.uint8], row: int, column: int, totals: NDArray[np.int64]) -> None:
    """Add a pixel that lacks neighbours."""
    height, width = luma.shape
    pixel = np.int64(luma[row, column])
    left = np.int64(luma[row, column - 1 if column > 0 else min(1, width - 1)])
    right = np.int64(luma[row, column + 1 if column < width - 1 else max(0, width - 2)])
    up = np.int64(luma[row - 1 if row > 0 else min(1, height - 1), column])
    down = np.int64(luma[row + 1 if row < height - 1 else max(0, height - 2), column])
    edge = left + right + up + down - 4 * pixel
    totals[1] += edge * edge
    totals[2] += pixel
    totals[3] += pixel * pixel


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
