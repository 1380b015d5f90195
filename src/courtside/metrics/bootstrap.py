"""How sure a score is, by resampling groups of frames; and how sure a mean average precision is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.metrics.average_precision import average_precision
from courtside.metrics.matching import match_boxes


@dataclass(frozen=True)
class Interval:
    """A percentile interval.

    Attributes:
        low: lower end, 0–1.
        high: upper end, 0–1.
        level: the share of resamples inside, such as 0.95.
        groups: number of groups resampled.
        resamples: number of resamples that held a true box.
    """

    low: float
    high: float
    level: float
    groups: int
    resamples: int


@dataclass(frozen=True)
class Resamples:
    """The score of each drawn test set.

    Two detectors scored on the same frames with the same seed were drawn the same test sets, in the same order.

    Attributes:
        values: shape (resamples,), 0–1; NaN where a test set held no true box.
        groups: number of groups that were drawn from.
    """

    values: NDArray[np.float64]
    groups: int

    def interval(self, level: float = 0.95) -> Interval | None:
        """Return the percentile interval of the score; None where no test set held a true box.

        200 resamples give its ends to about a tenth of its width.
        """
        return percentile_interval(self.values[~np.isnan(self.values)], level, self.groups)


def paired_interval(
    first: NDArray[np.float64], second: NDArray[np.float64], level: float = 0.95
) -> tuple[float, float] | None:
    """Return the percentile interval of ``second`` less ``first``, the same test sets drawn for both.

    After Efron & Tibshirani, "An Introduction to the Bootstrap" (1993), section 8.3: what makes one test set harder
    than another drops out of the difference. Its ends are −1 to 1; None where no test set held a true box.

    Args:
        first: shape (resamples,), NaN where a test set held no true box.
        second: the same draws for the other detector.
        level: the share of resamples inside the interval, 0–1.

    Raises:
        ValueError: when the two do not have as many draws.
    """
    if first.shape != second.shape:
        raise ValueError(f"the same draws are needed to compare; here are {first.shape} and {second.shape}")
    differences = second - first
    interval = percentile_interval(differences[~np.isnan(differences)], level, 0)
    return (interval.low, interval.high) if interval else None


def group_draws(groups: int, resamples: int, seed: int) -> NDArray[np.int64]:
    """Return how often each group is drawn, with replacement, in each resample, (resamples, groups)."""
    return np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), size=resamples)


def percentile_interval(values: NDArray[np.float64], level: float, groups: int) -> Interval | None:
    """Return the interval in which a share of ``level`` of the resamples' values lies; None without any."""
    if not len(values):
        return None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level, groups, len(values))


def bootstrap_scores(
    truth: pl.DataFrame,
    predictions: pl.DataFrame,
    frames: pl.DataFrame,
    labels: Sequence[str],
    group: str = "shot",
    *,
    minimum_visibility: float = 0.0,
    iou_threshold: float = 0.5,
    maximum_detections: int = 100,
    resamples: int = 200,
    seed: int = 0,
) -> Resamples | None:
    """Draw test sets and return the mean average precision at one IoU threshold on each.

    Neighbouring frames of a video are all but the same picture, so frames are drawn by whole groups, with
    replacement (cluster bootstrap; Efron & Tibshirani 1993, sections 8.5 and 13.3). Predictions are matched
    once: the match within a frame does not depend on which frames are drawn.

    Args:
        truth: see :func:`courtside.metrics.detection.evaluate_detections`, as the others of this name.
        predictions: boxes table with scores.
        frames: ``video``, ``frame`` and the column named by ``group``.
        labels: the labels to score.
        group: column that, within a video, tells which frames belong together.
        minimum_visibility: true boxes that are less visible are ignored.
        iou_threshold: what overlap is a hit, 0–1.
        maximum_detections: COCO's ``maxDets``.
        resamples: how many test sets to draw.
        seed: seed of the drawing; with the same frames and seed the same test sets are drawn.

    Returns:
        The scores, or None with fewer than two groups, where nothing can be said.
    """
    matches = match_boxes(
        truth,
        predictions,
        frames,
        labels,
        minimum_visibility=minimum_visibility,
        iou_thresholds=(iou_threshold,),
        maximum_detections=maximum_detections,
    )
    group_of_image = frames.select(pl.struct("video", group).rank("dense")).to_series().to_numpy().astype(np.int64) - 1
    groups = int(group_of_image.max()) + 1 if len(group_of_image) else 0
    if groups < 2:
        return None

    draws = group_draws(groups, resamples, seed)
    values = np.full((resamples, len(matches)), np.nan)
    for column, match in enumerate(matches):
        counted = match.counted()
        right = match.true_positives()[counted]
        group_of_prediction = group_of_image[match.images[counted]]
        truths_of_group = np.bincount(group_of_image[match.truth_images], minlength=groups)
        for row, times in enumerate(draws):
            truths = float(times @ truths_of_group)
            if truths:
                weights = times[group_of_prediction].astype(np.float64)
                values[row, column] = average_precision(right, truths, weights)
    means = np.full(resamples, np.nan)
    usable = ~np.isnan(values).all(axis=1)
    means[usable] = np.nanmean(values[usable], axis=1)
    return Resamples(means, groups)
