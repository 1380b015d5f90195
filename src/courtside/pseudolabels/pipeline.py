"""All refinement steps in order, with an account of what each did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.pseudolabels.confidence import keep_confident
from courtside.pseudolabels.implausible import keep_best, keep_one_label, remove_misshapen, remove_overlapping, resize
from courtside.pseudolabels.linking import link
from courtside.pseudolabels.looks import remove_odd
from courtside.pseudolabels.merge import carry_over
from courtside.pseudolabels.settings import RefinementSettings
from courtside.pseudolabels.temporal import (
    fill_gaps,
    join_scores,
    remove_flickers,
    remove_jumps,
    remove_unsure,
    smooth_boxes,
)

__all__ = ["Refined", "RefinementSettings", "Step", "refine"]


MOST_CANDIDATES = 20
"""Boxes of a label in a frame, those with the highest scores, that may become part of a track."""


@dataclass(frozen=True)
class Step:
    """What one step did.

    Attributes:
        name: of the step.
        removed: how many boxes it removed.
        added: how many it added.
        moved: how many it moved, or gave another score.
        boxes: boxes table after it.
    """

    name: str
    removed: int
    added: int
    moved: int
    boxes: pl.DataFrame


@dataclass(frozen=True)
class Refined:
    """The labels, as a boxes table, and the steps in the order in which they ran."""

    boxes: pl.DataFrame
    steps: list[Step]


def refine(
    boxes: pl.DataFrame,
    frames: pl.DataFrame,
    settings: RefinementSettings,
    previous: pl.DataFrame | None = None,
    embeddings: NDArray[np.floating] | None = None,
    seed: int = 0,
) -> Refined:
    """Make labels of detections.

    The steps: boxes on frames that are not listed go; then those with a low score, of an impossible shape or size,
    inside a larger one, of a second label of the same thing, or that look odd; sizes are mended. Then objects are
    followed through time: boxes are linked into tracks, those that no track goes through go, so do those that jump and
    tracks without a sure box; scores are joined with the track's, and what is still not likely goes, as does what is
    more than the game has, and flickers; boxes are moved to the smoothed path, and gaps filled. Labels of the round
    before, which were refined themselves, enter at the end.

    Args:
        boxes: boxes table of a detector, with scores.
        frames: ``video``, ``frame`` and ``shot`` of the frames that may get labels; other columns are not read.
        settings: the limits.
        previous: labels of the round before, for ``settings.carry``.
        embeddings: (n, d), how the boxes look, a row a box in the order of ``boxes``; for ``settings.looks``.
        seed: of what is random in judging how boxes look.

    Raises:
        ValueError: when ``settings.looks`` names labels and there are no embeddings, or not as many as boxes.
    """
    listed = frames.select("video", pl.col("frame").cast(pl.Int32), "shot")
    steps: list[tuple[str, Callable[[pl.DataFrame], pl.DataFrame]]] = [
        ("frames", lambda table: table.join(listed, on=["video", "frame"], how="semi", maintain_order="left")),
        (
            "confidence",
            lambda table: keep_confident(table, settings.minimum_confidence, _candidates(settings)),
        ),
        (
            "shape",
            lambda table: remove_misshapen(
                table,
                maximum_aspect_ratio=settings.maximum_aspect_ratio,
                aspect_ratio_of_label=settings.maximum_aspect_ratios,
                minimum_side_px=settings.minimum_side_px,
                maximum_side_px=settings.maximum_side_px,
            ),
        ),
        (
            "overlap",
            lambda table: remove_overlapping(
                table, settings.maximum_overlap, settings.maximum_overlaps, settings.overlap_keeps
            ),
        ),
    ]
    if settings.exclusive_labels:
        labels, most = settings.exclusive_labels, settings.exclusive_overlap
        steps.append(("one label", lambda table: keep_one_label(table, labels, most)))
    if settings.size_factors:
        factors = settings.size_factors
        steps.append(("size", lambda table: resize(table, factors)))
    if settings.looks.labels:
        steps.append(("looks", _looks_step(boxes, settings, embeddings, seed)))
    if settings.temporal_labels:
        steps += _temporal_steps(listed, settings)
    else:
        steps.append(("count", lambda table: keep_best(table, settings.maximum_counts)))
    if settings.carry and previous is not None:
        labels_before = keep_best(previous, settings.maximum_counts)
        steps.append(("carry", lambda table: carry_over(table, labels_before, listed)))

    current = boxes_table.check(boxes)
    done = []
    for name, step in steps:
        before, current = current, boxes_table.check(step(current))
        done.append(_compare(name, before, current))
    untracked = current.with_columns(
        track=pl.lit(None, dtype=pl.Int32)
    )  # the links were a means, and are no identities
    return Refined(untracked, done)


def _looks_step(
    seen: pl.DataFrame, settings: RefinementSettings, embeddings: NDArray[np.floating] | None, seed: int
) -> Callable[[pl.DataFrame], pl.DataFrame]:
    if embeddings is None:
        raise ValueError("label.looks needs the embeddings of the boxes")
    return lambda table: remove_odd(
        table,
        seen,
        embeddings,
        settings.looks,
        sure_confidence=settings.sure_confidence,
        sure_confidences=settings.sure_confidences,
        seed=seed,
    )


def _candidates(settings: RefinementSettings) -> dict[str, float]:
    """Return the lowest score a box of each label needs at first."""
    followed = dict.fromkeys(settings.temporal_labels, settings.candidate_confidence)
    return {**settings.minimum_confidences, **followed}


def _temporal_steps(
    listed: pl.DataFrame, settings: RefinementSettings
) -> list[tuple[str, Callable[[pl.DataFrame], pl.DataFrame]]]:
    names = list(settings.temporal_labels)
    model = settings.motion

    def linked(table: pl.DataFrame) -> pl.DataFrame:
        # Links grow with the square of what is on a frame, and an untaught detector sees something everywhere.
        most = dict.fromkeys(names, MOST_CANDIDATES)
        tracks = link(
            keep_best(table, most),
            listed,
            names,
            even_score=settings.minimum_confidence,
            even_scores=settings.minimum_confidences,
            worth=settings.links,
            maximum_gap=settings.fill_gaps_up_to,
            maximum_counts=settings.maximum_counts,
        )
        return tracks.filter(pl.col("track").is_not_null() | ~pl.col("label").is_in(names))

    return [
        ("links", linked),
        ("jumps", lambda table: remove_jumps(table, listed, model, settings.maximum_jump)),
        (
            "unsure",
            lambda table: remove_unsure(
                table, listed, settings.sure_confidence, settings.sure_confidences, settings.sure_boxes
            ),
        ),
        ("joined scores", lambda table: join_scores(table, listed, model)),
        (
            "joined confidence",
            lambda table: keep_confident(table, settings.minimum_confidence, settings.minimum_confidences),
        ),
        ("count", lambda table: keep_best(table, settings.maximum_counts)),
        ("flickers", lambda table: remove_flickers(table, listed, settings.minimum_track_length)),
        *([("smoothing", lambda table: smooth_boxes(table, listed, model))] if settings.smooth else []),
        (
            "gaps",
            lambda table: fill_gaps(table, listed, model, settings.maximum_uncertainty, settings.maximum_counts),
        ),
    ]


def _compare(name: str, before: pl.DataFrame, after: pl.DataFrame) -> Step:
    """Count what a step did: a box is moved when its corners or its score differ and nothing else does."""
    plain = [table.drop("track") for table in (before, after)]  # that a box belongs to a track does not change it
    gone, new = _without(*plain), _without(*reversed(plain))
    identity = ["video", "frame", "label", "source", "visibility"]
    moved = gone.height - _without(gone.select(identity), new.select(identity)).height
    return Step(name, gone.height - moved, new.height - moved, moved, after)


def _without(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``first`` that are not in ``second``, equal rows counted one by one."""
    columns = first.columns
    numbered = [table.with_columns(_copy=pl.int_range(pl.len()).over(columns)) for table in (first, second)]
    return numbered[0].join(numbered[1], on=[*columns, "_copy"], how="anti", nulls_equal=True).drop("_copy")
