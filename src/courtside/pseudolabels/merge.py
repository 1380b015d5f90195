"""Carries labels over from the round before."""

from __future__ import annotations

import polars as pl

from courtside import boxes as boxes_table

CARRIED = "carried"


def carry_over(boxes: pl.DataFrame, previous: pl.DataFrame, frames: pl.DataFrame) -> pl.DataFrame:
    """Add the boxes of the round before where the new round finds nothing of that label.

    Args:
        boxes: boxes table of the new round.
        previous: boxes table of the labels of the round before.
        frames: ``video`` and ``frame`` of the frames that may get boxes.

    Returns:
        The boxes, and those carried over with the source ``carried``, without track.
    """
    keys = ["video", "frame", "label"]
    carried = (
        boxes_table.check(previous)
        .join(frames.select("video", pl.col("frame").cast(pl.Int32)), on=["video", "frame"], how="semi")
        .join(boxes, on=keys, how="anti")
        .with_columns(source=pl.lit(CARRIED), track=pl.lit(None, dtype=pl.Int32))
    )
    return boxes_table.check(pl.concat([boxes_table.check(boxes), carried]))
