"""Small stand-ins for a picture: to find pictures that look alike, and to find where a shot ends."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

HASH_SIDE = 16
THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT = 32, 18
SIGNATURE_BYTES = THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT


def quarter(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the luma at a quarter of its width and height by area means; what is small already stays as it is."""
    height, width = luma.shape
    if min(height, width) < 4 * HASH_SIDE:
        return luma
    if height % 4 == 0 and width % 4 == 0:  # what nearly all video is, and nine times as fast
        from courtside.quality.pixel_sums import quarter_means  # brings the compiler; stages that judge need none

        means = np.empty((height // 4, width // 4), dtype=np.uint8)
        quarter_means(luma, means)
        return means
    return np.asarray(cv2.resize(luma, (width // 4, height // 4), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def difference_hash(luma: NDArray[np.uint8]) -> bytes:
    """Return the 256-bit difference hash: 17 × 16 area means, each compared with its right neighbour.

    A bit is 1 where the right one is brighter; rows from the top, most significant bit first. Pictures
    that look alike differ in few bits, whatever their size or brightness. After Krawetz, "Kind of Like
    That" (2013).

    Args:
        luma: shape (height, width), uint8; a quarter picture gives the same bits but for ties.
    """
    small = cv2.resize(luma, (HASH_SIDE + 1, HASH_SIDE), interpolation=cv2.INTER_AREA)
    return np.packbits(small[:, 1:] > small[:, :-1]).tobytes()


def hash_words(hashes: Sequence[bytes]) -> NDArray[np.uint64]:
    """Return difference hashes as :func:`differing_bits` takes them, shape (n, 4), uint64."""
    return np.frombuffer(b"".join(hashes), dtype=np.uint64).reshape(-1, HASH_SIDE * HASH_SIDE // 64)


def differing_bits(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Return in how many bits each hash of one set differs from each of another.

    Args:
        first: hashes as 64-bit words, shape (n, words).
        second: the same, shape (m, words).

    Returns:
        Array of shape (n, m), uint16.
    """
    differing = np.zeros((len(first), len(second)), dtype=np.uint16)
    for word in range(first.shape[1]):
        differing += np.bitwise_count(first[:, word, None] ^ second[None, :, word])
    return differing


def signature(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a thumbnail of 32 × 18 area means, row by row, as :mod:`courtside.quality.shots` compares them.

    Args:
        luma: shape (height, width), uint8.

    Returns:
        Array of shape (576,), uint8.
    """
    small = cv2.resize(luma, (THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8).reshape(-1)
