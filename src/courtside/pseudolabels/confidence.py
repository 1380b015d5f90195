"""Drops boxes that the detector is not sure of."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from courtside.pseudolabels.limits import per_label


def keep_confident(boxes: pl.DataFrame, minimum: float, of_label: Mapping[str, float] | None = None) -> pl.DataFrame:
    """Keep boxes with a score of at least ``minimum``.

    Args:
        boxes: boxes table.
        minimum: lowest score, 0–1. Higher costs labels and spares the next round wrong ones, which a
            loop that learns from itself repeats.
        of_label: lowest score of single labels.
    """
    return boxes.filter(pl.col("score") >= per_label(minimum, of_label))
