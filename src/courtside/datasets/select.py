"""Chooses the images of a round: every human label first, then pseudo-labels and backgrounds of all video."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from courtside.frames import sure_backgrounds

_KEY = ["video", "frame"]

Choose = Callable[[pl.DataFrame, int, pl.DataFrame], pl.DataFrame]
"""Returns so many of the candidates (``video``, ``frame``, ``split``), or all, in their order; the third argument holds
what is in the dataset already."""


def choose_even(candidates: pl.DataFrame, count: int, taken: pl.DataFrame) -> pl.DataFrame:
    """Return ``count`` of the candidates, spread evenly over videos and time, whatever is on them."""
    if count <= 0:
        return candidates.clear()
    if count >= candidates.height:
        return candidates
    return candidates[np.linspace(0, candidates.height - 1, count).round().astype(np.int64)]


def select(
    frames: pl.DataFrame,
    labelled: pl.DataFrame,
    teacher: pl.DataFrame,
    *,
    images: int,
    background_share: float,
    expected_labels: Sequence[str] = (),
    labels: Sequence[str] = ("ball",),
    sure_background_below: float | None = None,
    found: pl.DataFrame | None = None,
    surest_share: float = 1.0,
    choose: Choose = choose_even,
) -> pl.DataFrame:
    """Return the frames of a dataset.

    All human-labelled usable frames of training and validation come first. The rest, up to ``images``, are training
    frames: those that the teacher labelled, and backgrounds, at most ``background_share`` of the rest. Validation
    images are always human-labelled: a score against pseudo-labels would measure how well the teacher is imitated.

    Args:
        frames: frames table with verdicts and splits.
        labelled: the (video, frame) pairs a person has looked at.
        teacher: boxes table of the teacher; ignored on human-labelled frames.
        images: size of the whole dataset, training and validation together.
        background_share: share of images without a ball, 0–1.
        expected_labels: labels that every usable frame should show, such as the ball after the ball filter. A usable
            frame on which the teacher missed one of them stays out: it would teach that nothing is there.
        labels: all labels of the experiment; see :func:`backgrounds`.
        sure_background_below: a frame that the ball filter took out with a lower ball probability may be a background.
        found: see :func:`backgrounds`.
        surest_share: see :func:`surest`.
        choose: chooses among what the teacher labelled, and among backgrounds.

    Returns:
        Table with ``video``, ``frame``, ``split`` and ``source`` (``human`` or ``teacher``), sorted by key.
        When human labels alone are more than ``images``, those of training are thinned evenly.
    """
    usable = frames.filter((pl.col("verdict") == "usable") & pl.col("split").is_in(["train", "val"])).select(
        *_KEY, "split"
    )
    human = usable.join(labelled.select(_KEY).unique(), on=_KEY, how="semi").sort(_KEY)
    val = human.filter(pl.col("split") == "val")
    train = human.filter(pl.col("split") == "train")
    train = choose_even(train, max(1, images - val.height), train.clear())
    room = images - val.height - train.height
    candidates = usable.filter(pl.col("split") == "train").join(human, on=_KEY, how="anti").sort(_KEY)
    with_boxes = candidates.join(teacher.select(_KEY).unique(), on=_KEY, how="semi")
    for label in expected_labels:
        with_boxes = with_boxes.join(teacher.filter(pl.col("label") == label), on=_KEY, how="semi")
    without = backgrounds(
        frames,
        labelled,
        teacher,
        expected_labels=expected_labels,
        labels=labels,
        sure_below=sure_background_below,
        found=found,
    )
    # A teacher that was never asked (human labels) has no opinion on the frames it has no boxes on.
    most = min(room, with_boxes.height / max(1e-9, 1 - background_share))
    chosen_backgrounds = choose(without, round(most * background_share) if with_boxes.height else 0, train)
    wanted = room - chosen_backgrounds.height
    taught = choose(surest(with_boxes, teacher, surest_share, wanted), wanted, train)
    return pl.concat(
        [
            pl.concat([train, val]).with_columns(source=pl.lit("human")),
            pl.concat([taught, chosen_backgrounds]).with_columns(source=pl.lit("teacher")),
        ]
    ).sort(_KEY)


def surest(candidates: pl.DataFrame, teacher: pl.DataFrame, share: float, least: int) -> pl.DataFrame:
    """Return the frames of each game whose labels have the highest mean score, in their order.

    Where a label is wrong its score tends to be low. A loss that wants no more of a box than its score was no gain
    (docs/sample_run.md): a box that is missing has no score, and a frame where one is wrong often lacks another.

    Args:
        candidates: ``video`` and ``frame``, each once; other columns stay.
        teacher: boxes table of their labels.
        share: of the frames of each game, 0–1; 1 returns all.
        least: so many are returned in any case, if there are.
    """
    share = max(share, least / max(1, candidates.height))
    if share >= 1:
        return candidates
    scores = teacher.group_by(_KEY).agg(_sure=pl.col("score").mean())
    rank = pl.struct(pl.col("_sure").fill_null(0.0), -pl.col("frame")).rank("ordinal", descending=True).over("video")
    return (
        candidates.join(scores, on=_KEY, how="left", maintain_order="left")
        .filter(rank <= (pl.len().over("video") * share).ceil())
        .drop("_sure")
    )


def backgrounds(
    frames: pl.DataFrame,
    labelled: pl.DataFrame,
    teacher: pl.DataFrame,
    *,
    expected_labels: Sequence[str],
    labels: Sequence[str],
    sure_below: float | None,
    found: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the training frames that may teach what is no ball.

    These are frames that the ball filter took out and is sure of, and, where nothing is expected on a usable frame,
    usable ones that the teacher looked at and has no box on. The teacher has no box of a ball, or of another expected
    label, on either. A frame without a ball still shows players: where the experiment has such labels, the teacher must
    have looked at it, which a box of one tells, or a weak one that became no label; and it enters with all its boxes.

    Args:
        frames: frames table with verdicts and splits.
        labelled: the (video, frame) pairs a person has looked at; they are no backgrounds.
        teacher: boxes table of the teacher.
        expected_labels: labels that every usable frame should show.
        labels: all labels of the experiment; those that end in "ball" are what the filter looks for.
        sure_below: see :func:`courtside.frames.sure_backgrounds`.
        found: boxes table of all that the detector found which gave the labels, however weak: where it found anything
            it looked. None where it looked at every usable frame.

    Returns:
        ``video``, ``frame`` and ``split``, sorted by key.
    """
    taught = frames.filter(pl.col("split") == "train").join(labelled, on=_KEY, how="anti")
    empty = taught.clear()
    balls = [label for label in labels if label.endswith("ball")]
    if balls and sure_below is not None:
        empty = sure_backgrounds(taught, sure_below)
        if len(balls) < len(labels):
            looked_at = teacher if found is None else pl.concat([teacher.select(_KEY), found.select(_KEY)])
            empty = empty.join(looked_at, on=_KEY, how="semi")
        unwanted = pl.col("label").is_in([*balls, *expected_labels])
        empty = empty.join(teacher.filter(unwanted), on=_KEY, how="anti")
    if not expected_labels:
        bare = taught.filter(pl.col("verdict") == "usable").join(teacher, on=_KEY, how="anti")
        empty = pl.concat([empty, bare if found is None else bare.join(found, on=_KEY, how="semi")])
    return empty.select(*_KEY, "split").sort(_KEY)
