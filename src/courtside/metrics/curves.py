"""Precision, recall and F1 against the confidence, and precision against recall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from courtside.metrics.average_precision import RECALL_POINTS, precision_at_recall
from courtside.metrics.matching import LabelMatches

CONFIDENCE_POINTS = np.linspace(0.0, 1.0, 1001)


@dataclass(frozen=True)
class Curves:
    """One row a label that occurs in the truth; all values 0–1, all at the lowest IoU threshold.

    Attributes:
        labels: the labels of the rows.
        confidence: shape (1001,): the confidences from 0 to 1 at which a prediction counts if its score is
            at least that.
        precision: shape (labels, 1001); 1 where no prediction has so high a score.
        recall: shape (labels, 1001).
        f1: shape (labels, 1001).
        recall_points: shape (101,): the recalls of ``precision_at_recall``.
        precision_at_recall: shape (labels, 101): the interpolated precision–recall curve.
        average_precision: shape (labels,): the mean of each row of ``precision_at_recall``.
        full_precision_confidence: the lowest confidence from which on every prediction of every label is
            right, while there is still at least one; None where there is no such confidence.
    """

    labels: tuple[str, ...]
    confidence: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    recall_points: NDArray[np.float64]
    precision_at_recall: NDArray[np.float64]
    average_precision: NDArray[np.float64]
    full_precision_confidence: float | None

    def to_dict(self) -> dict[str, dict[str, list[float]]]:
        """Return plain values for JSON, one entry a label.

        Each holds ``recall`` and ``precision`` of the precision–recall curve, and ``confidence``, ``f1``,
        ``precision_at_confidence`` and ``recall_at_confidence`` at every fifth of the confidences, which a
        drawing cannot tell from all of them.
        """
        some = slice(None, None, 5)
        return {
            label: {
                "recall": _plain(self.recall_points),
                "precision": _plain(self.precision_at_recall[row]),
                "confidence": _plain(self.confidence[some]),
                "f1": _plain(self.f1[row, some]),
                "precision_at_confidence": _plain(self.precision[row, some]),
                "recall_at_confidence": _plain(self.recall[row, some]),
            }
            for row, label in enumerate(self.labels)
        }


def counts_at(
    matches: LabelMatches, confidences: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return true positives, false positives and false negatives at each confidence.

    Args:
        matches: the matches of one label; the first IoU threshold is used.
        confidences: shape (n,); a prediction counts when its score is at least the confidence.

    Returns:
        Three arrays of shape (n,), int64.
    """
    counted = matches.counted()
    right = matches.true_positives()[counted]
    hit = np.concatenate([[0], np.cumsum(right)])
    reached = np.searchsorted(-matches.scores[counted], -confidences, side="right")
    true_positives = hit[reached].astype(np.int64)
    return true_positives, reached.astype(np.int64) - true_positives, matches.truths - true_positives


def f1_of(
    true_positives: NDArray[np.int64], false_positives: NDArray[np.int64], false_negatives: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return 2·tp / (2·tp + fp + fn), 0 where all three are 0."""
    below = 2 * true_positives + false_positives + false_negatives
    result: NDArray[np.float64] = np.divide(2.0 * true_positives, below, out=np.zeros(below.shape), where=below > 0)
    return result


def best_confidence(matches: Sequence[LabelMatches]) -> float:
    """Return the score that, taken as the confidence, gives the highest mean F1 over labels with truth.

    Of equally good ones the highest. No curve is smoothed or interpolated: the result is the score of a
    prediction and the F1 there is the F1 of that very set of predictions. 1 where there is no prediction.
    """
    present = [match for match in matches if match.truths]
    scores = np.unique(np.concatenate([match.scores[match.counted()] for match in present] or [np.empty(0)]))
    if not scores.size:
        return 1.0
    mean_f1 = np.mean([f1_of(*counts_at(match, scores)) for match in present], axis=0)
    return float(scores[len(scores) - 1 - int(np.argmax(mean_f1[::-1]))])


def curves_of(matches: Sequence[LabelMatches]) -> Curves:
    """Compute the curves of every label that occurs in the truth."""
    present = [match for match in matches if match.truths]
    precision = np.ones((len(present), len(CONFIDENCE_POINTS)))
    recall, f1 = np.zeros_like(precision), np.zeros_like(precision)
    over_recall = np.zeros((len(present), len(RECALL_POINTS)))
    for row, match in enumerate(present):
        hit, wrong, missed = counts_at(match, CONFIDENCE_POINTS)
        np.divide(hit, hit + wrong, out=precision[row], where=hit + wrong > 0)
        recall[row] = hit / match.truths
        f1[row] = f1_of(hit, wrong, missed)
        over_recall[row] = precision_at_recall(match.true_positives()[match.counted()], match.truths)
    return Curves(
        labels=tuple(match.label for match in present),
        confidence=CONFIDENCE_POINTS,
        precision=precision,
        recall=recall,
        f1=f1,
        recall_points=RECALL_POINTS,
        precision_at_recall=over_recall,
        average_precision=over_recall.mean(axis=1),
        full_precision_confidence=_full_precision_confidence(present),
    )


def _full_precision_confidence(present: Sequence[LabelMatches]) -> float | None:
    scores = np.concatenate([match.scores[match.counted()] for match in present] or [np.empty(0)])
    right = np.concatenate([match.true_positives()[match.counted()] for match in present] or [np.empty(0, np.bool_)])
    worst = scores[~right].max() if (~right).any() else -np.inf
    good = scores[right & (scores > worst)]
    return float(good.min()) if good.size else None


def _plain(values: NDArray[np.float64]) -> list[float]:
    return [round(float(value), 5) for value in values]
