"""Chooses frames that differ: of every game as many, and in a game those that stand best for all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import polars as pl

from courtside.datasets.hardness import hardness
from courtside.datasets.quotas import fair_quotas
from courtside.datasets.select import Choose, choose_even

SECONDS_APART = 4.0
"""Frames of a shot that are so far apart in time are as different as those of two shots."""

_KEY = ["video", "frame"]
_PLACE = ["time", "x", "y", "size", "others"]


def chooser(
    choice: str,
    frames: pl.DataFrame,
    boxes: pl.DataFrame,
    found: pl.DataFrame,
    sizes: Mapping[str, tuple[int, int]],
    labels: Sequence[str],
    *,
    hard_weight: float,
) -> Choose:
    """Return how to choose frames: evenly over time, or by how they differ and how hard they are.

    Args:
        choice: ``even`` over time, or ``diverse``.
        frames: frames table.
        boxes: boxes table of human labels and the teacher's.
        found: see :func:`courtside.datasets.hardness.hardness`.
        sizes: width and height of each video, in pixels.
        labels: what the objects of interest are called.
        hard_weight: how much more the hardest frames count than the easiest, as a share; 0 for not at all.
    """
    if choice == "even":
        return choose_even
    weights = hardness(boxes.filter(pl.col("source") != "human"), found, labels)
    return partial(
        choose_diverse,
        described=describe(frames, boxes, sizes, labels),
        weights=weights.select(*_KEY, weight=1 + hard_weight * pl.col("hardness")),
    )


def describe(
    frames: pl.DataFrame,
    boxes: pl.DataFrame,
    sizes: Mapping[str, tuple[int, int]],
    labels: Sequence[str],
) -> pl.DataFrame:
    """Return what tells frames apart, in units in which 1 is a difference that matters.

    Args:
        frames: frames table.
        boxes: boxes table of what is on them, whoever says so.
        sizes: width and height of each video, in pixels.
        labels: the object of interest has one of these labels; the surest such box of a frame counts.

    Returns:
        ``video``, ``frame``, ``shot``, ``time`` in :data:`SECONDS_APART`, ``x`` and ``y`` of the object's centre in
        halves of the picture, ``size`` of its box in doublings of its side, and ``others``, doublings of the number of
        other boxes, by half. Without the object its place is the mean of all boxes, or the middle, and its size the
        median of the video's.
    """
    known = pl.DataFrame(
        [(video, *size) for video, size in sizes.items()],
        schema={"video": pl.String, "width": pl.Float64, "height": pl.Float64},
        orient="row",
    )
    measured = boxes.join(known, on="video").select(
        *_KEY,
        "label",
        "score",
        x=(pl.col("x1") + pl.col("x2")) / pl.col("width"),
        y=(pl.col("y1") + pl.col("y2")) / pl.col("height"),
        size=((pl.col("x2") - pl.col("x1")) * (pl.col("y2") - pl.col("y1"))).cast(pl.Float64).log(2) / 2,
    )
    is_object = pl.col("label").is_in(list(labels))
    objects = (
        measured.filter(is_object)
        .sort(*_KEY, "score", descending=[False, False, True], maintain_order=True)
        .unique(_KEY, keep="first", maintain_order=True)
        .select(*_KEY, "x", "y", "size")
    )
    rest = measured.group_by(_KEY).agg(
        pl.col("x").mean().alias("mean_x"), pl.col("y").mean().alias("mean_y"), (~is_object).sum().alias("count")
    )
    described = frames.join(objects, on=_KEY, how="left").join(rest, on=_KEY, how="left")
    return described.select(
        *_KEY,
        shot=pl.col("shot").cast(pl.Int64),
        time=pl.col("time_s") / SECONDS_APART,
        x=pl.coalesce("x", "mean_x", 1.0).cast(pl.Float64),
        y=pl.coalesce("y", "mean_y", 1.0).cast(pl.Float64),
        size=pl.coalesce("size", pl.col("size").median().over("video"), 0.0),
        others=(pl.col("count").fill_null(0) + 1.0).log(2) / 2,
    )


def choose_diverse(
    candidates: pl.DataFrame,
    count: int,
    taken: pl.DataFrame,
    *,
    described: pl.DataFrame,
    weights: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return ``count`` of the candidates, of every game as many as of others, in a game those that stand for most.

    Args:
        candidates: ``video`` and ``frame`` of frames to choose from, each once; other columns stay.
        count: how many.
        taken: ``video`` and ``frame`` of what is in the dataset already, which no choice need show again.
        described: what :func:`describe` says of all of them.
        weights: ``video``, ``frame`` and ``weight``: how much it counts that a frame, or one like it, is chosen, above
            0; 1 where nothing is said.

    Returns:
        The rows chosen, in the order of ``candidates``; all of them where there are no more than ``count``.
    """
    if count <= 0:
        return candidates.clear()
    if count >= candidates.height:
        return candidates
    from courtside.datasets.coverage import cover  # brings the compiler

    points = pl.concat(
        [
            taken.select(_KEY).unique().sort(_KEY).with_columns(_row=pl.lit(-1, dtype=pl.Int64)),
            candidates.select(_KEY).with_columns(_row=pl.int_range(pl.len(), dtype=pl.Int64)),
        ]
    ).join(described, on=_KEY, how="left", maintain_order="left")
    if weights is None:
        weights = pl.DataFrame(schema={"video": pl.String, "frame": pl.Int32, "weight": pl.Float64})
    points = points.join(weights, on=_KEY, how="left", maintain_order="left").with_columns(
        pl.col("weight").fill_null(1.0), pl.col("shot").fill_null(-1), *(pl.col(name).fill_null(0.0) for name in _PLACE)
    )
    available, there = (dict(table["video"].value_counts().iter_rows()) for table in (candidates, taken))
    quotas = fair_quotas(available, there, count)
    rows = [np.zeros(0, np.int64)]
    for (video,), own in points.sort("video", "shot", "time", "frame").partition_by("video", as_dict=True).items():
        row = own["_row"].to_numpy()
        chosen = cover(
            np.ascontiguousarray(own["shot"].to_numpy()),
            np.ascontiguousarray(own.select(_PLACE).to_numpy()),
            np.ascontiguousarray(own["weight"].to_numpy()),
            row < 0,
            quotas.get(str(video), 0),
        )
        rows.append(row[chosen])
    return candidates[np.sort(np.concatenate(rows))]
