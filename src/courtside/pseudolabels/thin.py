"""Chooses the frames a round looks at: of neighbours one is enough, and looking is what takes the time."""

from __future__ import annotations

import polars as pl


def thin(frames: pl.DataFrame, every: int, keep: pl.DataFrame) -> pl.DataFrame:
    """Return every ``every``-th row of each video, and the rows that ``keep`` names.

    Args:
        frames: table with ``video`` and ``frame``, in order within each video.
        every: 1 keeps all.
        keep: table with ``video`` and ``frame`` of rows that stay in any case.
    """
    if every == 1:
        return frames
    key = ["video", "frame"]
    return (
        frames.with_columns(_number=pl.int_range(pl.len()).over("video"))
        .join(keep.select(key).unique().with_columns(_kept=pl.lit(True)), on=key, how="left", maintain_order="left")
        .filter((pl.col("_number") % every == 0) | pl.col("_kept").fill_null(False))
        .drop("_number", "_kept")
    )
