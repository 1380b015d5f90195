"""Validation frames where no person labelled any: the teacher's, which only say how well it is imitated."""

from __future__ import annotations

import polars as pl

from courtside.datasets.select import choose_even

_KEY = ["video", "frame"]


def stand_ins(frames: pl.DataFrame, labelled: pl.DataFrame, teacher: pl.DataFrame, *, count: int) -> pl.DataFrame:
    """Return the validation frames of a dataset that no person labelled a validation frame of.

    A training needs some to choose its best epoch by. They are spread evenly over what the teacher labelled there.

    Args:
        frames: frames table with verdicts and splits.
        labelled: the (video, frame) pairs a person has looked at.
        teacher: boxes table of the teacher.
        count: how many are wanted.

    Returns:
        Table with ``video``, ``frame``, ``split`` (``val``) and ``source`` (``teacher``), sorted by key; empty where a
        person labelled a usable validation frame.
    """
    usable = frames.filter((pl.col("verdict") == "usable") & (pl.col("split") == "val")).select(*_KEY, "split")
    if usable.join(labelled, on=_KEY, how="semi").height:
        usable = usable.clear()
    taught = usable.join(teacher.select(_KEY).unique(), on=_KEY, how="semi").sort(_KEY)
    return choose_even(taught, count, taught.clear()).with_columns(source=pl.lit("teacher"))
