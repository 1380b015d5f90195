"""The inner loops of structural similarity, compiled: everything about a row while it is in the cache."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from courtside.quality.similarity import NEXT, WINDOW_PX

# Windows of a tile. Arrays whose sizes are known when this is compiled need few registers to be addressed.
_TILE = 1280
_PAIRS = _TILE // 2 + 16
_EDGE = WINDOW_PX - 1
# Of so many frames what belongs to one row is kept: of one, and of those before it that it is compared with.
_KEPT = NEXT + 1
_PIXELS = np.int16(WINDOW_PX * WINDOW_PX)
_MINUS_PIXELS = np.int16(-WINDOW_PX * WINDOW_PX)
_LOWER = np.int32(0x7FFF)
_UPPER = np.int32(16)
_HALF = np.float32(0.5)


@njit(nogil=True, cache=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz", "arcp"})  # type: ignore[untyped-decorator]
def add_similarities(
    stack: NDArray[np.uint8], known: int, c1: np.float32, c2: np.float32, sums: NDArray[np.float64]
) -> None:
    """Add to ``sums[i, k]`` the SSIM of frames i and i + 1 + k, summed over all windows.

    Sums over the seven rows of a window are kept for every column and moved on by one row at a time. They, and what
    is made of them, are exact in 32-bit integers up to the quotient, which is float32. The picture is walked in tiles
    of columns, all frames and pairs row by row, so that each pixel is read from memory once.

    Columns go two by two. Where pixels are 16 bits wide, two neighbours are one 32-bit number, the left one its lower
    half: they multiply without being unpacked first. And the windows that begin at the two share six columns of the
    eight, whose sum is built once.

    All is one function: a second one may be compiled anew into it, sum in another order, and give other last digits
    than when both are loaded from the cache.

    Args:
        stack: lumas, shape (n, height, width), uint8, height and width at least 7.
        known: pairs among so many frames at the front are left out.
        c1: the first constant of SSIM, for sums over windows: (0.01 · 255)² · 49².
        c2: the second: (0.03 · 255)² · 49 · 48.
        sums: shape (n, 3), float64; pairs that reach past the end are left alone.
    """
    count, height, width = stack.shape
    share1, share2 = np.float32(c1 / 4), np.float32(c2 / 4)
    half1, half2 = np.float32(c1 / 2), np.float32(c2 / 2)
    for left in range(0, width - _EDGE, _TILE):
        tile = stack[:, :, left : left + _TILE + 2 * WINDOW_PX]
        columns = tile.shape[2]
        windows = min(_TILE, columns - _EDGE)
        pairs = (windows + 1) // 2
        # Loops run over whole vectors; windows past the last one have an infinite denominator, and add 0.
        padded = (pairs + 31) // 32 * 32
        summed = (pairs + WINDOW_PX // 2 + 7) // 8 * 8
        totals = np.zeros((count, 2 * _PAIRS), np.int16)  # of a column's seven pixels
        across = np.zeros((_KEPT, 2 * _PAIRS), np.int16)
        across_pairs = across.view(np.int32)
        pixels = np.zeros((2, 2 * _PAIRS), np.int16)  # of the row that enters the windows, and of the one that leaves
        pixel_pairs = pixels.view(np.int32)
        weighed = np.zeros((_KEPT, 2, 2 * _PAIRS), np.int16)  # times 49, and times −49
        weighed_pairs = weighed.view(np.int32)
        products = np.zeros((count, _KEPT, 2, _PAIRS), np.int32)  # 49 Σxy of a column, of a frame and one 0–3 before it
        squares = np.full((_KEPT, 2, _PAIRS), np.inf, np.float32)  # A² / 2 and its share of the constant
        spreads = np.ones((_KEPT, 2, _PAIRS), np.float32)  # V / 2 likewise
        for row in range(height):
            for index in range(count):
                here = index % _KEPT
                if row < WINDOW_PX:
                    for column in range(columns):
                        new = np.int16(tile[index, row, column])
                        totals[index, column] = np.int16(totals[index, column] + new)
                        pixels[0, column] = new
                        weighed[here, 0, column] = np.int16(new * _PIXELS)
                else:
                    for column in range(columns):
                        new = np.int16(tile[index, row, column])
                        old = np.int16(tile[index, row - WINDOW_PX, column])
                        totals[index, column] = np.int16(totals[index, column] + np.int16(new - old))
                        pixels[0, column] = new
                        pixels[1, column] = old
                        weighed[here, 0, column] = np.int16(new * _PIXELS)
                        weighed[here, 1, column] = np.int16(old * _MINUS_PIXELS)
                for step in range(_KEPT if index >= known else 1):
                    other = index - step
                    if other < 0:
                        break
                    there = other % _KEPT
                    for pair in range(summed):
                        new, old = pixel_pairs[0, pair], pixel_pairs[1, pair]
                        new_49, old_49 = weighed_pairs[there, 0, pair], weighed_pairs[there, 1, pair]
                        products[index, step, 0, pair] += np.int32(
                            np.int32(np.int32(np.int16(new)) * np.int32(np.int16(new_49)))
                            + np.int32(np.int32(np.int16(old)) * np.int32(np.int16(old_49)))
                        )
                        products[index, step, 1, pair] += np.int32(
                            np.int32(np.int32(new >> _UPPER) * np.int32(new_49 >> _UPPER))
                            + np.int32(np.int32(old >> _UPPER) * np.int32(old_49 >> _UPPER))
                        )
                    if row < _EDGE:
                        continue
                    if step == 0:
                        for column in range(2 * padded):
                            across[here, column] = np.int16(
                                totals[index, column]
                                + totals[index, column + 1]
                                + totals[index, column + 2]
                                + totals[index, column + 3]
                                + totals[index, column + 4]
                                + totals[index, column + 5]
                                + totals[index, column + 6]
                            )
                        for pair in range(padded):
                            a, b = (
                                np.int32(across_pairs[here, pair] & _LOWER),
                                np.int32(across_pairs[here, pair] >> _UPPER),
                            )
                            aa, bb = np.int32(a * a), np.int32(b * b)
                            shared = np.int32(
                                products[index, 0, 1, pair]
                                + products[index, 0, 0, pair + 1]
                                + products[index, 0, 1, pair + 1]
                                + products[index, 0, 0, pair + 2]
                                + products[index, 0, 1, pair + 2]
                                + products[index, 0, 0, pair + 3]
                            )
                            squares[here, 0, pair] = np.float32(aa) * _HALF + share1
                            squares[here, 1, pair] = np.float32(bb) * _HALF + share1
                            spread = np.int32(np.int32(shared + products[index, 0, 0, pair]) - aa)
                            spreads[here, 0, pair] = np.float32(spread) * _HALF + share2
                            spread = np.int32(np.int32(shared + products[index, 0, 1, pair + 3]) - bb)
                            spreads[here, 1, pair] = np.float32(spread) * _HALF + share2
                        squares[here, 0, pairs:padded] = np.inf
                        squares[here, 1, windows // 2 : padded] = np.inf
                    else:
                        row_sum = np.float32(0)
                        for pair in range(padded):
                            mine, theirs = across_pairs[here, pair], across_pairs[there, pair]
                            ab = np.int32(np.int32(np.int16(mine)) * np.int32(np.int16(theirs)))
                            shared = np.int32(
                                products[index, step, 1, pair]
                                + products[index, step, 0, pair + 1]
                                + products[index, step, 1, pair + 1]
                                + products[index, step, 0, pair + 2]
                                + products[index, step, 1, pair + 2]
                                + products[index, step, 0, pair + 3]
                            )
                            row_sum += (
                                (np.float32(ab) + half1)
                                * (np.float32(np.int32(shared + products[index, step, 0, pair] - ab)) + half2)
                                / (
                                    (squares[here, 0, pair] + squares[there, 0, pair])
                                    * (spreads[here, 0, pair] + spreads[there, 0, pair])
                                )
                            )
                            ab = np.int32(np.int32(mine >> _UPPER) * np.int32(theirs >> _UPPER))
                            row_sum += (
                                (np.float32(ab) + half1)
                                * (np.float32(np.int32(shared + products[index, step, 1, pair + 3] - ab)) + half2)
                                / (
                                    (squares[here, 1, pair] + squares[there, 1, pair])
                                    * (spreads[here, 1, pair] + spreads[there, 1, pair])
                                )
                            )
                        sums[other, step - 1] += row_sum
