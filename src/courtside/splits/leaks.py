"""Searches two sets of frames for near-twins, by the difference hash of each frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from courtside.quality.fingerprints import differing_bits, hash_words

ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class Pair:
    """Two frames of different sets and the number of bits (0–256) in which their hashes differ."""

    video: str
    frame: int
    other_video: str
    other_frame: int
    distance: int


def nearest_pairs(frames: pl.DataFrame, others: pl.DataFrame) -> list[Pair]:
    """Return, for each of ``frames``, the most similar of ``others``; the most similar pair first.

    Args:
        frames: frames table; the hashes are compared.
        others: frames table of the other set.
    """
    if frames.is_empty() or others.is_empty():
        return []
    first, second = hash_words(frames["hash"].to_list()), hash_words(others["hash"].to_list())
    best = np.empty(len(first), dtype=np.int64)
    distance = np.empty(len(first), dtype=np.int64)
    for start in range(0, len(first), ROWS_AT_ONCE):
        differing = differing_bits(first[start : start + ROWS_AT_ONCE], second)
        best[start : start + len(differing)] = differing.argmin(axis=1)
        distance[start : start + len(differing)] = differing.min(axis=1)
    return [
        Pair(
            video=frames["video"][int(index)],
            frame=frames["frame"][int(index)],
            other_video=others["video"][int(best[index])],
            other_frame=others["frame"][int(best[index])],
            distance=int(distance[index]),
        )
        for index in np.argsort(distance, kind="stable")
    ]
