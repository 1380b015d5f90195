"""Shots that show again what an earlier shot of the video has shown, from the hash of every frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from courtside.quality.fingerprints import differing_bits

_QUERY_STRIDE = 6
_REFERENCE_STRIDE = 3
_ROWS_AT_ONCE = 256
# A picture of less variance is nearly plain, and plain pictures are all alike.
_PLAIN_BELOW = 50.0
# Bits by which a later frame may be less like than the most similar one and still count as the next in order: where
# the camera stands still, which of a second's frames is the most similar is chance.
_SLACK = 6


def find_replays(
    shots: NDArray[np.int32],
    hashes: NDArray[np.uint8],
    variances: NDArray[np.float64],
    *,
    maximum_distance: int = 24,
    minimum_share: float = 0.5,
    minimum_order: float = 0.7,
) -> dict[int, int]:
    """Find shots that repeat an earlier one of the same footage, at whatever speed.

    Every sixth frame of each shot is compared with every third of all shots before it. A shot repeats the one
    that most of its frames look like, if enough of them do and if they come in the same order. A graphic laid
    over the picture, another compression, brightness or speed change few bits; another camera changes most, so a
    replay from another place is not found, and neither does it hold near-twins of frames seen before.

    Args:
        shots: shot of each frame, ascending, shape (frames,).
        hashes: difference hash of each frame, shape (frames, 32), uint8.
        variances: variance of each frame's luma, shape (frames,); plain frames are not compared.
        maximum_distance: bits of 256 in which two frames that are the same differ at most; 8–40. Frames of
            different shots by one camera differ in 40 and more.
        minimum_share: share of a shot's frames that have to be found in the earlier one, 0–1.
        minimum_order: share of their steps that have to lead forward, 0–1.

    Returns:
        For each shot that is a replay, the first shot that shows the footage.
    """
    textured = variances >= _PLAIN_BELOW
    words = np.ascontiguousarray(hashes).view(np.uint64)
    first_frame = np.searchsorted(shots, shots, side="left")
    queries = np.flatnonzero(textured & ((np.arange(len(shots)) - first_frame) % _QUERY_STRIDE == 0))
    references = np.flatnonzero(textured)[::_REFERENCE_STRIDE]
    found, distances = _nearest_earlier(words, shots, queries, references)
    replays: dict[int, int] = {}
    for shot in np.unique(shots[queries]).tolist():
        rows = np.flatnonzero(shots[queries] == shot)
        alike = rows[distances[rows] <= maximum_distance]
        if len(rows) < 2 or not len(alike):
            continue
        earlier, counts = np.unique(shots[found[alike]], return_counts=True)
        source = int(earlier[counts.argmax()])
        of_source = alike[shots[found[alike]] == source]
        if len(of_source) < max(2.0, minimum_share * len(rows)):
            continue
        shown = references[shots[references] == source]
        if _share_forward(differing_bits(words[queries[of_source]], words[shown])) >= minimum_order:
            replays[shot] = replays.get(source, source)
    return replays


def _share_forward(distances: NDArray[np.uint16]) -> float:
    """Return the share of steps from one row to the next that lead to the same column or a later one.

    Args:
        distances: bits in which each frame of the later shot (rows) differs from those of the earlier one, both in
            order; 2 rows at least.
    """
    place, forward = 0, -1  # the first row is no step
    for row in distances:
        good = row <= row.min() + _SLACK
        onward = np.flatnonzero(good[place:])
        forward += len(onward) > 0
        place = place + int(onward[0]) if len(onward) else int(row.argmin())
    return forward / (len(distances) - 1)


def _nearest_earlier(
    words: NDArray[np.uint64], shots: NDArray[np.int32], queries: NDArray[np.intp], references: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return for each query the most similar reference of an earlier shot, and in how many bits they differ."""
    found = np.zeros(len(queries), dtype=np.intp)
    distances = np.full(len(queries), words.shape[1] * 64 + 1, dtype=np.int64)
    # References before the query's shot; queries ascend, so a block looks at the references before its last one.
    before = np.searchsorted(shots[references], shots[queries], side="left")
    for start in range(0, len(queries), _ROWS_AT_ONCE):
        block = slice(start, min(start + _ROWS_AT_ONCE, len(queries)))
        reach = int(before[block].max(initial=0))
        if not reach:
            continue
        seen = words[references[:reach]]
        differing = differing_bits(words[queries[block]], seen)
        differing[np.arange(reach)[None, :] >= before[block, None]] = np.iinfo(differing.dtype).max
        nearest = differing.argmin(axis=1)
        found[block] = references[nearest]
        distances[block] = np.minimum(differing[np.arange(len(nearest)), nearest], distances[block])
    return found, distances
