"""The inner loops of structural similarity, compiled: everything about a row while it is in the cache."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from courtside.quality.similarity import WINDOW_PX

_EDGE = WINDOW_PX - 1
_PIXELS = np.int32(WINDOW_PX * WINDOW_PX)
_DOUBLE = np.float32(2)


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz", "arcp"})  # type: ignore[untyped-decorator]
def add_similarities(
    stack: NDArray[np.uint8], tile: int, c1: np.float32, c2: np.float32, sums: NDArray[np.float64]
) -> None:
    """Add to ``sums[i, k]`` the SSIM of frames i and i + 1 + k, summed over all windows.

    Sums over the seven rows of a window are kept for every column and moved on by one row at a time. They and all
    differences of them are exact in 32-bit integers; sums and the quotient, where nothing cancels, are float32. The
    picture is walked in tiles of columns, all frames and pairs row by row, so that each pixel is read from memory once.

    Args:
        stack: lumas, shape (n, height, width), height and width at least 7.
        tile: columns that are worked on together, 1 or more.
        c1: the first constant of SSIM, for sums over windows: (0.01 · 255)² · 49².
        c2: the second: (0.03 · 255)² · 49 · 48.
        sums: shape (n, 3); pairs that reach past the end are left alone.
    """
    count, height, width = stack.shape
    reach = sums.shape[1]
    half_c1, half_c2 = np.float32(c1 / 2), np.float32(c2 / 2)
    for left in range(0, width - _EDGE, tile):
        inner = min(tile, width - _EDGE - left)
        outer = inner + _EDGE
        totals = np.zeros((count, outer), np.int32)  # of a column's seven pixels
        squares = np.zeros((count, outer), np.int32)
        products = np.zeros((count, reach, outer), np.int32)
        windows = np.zeros((count, inner), np.int32)  # A, A² + c1 / 2 and V + c2 / 2 of a row of windows
        means = np.zeros((count, inner), np.float32)
        spreads = np.zeros((count, inner), np.float32)
        for row in range(height):
            for index in range(count):
                entering = stack[index, row, left : left + outer]
                total, square = totals[index], squares[index]
                if row < WINDOW_PX:
                    for column in range(outer):
                        pixel = np.int32(entering[column])
                        total[column] += pixel
                        square[column] += np.int32(pixel * pixel)
                else:
                    leaving = stack[index, row - WINDOW_PX, left : left + outer]
                    for column in range(outer):
                        pixel, old = np.int32(entering[column]), np.int32(leaving[column])
                        total[column] += np.int32(pixel - old)
                        square[column] += np.int32(np.int32(pixel - old) * np.int32(pixel + old))
                if row >= _EDGE:
                    window, mean, spread = windows[index], means[index], spreads[index]
                    for column in range(inner):
                        a = _across(total, column)
                        energy = np.int32(a * a)
                        window[column] = a
                        mean[column] = np.float32(energy) + half_c1
                        spread[column] = np.float32(np.int32(_PIXELS * _across(square, column)) - energy) + half_c2
            for index in range(count):
                for step in range(reach):
                    other = index + 1 + step
                    if other >= count:
                        break
                    product = products[index, step]
                    one, two = stack[index, row, left : left + outer], stack[other, row, left : left + outer]
                    if row < WINDOW_PX:
                        for column in range(outer):
                            product[column] += np.int32(np.uint16(one[column] * two[column]))
                    else:
                        one_old = stack[index, row - WINDOW_PX, left : left + outer]
                        two_old = stack[other, row - WINDOW_PX, left : left + outer]
                        for column in range(outer):
                            product[column] += np.int32(np.uint16(one[column] * two[column])) - np.int32(
                                np.uint16(one_old[column] * two_old[column])
                            )
                    if row >= _EDGE:
                        window, other_window = windows[index], windows[other]
                        mean, other_mean = means[index], means[other]
                        spread, other_spread = spreads[index], spreads[other]
                        row_sum = np.float32(0)
                        for column in range(inner):
                            both = np.int32(window[column] * other_window[column])
                            shared = np.int32(np.int32(_PIXELS * _across(product, column)) - both)
                            row_sum += (
                                (_DOUBLE * np.float32(both) + c1)
                                * (_DOUBLE * np.float32(shared) + c2)
                                / ((mean[column] + other_mean[column]) * (spread[column] + other_spread[column]))
                            )
                        sums[index, step] += row_sum


@njit(nogil=True, cache=True, inline="always")  # type: ignore[untyped-decorator]
def _across(columns: NDArray[np.int32], first: int) -> np.int32:
    """Return the sum of seven neighbouring columns."""
    return np.int32(
        columns[first]
        + columns[first + 1]
        + columns[first + 2]
        + columns[first + 3]
        + columns[first + 4]
        + columns[first + 5]
        + columns[first + 6]
    )
