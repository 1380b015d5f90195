"""Chooses the frames a round looks at: of neighbours one is enough, and looking is what takes the time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from courtside.frames import sure_backgrounds

_KEY = ["video", "frame"]


def frames_to_label(
    frames: pl.DataFrame, labelled: pl.DataFrame, every: int, backgrounds: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the frames that a round is asked about: usable ones, and some without a ball.

    What is on a frame that a person labelled is known already; in validation it is asked all the same, for the audit,
    and so are all frames around it: objects are followed through time there in every round alike.

    Args:
        frames: frames table with verdicts and splits.
        labelled: ``video`` and ``frame`` of the frames a person labelled.
        every: of the training frames every such one is asked about; 1 takes all.
        backgrounds: rows of ``frames`` that show no ball, but others who are to be labelled before the frame can teach.
    """
    usable = frames.filter((pl.col("verdict") == "usable") & pl.col("split").is_not_null())
    audited = audited_frames(frames, labelled)
    asked = usable.join(labelled, on=_KEY, how="anti").vstack(audited).sort(_KEY)
    asked = thin(asked, every, keep=asked.filter(pl.col("split") == "val"))
    return asked if backgrounds is None else asked.vstack(backgrounds.select(asked.columns)).sort(_KEY)


def backgrounds_to_label(
    frames: pl.DataFrame, labels: Sequence[str], every: int, *, share: float, below: float | None
) -> pl.DataFrame:
    """Return frames that surely show no ball, of which a round has to say who else is there before they can teach.

    Args:
        frames: frames table with verdicts and splits.
        labels: all labels of the experiment. Where all are balls, or none is, no such frame is returned.
        every: of the usable training frames every such one is asked about.
        share: what a dataset takes of them at most, 0–1; no more than that share of what is asked is returned, spread
            evenly over each video.
        below: what is sure, see :func:`courtside.frames.sure_backgrounds`.
    """
    sure = sure_backgrounds(frames, below)
    usable = frames.filter((pl.col("verdict") == "usable") & (pl.col("split") == "train")).height
    wanted = math.floor(share * usable / every)
    if len({label.endswith("ball") for label in labels}) < 2 or not wanted:
        return sure.clear()
    return thin(sure, max(1, math.ceil(sure.height / wanted)), keep=sure.clear())


def audited_frames(frames: pl.DataFrame, labelled: pl.DataFrame) -> pl.DataFrame:
    """Return the usable validation frames that a person labelled; no round is taught on them.

    Args:
        frames: frames table with verdicts and splits.
        labelled: ``video`` and ``frame`` of the frames a person labelled.
    """
    usable = frames.filter((pl.col("verdict") == "usable") & (pl.col("split") == "val"))
    return usable.join(labelled, on=_KEY, how="semi")


def thin(frames: pl.DataFrame, every: int, keep: pl.DataFrame) -> pl.DataFrame:
    """Return every ``every``-th row of each video, and the rows that ``keep`` names.

    Args:
        frames: table with ``video`` and ``frame``, in order within each video.
        every: 1 keeps all.
        keep: table with ``video`` and ``frame`` of rows that stay in any case.
    """
    if every == 1:
        return frames
    return (
        frames.with_columns(_number=pl.int_range(pl.len()).over("video"))
        .join(keep.select(_KEY).unique().with_columns(_kept=pl.lit(True)), on=_KEY, how="left", maintain_order="left")
        .filter((pl.col("_number") % every == 0) | pl.col("_kept").fill_null(False))
        .drop("_number", "_kept")
    )
