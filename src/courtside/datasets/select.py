"""Chooses the images of a round: every human label first, then pseudo-labels spread over all video."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl


def select(
    frames: pl.DataFrame,
    labelled: pl.DataFrame,
    teacher: pl.DataFrame,
    *,
    images: int,
    background_share: float,
    expected_labels: Sequence[str] = (),
) -> pl.DataFrame:
    """Return the frames of a dataset.

    All human-labelled usable frames of training and validation come first. The rest, up to ``images``, are
    usable training frames that the teacher labelled, spread evenly over videos and time, with at most
    ``background_share`` of them without any box. Validation images are always human-labelled: a score
    against pseudo-labels would measure how well the teacher is imitated.

    Args:
        frames: frames table with verdicts and splits.
        labelled: the (video, frame) pairs a person has looked at.
        teacher: boxes table of the teacher; ignored on human-labelled frames.
        images: size of the whole dataset, training and validation together.
        background_share: share of images without a box, 0–1.
        expected_labels: labels that every usable frame should show, such as the ball after the ball filter. A
            frame on which the teacher missed one of them stays out: it would teach that nothing is there.

    Returns:
        Table with ``video``, ``frame``, ``split`` and ``source`` (``human`` or ``teacher``), sorted by key.
        When human labels alone are more than ``images``, those of training are thinned evenly.
    """
    key = ["video", "frame"]
    usable = frames.filter((pl.col("verdict") == "usable") & pl.col("split").is_in(["train", "val"])).select(
        *key, "split"
    )
    human = usable.join(labelled.select(key).unique(), on=key, how="semi").sort(key)
    val = human.filter(pl.col("split") == "val")
    train = human.filter(pl.col("split") == "train")
    room = max(1, images - val.height)
    train = _spread(train, room)
    candidates = usable.filter(pl.col("split") == "train").join(human, on=key, how="anti").sort(key)
    with_boxes = candidates.join(teacher.select(key).unique(), on=key, how="semi")
    without = candidates.join(with_boxes, on=key, how="anti")
    if expected_labels:
        without = without.clear()
    for label in expected_labels:
        with_boxes = with_boxes.join(teacher.filter(pl.col("label") == label), on=key, how="semi")
    room -= train.height
    # A teacher that was never asked (human labels) has no opinion on the frames it has no boxes on.
    backgrounds = _spread(without, round(room * background_share)) if with_boxes.height else without.clear()
    taught = pl.concat([_spread(with_boxes, room - backgrounds.height), backgrounds])
    return pl.concat(
        [
            pl.concat([train, val]).with_columns(source=pl.lit("human")),
            taught.with_columns(source=pl.lit("teacher")),
        ]
    ).sort(key)


def _spread(table: pl.DataFrame, count: int) -> pl.DataFrame:
    if count <= 0:
        return table.clear()
    if count >= table.height:
        return table
    return table[np.linspace(0, table.height - 1, count).round().astype(np.int64)]
