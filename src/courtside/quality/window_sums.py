"""The inner loops of structural similarity, compiled: everything about a row while it is in the cache."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from courtside.quality.similarity import WINDOW_PX

_EDGE = WINDOW_PX - 1
_PIXELS = np.int32(WINDOW_PX * WINDOW_PX)
_TWO = np.int32(2)


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz", "arcp"})  # type: ignore[untyped-decorator]
def add_similarities(
    stack: NDArray[np.uint8], tile: int, c1: np.float32, c2: np.float32, sums: NDArray[np.float64]
) -> None:
    """Add to ``sums[i, k]`` the SSIM of frames i and i + 1 + k, summed over all windows.

    Sums over the seven rows of a window are kept for every column and moved on by one row at a time. They, and what
    is made of them, are exact in 32-bit integers up to the two quotients, which are float32. The picture is walked in
    tiles of columns, all frames and pairs row by row, so that each pixel is read from memory once.

    Args:
        stack: lumas, shape (n, height, width), height and width at least 7.
        tile: columns that are worked on together, 1 or more.
        c1: the first constant of SSIM, for sums over windows: (0.01 · 255)² · 49².
        c2: the second: (0.03 · 255)² · 49 · 48.
        sums: shape (n, 3); pairs that reach past the end are left alone.
    """
    count, height, width = stack.shape
    reach = sums.shape[1]
    for left in range(0, width - _EDGE, tile):
        inner = min(tile, width - _EDGE - left)
        outer = inner + _EDGE
        totals = np.zeros((count, outer), np.int32)  # of a column's seven pixels
        squares = np.zeros((count, outer), np.int32)
        differences = np.zeros((count, reach, outer), np.int32)
        means = np.zeros((count, inner), np.int32)  # A and V, as in similarity_to_next, of a row of windows
        spreads = np.zeros((count, inner), np.int32)
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
                    mean, spread = means[index], spreads[index]
                    for column in range(inner):
                        a = _across(total, column)
                        mean[column] = a
                        spread[column] = np.int32(_PIXELS * _across(square, column)) - np.int32(a * a)
            for index in range(count):
                for step in range(reach):
                    other = index + 1 + step
                    if other >= count:
                        break
                    difference = differences[index, step]
                    one, two = stack[index, row, left : left + outer], stack[other, row, left : left + outer]
                    if row < WINDOW_PX:
                        for column in range(outer):
                            gap = np.int32(np.int32(one[column]) - np.int32(two[column]))
                            difference[column] += np.int32(gap * gap)
                    else:
                        one_old = stack[index, row - WINDOW_PX, left : left + outer]
                        two_old = stack[other, row - WINDOW_PX, left : left + outer]
                        for column in range(outer):
                            gap = np.int32(np.int32(one[column]) - np.int32(two[column]))
                            old_gap = np.int32(np.int32(one_old[column]) - np.int32(two_old[column]))
                            difference[column] += np.int32(np.int32(gap - old_gap) * np.int32(gap + old_gap))
                    if row >= _EDGE:
                        mean, other_mean, spread, other_spread = (
                            means[index],
                            means[other],
                            spreads[index],
                            spreads[other],
                        )
                        row_sum = np.float32(0)
                        for column in range(inner):
                            a, b = mean[column], other_mean[column]
                            product = np.int32(np.int32(_TWO * a) * b)
                            apart = np.int32(np.int32(a - b) * np.int32(a - b))
                            both = np.int32(spread[column] + other_spread[column])
                            shared = np.int32(both - np.int32(_PIXELS * _across(difference, column)) + apart)
                            row_sum += (
                                (np.float32(product) + c1)
                                * (np.float32(shared) + c2)
                                / ((np.float32(np.int32(product + apart)) + c1) * (np.float32(both) + c2))
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
