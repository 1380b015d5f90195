"""Structural similarity of each frame to the next three, at full resolution and fast enough for every frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NEXT = 3
"""How many next frames each frame is compared with."""

WINDOW_PX = 7
"""Side of the square, uniform window of the local statistics."""

_PIXELS = WINDOW_PX * WINDOW_PX
_RANGE = 255.0
# Columns of a tile: a frame of 1280 is one, and the sums of 35 of them, a megabyte, still fit the second cache. Tiles
# of 512 took a fifth longer.
_TILE_COLUMNS = 1280


def similarity_to_next(frames: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
    """Return the SSIM of each frame to the first, second and third after it.

    The mean SSIM of Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error
    Visibility to Structural Similarity" (2004), equation 13, with a uniform 7 × 7 window, sample
    covariance, K1 = 0.01, K2 = 0.03, a range of 255 and the border of 3 pixels left out: what
    ``skimage.metrics.structural_similarity(a, b)`` computes, within 1e-5.

    With A = Σx, B = Σy, D = Σ(x − y)² over the n pixels of a window, E = (A − B)², V = nΣx² − A² and
    W = nΣy² − B², the two factors of SSIM are

        (2AB + c1) / (2AB + E + c1)   and   (V + W − nD + E + c2) / (V + W + c2),

    all of it integers but the constants.

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
    from courtside.quality.window_sums import add_similarities  # brings the compiler; stages that only judge need none

    sums = np.zeros_like(result)
    c1 = np.float32((0.01 * _RANGE) ** 2 * _PIXELS**2)
    c2 = np.float32((0.03 * _RANGE) ** 2 * _PIXELS * (_PIXELS - 1))
    add_similarities(np.stack(frames), _TILE_COLUMNS, c1, c2, sums)
    count = (height - WINDOW_PX + 1) * (width - WINDOW_PX + 1)
    for distance in range(1, min(NEXT, len(frames) - 1) + 1):
        result[:-distance, distance - 1] = sums[:-distance, distance - 1] / count
    return result
