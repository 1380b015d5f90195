"""Finds pictures that look alike among many, so that they are kept together."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.quality.fingerprints import hash_words

# Comparisons at once; of eight bytes each, which the second cache holds.
_AT_ONCE = 1 << 18
# The middle rows of a picture tell more than its upper and lower ones, which are plain in pictures of single things.
_TELLING_FIRST = (1, 2, 0, 3)


def near_pairs(hashes: NDArray[np.uint64], distance: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of all pairs of hashes that differ in few bits.

    Every pair is compared, most of them by 64 of their 256 bits alone: 100,000 hashes take about 20 s.

    Args:
        hashes: what :func:`courtside.quality.fingerprints.hash_words` returns, shape (n, 4), no two of them the same.
        distance: bits in which the members of a pair differ at most, 0–256.

    Returns:
        First and second member of each pair, two arrays of shape (pairs,), int64, first < second.
    """
    firsts, seconds = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    words = [np.ascontiguousarray(hashes[:, word]) for word in _TELLING_FIRST]
    rows = max(1, _AT_ONCE // max(1, len(hashes)))
    for start in range(0, len(hashes), rows):
        block = slice(start, start + rows)
        row, column = np.nonzero(np.bitwise_count(words[0][block, None] ^ words[0][None, start:]) <= distance)
        first, second = row + start, column + start
        later = first < second
        first, second = first[later], second[later]
        bits = np.bitwise_count(words[0][first] ^ words[0][second]).astype(np.int64)
        for word in words[1:]:
            bits += np.bitwise_count(word[first] ^ word[second])
            near = bits <= distance
            first, second, bits = first[near], second[near], bits[near]
        firsts.append(first)
        seconds.append(second)
    return np.concatenate(firsts), np.concatenate(seconds)


def connect(count: int, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for each of ``count`` things, the least thing it is linked to by a chain of pairs; itself where alone.

    Args:
        count: number of things, named 0 to ``count − 1``.
        first: members of pairs, shape (pairs,), int64.
        second: the other members.

    Returns:
        Array of shape (count,), int64: the same number for all of a group.
    """
    group = np.arange(count)
    while True:
        linked = group.copy()
        least = np.minimum(group[first], group[second])
        # Also the group's own head learns of a lesser one, so that whole groups move at once.
        for places in (first, second, group[first], group[second]):
            np.minimum.at(linked, places, least)
        linked = linked[linked]
        if np.array_equal(linked, group):
            return group
        group = linked


def twin_groups(frames: pl.DataFrame, distance: int) -> NDArray[np.int64]:
    """Number frames so that those of one shot, and those that look alike, have the same number.

    Alike are frames whose hashes differ in at most ``distance`` bits, and those that are alike to the same third one,
    even where they differ in more: of any two frames with different numbers, the hashes differ in more.

    Args:
        frames: frames table with ``video``, ``shot`` and ``hash``, of one or more videos; a video may also be a folder
            of pictures of one class, each a shot of its own.
        distance: bits of 256; 0 joins only what has the same hash.

    Returns:
        Array of shape (frames,), int64, in the order of the rows.
    """
    if frames.is_empty():
        return np.empty(0, dtype=np.int64)
    shots = frames.select(pl.struct("video", "shot").rank("dense") - 1).to_series().to_numpy().astype(np.int64)
    hashes, look = np.unique(hash_words(frames["hash"].to_list()), axis=0, return_inverse=True)
    first, second = near_pairs(hashes, distance)
    # Links between shots and looks, and between looks; each look is numbered after the last shot.
    looks = look.reshape(-1).astype(np.int64) + int(shots.max()) + 1
    links = (np.concatenate([shots, first + int(shots.max()) + 1]), np.concatenate([looks, second + shots.max() + 1]))
    groups: NDArray[np.int64] = connect(int(shots.max()) + 1 + len(hashes), *links)[shots]
    return groups
