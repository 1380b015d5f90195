"""How hard frames are: where the labels know more than the detector that they came from."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from courtside import boxes as boxes_table

_KEY = ["video", "frame"]


def hardness(teacher: pl.DataFrame, found: pl.DataFrame, labels: Sequence[str]) -> pl.DataFrame:
    """Return how little the teacher's detector agrees with what became a label.

    A label agrees with a box of the detector by the score of that box times their overlap (IoU), and with none where it
    was put into a gap. So a frame is hard where the detector was unsure, missed what the frames around it show, or has
    its box moved by the refinement.

    Args:
        teacher: boxes table of labels.
        found: boxes table of what the teacher's detector found. Where it has nothing at all, as that of a person,
            scores are all there is to know.
        labels: the labels to look at.

    Returns:
        ``video``, ``frame`` and ``hardness``, 0–1: 1 less the mean agreement of the frame's labels. Frames without such
        a label are not in it.
    """
    own = teacher.filter(pl.col("label").is_in(list(labels))).with_row_index("_box")
    if found.is_empty():
        agreement = own.select("_box", agreement=pl.col("score").cast(pl.Float64))
    else:
        pairs = own.join(found, on=[*_KEY, "label"], suffix="_found")
        width, height = (
            (pl.min_horizontal(f"{axis}2", f"{axis}2_found") - pl.max_horizontal(f"{axis}1", f"{axis}1_found")).clip(0)
            for axis in "xy"
        )
        areas = [
            (pl.col(f"x2{of}") - pl.col(f"x1{of}")) * (pl.col(f"y2{of}") - pl.col(f"y1{of}")) for of in ("", "_found")
        ]
        both = width * height
        overlap = both / (areas[0] + areas[1] - both)
        agreement = pairs.group_by("_box").agg(agreement=(overlap * pl.col("score_found")).max().cast(pl.Float64))
    return (
        own.join(agreement, on="_box", how="left", maintain_order="left")
        .with_columns(
            agreement=pl.when(pl.col("source") == boxes_table.INTERPOLATED)
            .then(0.0)
            .otherwise(pl.col("agreement").fill_null(0.0))
        )
        .group_by(_KEY)
        .agg(hardness=(1 - pl.col("agreement").mean()).clip(0, 1))
        .sort(_KEY)
    )
