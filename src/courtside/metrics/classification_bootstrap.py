"""How sure the scores of a classifier are, by resampling groups of frames.

Neighbouring frames of a video are all but the same picture, so whole groups are drawn, with replacement (cluster
bootstrap; Efron & Tibshirani 1993, sections 8.5 and 13.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from courtside.metrics.bootstrap import Interval, group_draws, percentile_interval
from courtside.metrics.classification import count_confusions, precision_recall


@dataclass(frozen=True)
class ClassIntervals:
    """Percentile intervals; None with fewer than two groups, where nothing can be said.

    Attributes:
        accuracy: of the share called right.
        precision, recall: of each class, over the resamples in which something was called that, or is there.
    """

    accuracy: Interval | None
    precision: tuple[Interval | None, ...]
    recall: tuple[Interval | None, ...]


def class_intervals(
    truth: ArrayLike,
    predicted: ArrayLike,
    groups: Sequence[object],
    classes: int,
    *,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> ClassIntervals:
    """Return intervals of accuracy, precision and recall.

    Args:
        truth: shape (n,), the class of each frame, 0 to ``classes`` - 1.
        predicted: shape (n,), what each was called.
        groups: the group of each frame, such as its shot.
        classes: number of classes.
        resamples: how many sets of groups to draw.
        level: the share of resamples inside the intervals, 0–1.
        seed: seed of the drawing.
    """
    there, called = np.asarray(truth, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    of_frame = _numbered(groups)
    count = int(of_frame.max()) + 1 if len(of_frame) else 0
    if count < 2:
        return ClassIntervals(None, (None,) * classes, (None,) * classes)
    of_group = np.zeros((count, classes, classes), dtype=np.int64)
    for number in range(count):
        own = of_frame == number
        of_group[number] = count_confusions(there[own], called[own], classes)
    matrices = np.tensordot(group_draws(count, resamples, seed), of_group, axes=1)
    precision, recall = precision_recall(matrices)
    accuracy = np.trace(matrices, axis1=1, axis2=2) / matrices.sum(axis=(1, 2))
    return ClassIntervals(
        percentile_interval(accuracy, level, count),
        tuple(percentile_interval(precision[matrices[:, k].sum(axis=1) > 0, k], level, count) for k in range(classes)),
        tuple(percentile_interval(recall[matrices[:, :, k].sum(axis=1) > 0, k], level, count) for k in range(classes)),
    )


def least_gain(
    gains: ArrayLike, groups: Sequence[object], *, resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> float | None:
    """Return what a sum of gains is at least, with a confidence of ``level``; None with fewer than two groups.

    Args:
        gains: shape (n,), what each frame adds to the sum.
        groups: the group of each frame, such as its shot.
        resamples: how many sets of groups to draw.
        level: the share of resamples whose sum is at least what is returned, 0–1.
        seed: seed of the drawing.
    """
    of_frame = _numbered(groups)
    count = int(of_frame.max()) + 1 if len(of_frame) else 0
    if count < 2:
        return None
    of_group = np.bincount(of_frame, weights=np.asarray(gains, dtype=np.float64), minlength=count)
    return float(np.quantile(group_draws(count, resamples, seed) @ of_group, 1 - level))


def _numbered(groups: Sequence[object]) -> NDArray[np.int64]:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups], dtype=np.int64)
