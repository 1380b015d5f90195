"""All scores of a detector on a test set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.errors import UserError
from courtside.metrics.average_precision import average_precision
from courtside.metrics.confusion import confusion_matrix, normalize
from courtside.metrics.curves import Curves, best_confidence, counts_at, curves_of
from courtside.metrics.label_scores import LabelScores
from courtside.metrics.matching import COCO_IOU_THRESHOLDS, LabelMatches, match_boxes


@dataclass(frozen=True)
class DetectionScores:
    """What a detector reaches on a test set. Means are over the labels that occur in the truth.

    Attributes:
        labels: the scores of each label, in the order asked for.
        images: number of frames of the test set, with or without boxes.
        confidence: predictions with a score of at least this count for everything but average precision.
        iou_thresholds: the overlaps over which ``mean_average_precision_50_95`` is the mean.
        confusion: shape (labels + 1, labels + 1), rows predicted, columns true, background last.
        curves: the curves to draw.
    """

    labels: tuple[LabelScores, ...]
    images: int
    confidence: float
    iou_thresholds: tuple[float, ...]
    confusion: NDArray[np.int64]
    curves: Curves

    @property
    def present(self) -> tuple[LabelScores, ...]:
        """The labels that occur in the truth."""
        return tuple(label for label in self.labels if label.truths)

    @property
    def mean_average_precision_50(self) -> float:
        """Mean over labels of the average precision at the lowest IoU threshold (0.5), 0–1."""
        return float(self._average_precisions()[:, 0].mean())

    @property
    def mean_average_precision_50_95(self) -> float:
        """Mean over labels and IoU thresholds of the average precision, 0–1."""
        return float(self._average_precisions().mean())

    @property
    def precision(self) -> float:
        """Mean over labels of the precision, 0–1."""
        return float(np.mean([label.precision for label in self.present]))

    @property
    def recall(self) -> float:
        """Mean over labels of the recall, 0–1."""
        return float(np.mean([label.recall for label in self.present]))

    @property
    def f1(self) -> float:
        """Mean over labels of F1, 0–1."""
        return float(np.mean([label.f1 for label in self.present]))

    @property
    def normalized_confusion(self) -> NDArray[np.float64]:
        """The confusion matrix with every column divided by its sum."""
        return normalize(self.confusion)

    def _average_precisions(self) -> NDArray[np.float64]:
        return np.array([label.average_precision for label in self.present])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: fractions, counts, and one entry a label under ``labels``."""
        return {
            "mAP50": self.mean_average_precision_50,
            "mAP50-95": self.mean_average_precision_50_95,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "confidence": self.confidence,
            "full_precision_confidence": self.curves.full_precision_confidence,
            "confusion": {
                "tp": sum(label.true_positives for label in self.labels),
                "fp": sum(label.false_positives for label in self.labels),
                "fn": sum(label.false_negatives for label in self.labels),
            },
            "confusion_matrix": {
                "labels": [*(label.label for label in self.labels), "background"],
                "counts": self.confusion.tolist(),
            },
            "images": self.images,
            "labels": {label.label: label.to_dict() for label in self.labels},
        }


def evaluate_detections(
    truth: pl.DataFrame,
    predictions: pl.DataFrame,
    frames: pl.DataFrame,
    labels: Sequence[str],
    *,
    confidence: float | None = None,
    minimum_visibility: float = 0.0,
    iou_thresholds: Sequence[float] = COCO_IOU_THRESHOLDS,
    maximum_detections: int = 100,
) -> DetectionScores:
    """Score predictions against the truth on the frames of a test set.

    Average precision follows COCO (Lin et al. 2014): greedy matching from the highest score down, 101
    recall points, the best ``maximum_detections`` predictions of a label in a frame, equal scores taken
    one by one in the order of the tables. All other scores are taken at one confidence and the first IoU
    threshold.

    Args:
        truth: boxes table of what is there. Boxes with a ``visibility`` below ``minimum_visibility`` are
            ignored: missing one costs nothing, hitting one earns nothing.
        predictions: boxes table with scores, as low as the detector gives them.
        frames: ``video`` and ``frame`` of the whole test set, also of frames without a box. Boxes on other
            frames take no part.
        labels: the labels to score; boxes with other labels take no part.
        confidence: the confidence at which precision, recall, F1 and confusions are taken. Where none is
            given, the one with the highest mean F1 on these very frames, which flatters the detector a
            little: for the strictest number choose it on the validation set and pass it.
        minimum_visibility: 0–1, see ``truth``.
        iou_thresholds: overlaps that count as a hit, ascending, 0–1.
        maximum_detections: COCO's ``maxDets``.

    Raises:
        UserError: when the test set has no frame, or none of the labels occurs on it.
        ValueError: when a frame is given twice or a label is.
    """
    names = list(labels)
    if len(set(names)) != len(names) or not names:
        raise ValueError(f"labels must be given once each, not {names}")
    if not frames.height:
        raise UserError("the test set has no frames; label frames of a test video and run `dvc repro`")
    matches = match_boxes(
        truth,
        predictions,
        frames,
        names,
        minimum_visibility=minimum_visibility,
        iou_thresholds=iou_thresholds,
        maximum_detections=maximum_detections,
    )
    if not any(match.truths for match in matches):
        raise UserError(
            f"none of the labels {', '.join(names)} occurs on the {frames.height} frames of the test set with a "
            f"visibility of at least {minimum_visibility:g}; label some, or check the label names"
        )
    chosen = best_confidence(matches) if confidence is None else confidence
    return DetectionScores(
        labels=tuple(_score_label(match, chosen) for match in matches),
        images=frames.height,
        confidence=chosen,
        iou_thresholds=tuple(iou_thresholds),
        confusion=confusion_matrix(matches, truth, predictions, chosen),
        curves=curves_of(matches),
    )


def _score_label(match: LabelMatches, confidence: float) -> LabelScores:
    hit, wrong, missed = (int(count[0]) for count in counts_at(match, np.array([confidence])))
    precisions = None
    if match.truths:
        precisions = np.array(
            [
                average_precision(match.true_positives(column)[match.counted(column)], match.truths)
                for column in range(len(match.iou_thresholds))
            ]
        )
    return LabelScores(match.label, match.truths, precisions, hit, wrong, missed)
