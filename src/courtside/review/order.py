"""In which order a person is asked."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

KEY = ["video", "frame"]


def spread(frames: pl.DataFrame) -> pl.DataFrame:
    """Order frames so that whatever a person gets through shows all of every video.

    The frames of a video come in the order of bit-reversed numbers (van der Corput's sequence of base 2, see
    Niederreiter, "Random Number Generation and Quasi-Monte Carlo Methods", 1992, section 3.1): first, middle, quarter,
    three quarters, …, so that neighbours come as far from each other as can be. Videos take turns by their length.

    Args:
        frames: ``video`` and ``frame``; other columns are kept.

    Returns:
        The same rows in that order, which depends on nothing but ``video`` and ``frame``.
    """
    parts = []
    for number, rows in enumerate(frames.sort(KEY).partition_by("video", maintain_order=True)):
        order = bit_reversed(rows.height)
        share = (np.arange(rows.height) + 0.5) / rows.height
        parts.append(rows[order].with_columns(_share=pl.Series(share), _video=pl.lit(number)))
    return pl.concat(parts).sort("_share", "_video").drop("_share", "_video") if parts else frames


def bit_reversed(count: int) -> NDArray[np.int64]:
    """Return the numbers 0 … ``count`` − 1 in the order of their bits read backwards, shape (count,)."""
    bits = max(count - 1, 0).bit_length()
    numbers = np.arange(1 << bits, dtype=np.int64)
    reversed_ = np.zeros_like(numbers)
    for bit in range(bits):
        reversed_ |= ((numbers >> bit) & 1) << (bits - 1 - bit)
    return reversed_[reversed_ < count]


def most_doubtful(items: pl.DataFrame) -> pl.DataFrame:
    """Order a classifier's items by how likely the person's label is wrong: highest loss first.

    Among equals the one of lowest probability comes first (an item without a loss has only that), then by key.

    Args:
        items: ``video``, ``frame``, ``loss`` and ``probability``; other columns are kept.
    """
    return items.sort(
        "loss", "probability", *KEY, descending=[True, False, False, False], nulls_last=[True, True, True, True]
    )


def lowest_scores(boxes: pl.DataFrame, frames: pl.DataFrame) -> pl.DataFrame:
    """Order frames by the score of their least certain box, lowest first.

    Args:
        boxes: boxes table of a detector.
        frames: ``video`` and ``frame`` of the frames that may be asked about.

    Returns:
        ``video``, ``frame`` and ``score`` (float32, 0–1) of each frame that has a box.
    """
    lowest = boxes.group_by(KEY).agg(pl.col("score").min())
    return frames.select(KEY).join(lowest, on=KEY, how="inner").sort("score", *KEY)
