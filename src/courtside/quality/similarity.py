"""Structural similarity of each frame to the next three, at full resolution and fast enough for every frame."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

NEXT = 3
"""How many next frames each frame is compared with."""

WINDOW_PX = 7
"""Side of the square, uniform window of the local statistics."""

_EDGE = WINDOW_PX // 2
_PIXELS = WINDOW_PX * WINDOW_PX
_RANGE = 255.0
# Pixels of a strip; the working set, about 17 such strips of float32, is near 2 MiB, the cache of one core.
_STRIP_PIXELS = 32 * 1280


def similarity_to_next(frames: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Return the SSIM of each frame to the first, second and third after it.

    The mean SSIM of Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error
    Visibility to Structural Similarity" (2004), equation 13, with a uniform 7 × 7 window, sample
    covariance, K1 = 0.01, K2 = 0.03, a range of 255 and the border of 3 pixels left out: what
    ``skimage.metrics.structural_similarity(a, b)`` computes, within 1e-4 for frames of a single, bright and
    flat window, where float32 is weakest, and within 1e-6 for pictures.

    All sums over windows are exact integers in float32. A frame's own sums are shared by its six
    pairs, and the work goes strip by strip over all frames so that it stays in the cache.

    Args:
        frames: n lumas of one shape (height, width), uint8.

    Returns:
        Array of shape (n, 3), float64, −1–1; NaN where the sequence ends before, or where the frames
        are smaller than the window.

    Raises:
        ValueError: when the frames differ in shape.
    """
    result = np.full((len(frames), NEXT), np.nan)
    if not frames:
        return result
    height, width = frames[0].shape
    if any(frame.shape != (height, width) for frame in frames):
        raise ValueError("frames of different shapes cannot be compared")
    if height < WINDOW_PX or width < WINDOW_PX:
        return result
    sums = np.zeros_like(result)
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height - 2 * _EDGE, rows):
        bottom = min(top + rows, height - 2 * _EDGE)
        _add_strip([frame[top : bottom + 2 * _EDGE] for frame in frames], sums)
    count = (height - 2 * _EDGE) * (width - 2 * _EDGE)
    for distance in range(1, min(NEXT, len(frames) - 1) + 1):
        result[:-distance, distance - 1] = sums[:-distance, distance - 1] / count
    return result


def _add_strip(strips: Sequence[NDArray[np.uint8]], sums: NDArray[np.float64]) -> None:
    """Add each pair's SSIM, summed over the windows whose centre lies in the strip less its edges.

    With A = Σx, B = Σy, D = Σ(x − y)² over the n pixels of a window, E = (A − B)², and n²σ² scaled to
    V = nΣx² − A², W = nΣy² − B², the two factors of SSIM are

        1 − E / (A² + B² + c1)   and   1 − (nD − E) / (V + W + c2).

    Written with differences nothing cancels where frames are alike, so float32 is enough.
    """
    c1 = (0.01 * _RANGE) ** 2 * _PIXELS**2
    c2 = (0.03 * _RANGE) ** 2 * _PIXELS * (_PIXELS - 1)
    height, width = strips[0].shape
    inner = np.s_[_EDGE : height - _EDGE, _EDGE : width - _EDGE]
    inner_shape = (height - 2 * _EDGE, width - 2 * _EDGE)
    ones = np.ones((WINDOW_PX, 1), dtype=np.float32)
    difference = np.empty((height, width), dtype=np.uint8)
    squares, windows = np.empty((2, height, width), dtype=np.float32)
    # Of the last four frames: A, A² + c1/2, V + c2/2; the sums of two frames' are the denominators.
    ring = np.empty((NEXT + 1, 3, *inner_shape), dtype=np.float32)
    first, second, third = np.empty((3, *inner_shape), dtype=np.float32)
    for index, strip in enumerate(strips):
        total, square, spread = ring[index % (NEXT + 1)]
        cv2.sepFilter2D(strip, cv2.CV_32F, ones, ones, dst=windows)
        np.copyto(total, windows[inner])
        np.multiply(total, total, out=first)
        np.add(first, np.float32(c1 / 2), out=square)
        cv2.multiply(strip, strip, dst=squares, dtype=cv2.CV_32F)
        cv2.sepFilter2D(squares, cv2.CV_32F, ones, _PIXELS * ones, dst=windows, delta=c2 / 2)
        cv2.subtract(windows[inner], first, dst=spread)
        for distance in range(1, min(index, NEXT) + 1):
            other_total, other_square, other_spread = ring[(index - distance) % (NEXT + 1)]
            cv2.absdiff(strip, strips[index - distance], dst=difference)
            cv2.multiply(difference, difference, dst=squares, dtype=cv2.CV_32F)
            cv2.sepFilter2D(squares, cv2.CV_32F, ones, _PIXELS * ones, dst=windows)
            cv2.subtract(total, other_total, dst=first)
            cv2.multiply(first, first, dst=first)
            cv2.subtract(windows[inner], first, dst=second)
            cv2.add(square, other_square, dst=third)
            cv2.divide(first, third, dst=first)
            cv2.add(spread, other_spread, dst=third)
            cv2.divide(second, third, dst=second)
            sums[index - distance, distance - 1] += (
                first.size
                - cv2.sumElems(first)[0]
                - cv2.sumElems(second)[0]
                + float(np.dot(first.reshape(-1), second.reshape(-1)))
            )
