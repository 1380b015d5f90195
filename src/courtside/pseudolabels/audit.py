"""How good pseudo-labels are, on frames a person labelled, and whether those of one round are worse than another's.

What is right is counted once a shot; every figure, its interval and the comparison of two rounds are sums of these
counts, so that both rounds are drawn on the same shots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.metrics.bootstrap import group_draws, percentile_interval
from courtside.metrics.matching import match_boxes
from courtside.tables import Schema

COUNTS: Schema = {
    "round": pl.String,
    "video": pl.String,
    "shot": pl.Int32,
    "right": pl.Int32,
    "labels": pl.Int32,
    "truths": pl.Int32,
    "overlap": pl.Float64,
}
_SHOT = ["video", "shot"]
_SUMS = ["right", "labels", "truths", "overlap"]


@dataclass(frozen=True)
class Comparison:
    """How the labels of a round compare with those of another on the same frames.

    Attributes:
        difference: F1 of this round less that of the other.
        low: lower end of its 95 % interval; None with fewer than two shots, where nothing can be said.
        high: upper end.
    """

    difference: float
    low: float | None
    high: float | None

    @property
    def is_worse(self) -> bool:
        """Whether this round is worse by more than noise: the whole interval lies below no difference."""
        return self.high is not None and self.high < 0


def count(
    boxes: pl.DataFrame,
    truth: pl.DataFrame,
    frames: pl.DataFrame,
    labels: Sequence[str],
    *,
    round_name: str = "",
    minimum_visibility: float = 0.0,
    iou_threshold: float = 0.5,
    may_be_empty: bool = False,
) -> pl.DataFrame:
    """Compare labels with the truth; every box counts, whatever its score, over all labels together.

    Args:
        boxes: boxes table of the pseudo-labels.
        truth: boxes table of what is there.
        frames: ``video``, ``frame`` and ``shot`` of the frames that a person looked at, also those without a box.
        labels: the labels to compare.
        round_name: who made the labels.
        minimum_visibility: true boxes that are less visible are ignored, 0–1.
        iou_threshold: what overlap is right, 0–1.
        may_be_empty: whether there may be no true box.

    Returns:
        A row a shot, with the columns of :data:`COUNTS`: how many labels are right, labels that count, true boxes, and
        the sum of the overlaps (IoU) of the right ones.

    Raises:
        UserError: when the truth has no box of these labels on these frames.
    """
    # COCO drops all but the best 100 of a frame; here every label that was made is judged.
    everything = max(1, boxes.height)
    matches = match_boxes(
        truth,
        boxes,
        frames,
        labels,
        minimum_visibility=minimum_visibility,
        iou_thresholds=(iou_threshold,),
        maximum_detections=everything,
    )
    if not may_be_empty and not sum(match.truths for match in matches):
        raise UserError(
            f"the pseudo-labels cannot be audited: no true {' or '.join(labels)} on the {frames.height} frames "
            "given; label some of them by hand"
        )
    shots = frames.select(*_SHOT).unique(maintain_order=True).sort(_SHOT)
    shot_of_image = (
        frames.select(*_SHOT)
        .join(shots.with_row_index("_number"), on=_SHOT, how="left", maintain_order="left")["_number"]
        .to_numpy()
    )
    sums = {name: np.zeros(shots.height) for name in _SUMS}
    for match in matches:
        hit = match.true_positives()
        overlaps = _paired_iou(boxes[match.rows[hit]], truth[match.hits[hit, 0]])
        for name, images, values in (
            ("right", match.images[hit], None),
            ("overlap", match.images[hit], overlaps),
            ("labels", match.images[match.counted()], None),
            ("truths", match.truth_images, None),
        ):
            sums[name] += np.bincount(shot_of_image[images], weights=values, minlength=shots.height)
    return shots.with_columns(
        pl.lit(round_name).alias("round"), *(pl.Series(name, values) for name, values in sums.items())
    ).select(pl.col(name).cast(kind) for name, kind in COUNTS.items())


def figures(counts: pl.DataFrame) -> dict[str, float | int]:
    """Return ``precision``, ``recall``, ``f1`` (0 where nothing is right), ``mean_iou`` and ``boxes`` of counts.

    The mean overlap is that of the right boxes, 0 where there is none; ``boxes`` is the number of labels that counted.
    """
    right, labels, truths, overlap = (float(counts[name].sum()) for name in _SUMS)
    return {
        "precision": right / labels if labels else 0.0,
        "recall": right / truths if truths else 0.0,
        "f1": 2 * right / (labels + truths) if labels + truths else 0.0,
        "mean_iou": overlap / right if right else 0.0,
        "boxes": int(labels),
    }


def intervals(counts: pl.DataFrame, *, resamples: int = 1000, seed: int = 0) -> dict[str, list[float] | None]:
    """Return the 95 % bootstrap interval, over shots, of each figure but the number of boxes; None with one shot."""
    names = ("precision", "recall", "f1", "mean_iou")
    if counts.height < 2:
        return dict.fromkeys(names)
    right, labels, truths, overlap = _drawn(counts, resamples, seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = (right / labels, right / truths, 2 * right / (labels + truths), overlap / right)
    result: dict[str, list[float] | None] = {}
    for name, value in zip(names, values, strict=True):
        interval = percentile_interval(value[np.isfinite(value)], 0.95, counts.height)
        result[name] = [interval.low, interval.high] if interval else None
    return result


def compare(counts: pl.DataFrame, others: pl.DataFrame, *, resamples: int = 1000, seed: int = 0) -> Comparison:
    """Compare the F1 of two rounds, drawing the same shots for both (paired bootstrap).

    After Efron & Tibshirani, "An Introduction to the Bootstrap" (1993), sections 8.3 and 13.3, with shots as the units:
    most of what makes one set of shots harder than another drops out of the difference.

    Args:
        counts: of this round.
        others: of the other one.
        resamples: how many sets of shots are drawn.
        seed: of the drawing.

    Raises:
        ValueError: when the two are not of the same shots.
    """
    first, second = counts.sort(_SHOT), others.sort(_SHOT)
    if not first.select(_SHOT).equals(second.select(_SHOT)):
        raise ValueError("the counts of two rounds can only be compared on the same shots")
    difference = float(figures(first)["f1"] - figures(second)["f1"])
    if first.height < 2:
        return Comparison(difference, None, None)
    drawn = [_drawn(table, resamples, seed) for table in (first, second)]
    scores = [2 * right / np.maximum(labels + truths, 1) for right, labels, truths, _ in drawn]
    interval = percentile_interval(scores[0] - scores[1], 0.95, first.height)
    return Comparison(difference, interval.low, interval.high) if interval else Comparison(difference, None, None)


def _drawn(counts: pl.DataFrame, resamples: int, seed: int) -> list[NDArray[np.float64]]:
    draws = group_draws(counts.height, resamples, seed)
    return [draws @ counts[name].to_numpy().astype(np.float64) for name in _SUMS]


def _paired_iou(first: pl.DataFrame, second: pl.DataFrame) -> NDArray[np.float64]:
    pairs = zip(boxes_table.corners(first), boxes_table.corners(second), strict=True)
    return np.array([boxes_table.iou(one, other)[0, 0] for one, other in pairs], dtype=np.float64)
