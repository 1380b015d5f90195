"""All refinement steps in order, with an account of what each did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from courtside import boxes as boxes_table
from courtside.pseudolabels.confidence import keep_confident
from courtside.pseudolabels.implausible import keep_best, remove_misshapen, remove_overlapping
from courtside.pseudolabels.merge import carry_over
from courtside.pseudolabels.settings import RefinementSettings
from courtside.pseudolabels.temporal import fill_gaps, link, remove_flickers

__all__ = ["Refined", "RefinementSettings", "Step", "refine"]


@dataclass(frozen=True)
class Step:
    """What one step did: its name, and how many boxes it removed, added and moved."""

    name: str
    removed: int
    added: int
    moved: int


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
) -> Refined:
    """Make labels of detections.

    The steps: boxes on frames that are not listed go; then those with a low score, of an impossible shape
    or size, or inside a larger one; labels of the round before enter; what is more than the game has goes;
    objects are followed through time, flickers go and gaps are filled.

    Args:
        boxes: boxes table of a detector, with scores.
        frames: ``video``, ``frame`` and ``shot`` of the frames that may get labels; other columns are not read.
        settings: the limits.
        previous: labels of the round before, for ``settings.carry``.
    """
    listed = frames.select("video", pl.col("frame").cast(pl.Int32), "shot")
    names = list(settings.temporal_labels)

    def chains(table: pl.DataFrame) -> pl.Series:
        return link(table, listed, names, link_distance=settings.link_distance, maximum_gap=settings.fill_gaps_up_to)

    steps: list[tuple[str, Callable[[pl.DataFrame], pl.DataFrame]]] = [
        ("frames", lambda table: table.join(listed, on=["video", "frame"], how="semi", maintain_order="left")),
        (
            "confidence",
            lambda table: keep_confident(table, settings.minimum_confidence, settings.minimum_confidences),
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
        ("overlap", lambda table: remove_overlapping(table, settings.maximum_overlap, settings.maximum_overlaps)),
    ]
    if settings.carry and previous is not None:
        labels_before = previous
        steps.append(("carry", lambda table: carry_over(table, labels_before, listed)))
    # Before the flickers: fewer false boxes are left for a chain to go astray on.
    steps.append(("count", lambda table: keep_best(table, settings.maximum_counts)))
    if names:
        shortest = settings.minimum_track_length
        steps += [
            ("flicker", lambda table: remove_flickers(table, listed, chains(table), shortest)),
            ("gaps", lambda table: fill_gaps(table, listed, chains(table), settings.maximum_counts)),
        ]

    current = boxes_table.check(boxes)
    done = []
    for name, step in steps:
        before, current = current, boxes_table.check(step(current))
        done.append(_compare(name, before, current))
    return Refined(current, done)


def _compare(name: str, before: pl.DataFrame, after: pl.DataFrame) -> Step:
    """Count what a step did: a box is moved when only its corners differ."""
    gone, new = _without(before, after), _without(after, before)
    identity = ["video", "frame", "label", "score", "source", "track", "visibility"]
    moved = gone.height - _without(gone.select(identity), new.select(identity)).height
    return Step(name, gone.height - moved, new.height - moved, moved)


def _without(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of ``first`` that are not in ``second``, equal rows counted one by one."""
    columns = first.columns
    numbered = [table.with_columns(_copy=pl.int_range(pl.len()).over(columns)) for table in (first, second)]
    return numbered[0].join(numbered[1], on=[*columns, "_copy"], how="anti", nulls_equal=True).drop("_copy")
