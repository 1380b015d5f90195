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


def similarity_to_next(
    frames: NDArray[np.uint8] | Sequence[NDArray[np.uint8]], *, known: int = 0
) -> NDArray[np.float64]:
    """Return the SSIM of each frame to the first, second and third after it.

    The mean SSIM of Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error
    Visibility to Structural Similarity" (2004), equation 13, with a uniform 7 × 7 window, sample
    covariance, K1 = 0.01, K2 = 0.03, a range of 255 and the border of 3 pixels left out: what
    ``skimage.metrics.structural_similarity(a, b)`` computes, within 1e-5.

    With A = Σx and B = Σy over the n pixels of a window, V = nΣx² − A² and W = nΣy² − B², the two factors
    of SSIM are

        (2AB + c1) / (A² + B² + c1)   and   (2(nΣxy − AB) + c2) / (V + W + c2),

    all of it integers but the constants.

    Args:
        frames: n lumas of one shape (height, width), uint8; shape (n, height, width) where they are one array.
        known: pairs among so many frames at the front are left out.

    Returns:
        Array of shape (n, 3), float64, −1–1; NaN for pairs left out, where the sequence ends before, or where
        the frames are smaller than the window.

    Raises:
        ValueError: when the frames differ in shape.
    """
    result = np.full((len(frames), NEXT), np.nan)
    if not len(frames):
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
    add_similarities(frames if isinstance(frames, np.ndarray) else np.stack(frames), known, c1, c2, sums)
    count = (height - WINDOW_PX + 1) * (width - WINDOW_PX + 1)
    for distance in range(1, NEXT + 1):
        firsts = slice(max(0, known - distance), max(0, len(frames) - distance))
        result[firsts, distance - 1] = sums[firsts, distance - 1] / count
    return result
