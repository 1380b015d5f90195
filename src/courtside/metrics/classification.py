"""Scores of classifiers of frames: of any classes, and of the filter that keeps frames with a ball."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from courtside.errors import UserError
from courtside.metrics.confusion import normalize

MINIMUM_PROBABILITY = 1e-7
"""Smaller probabilities of a true class count as this, so that a cross-entropy stays finite."""


@dataclass(frozen=True)
class ClassScores:
    """How well pictures are told apart.

    Attributes:
        loss: mean cross-entropy in nats, 0 or more; its least is what trainings are compared by.
        accuracy: share of the pictures called right, 0–1; 1 minus it is the error rate.
        precision, recall: by class, in the order of the labels, 0–1; 0 where nothing was called that or is there.
        support: pictures of each class.
        matrix: (k, k) int64, rows what was predicted, columns what was there.
    """

    loss: float
    accuracy: float
    precision: tuple[float, ...]
    recall: tuple[float, ...]
    support: tuple[int, ...]
    matrix: NDArray[np.int64]

    def as_dict(self, labels: Sequence[str]) -> dict[str, Any]:
        """Return plain values: the figures of each label under its name, and the matrix in counts and in shares."""
        return {
            "loss": self.loss,
            "error_rate": 1 - self.accuracy,
            "accuracy": self.accuracy,
            "precision": float(np.mean(self.precision)),
            "recall": float(np.mean(self.recall)),
            "labels": {
                label: {"precision": precision, "recall": recall, "support": support}
                for label, precision, recall, support in zip(
                    labels, self.precision, self.recall, self.support, strict=True
                )
            },
            "matrix": self.matrix.tolist(),
            "normalized": normalize(self.matrix).tolist(),
        }


def score_classes(truth: ArrayLike, probabilities: ArrayLike) -> ClassScores:
    """Score the probabilities of all classes; a picture is called what is most probable, the first where two are.

    Args:
        truth: shape (n,), the class of each picture, 0 to k - 1.
        probabilities: shape (n, k), 0–1.

    Raises:
        UserError: when there is no picture.
        ValueError: when the shapes differ, a class is not one of the k, or a probability is not within 0–1.
    """
    there = np.asarray(truth, dtype=np.int64)
    chances = np.asarray(probabilities, dtype=np.float64)
    if there.ndim != 1 or chances.ndim != 2 or len(there) != len(chances):
        raise ValueError(f"truth {there.shape} and probabilities {chances.shape} must be (n,) and (n, classes)")
    if not there.size:
        raise UserError("no sorted frame to score the classifier on; sort some frames into each class")
    if not ((there >= 0) & (there < chances.shape[1])).all() or not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError("a class is none of those with a probability, or a probability is not within 0–1")
    matrix = count_confusions(there, chances.argmax(axis=1), chances.shape[1])
    precision, recall = precision_recall(matrix)
    return ClassScores(
        loss=float(cross_entropy(there, chances).mean()),
        accuracy=float(np.trace(matrix) / len(there)),
        precision=tuple(precision.tolist()),
        recall=tuple(recall.tolist()),
        support=tuple(matrix.sum(axis=0).tolist()),
        matrix=matrix,
    )


def cross_entropy(truth: NDArray[np.int64], probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the negative natural logarithm of each true class's probability, (n,), at most 16.1."""
    chosen: NDArray[np.float64] = probabilities[np.arange(len(truth)), truth]
    return -np.log(np.clip(chosen, MINIMUM_PROBABILITY, 1))


def count_confusions(truth: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """Return (classes, classes) counts: rows what was predicted, columns what was there."""
    return np.bincount(predicted * classes + truth, minlength=classes * classes).reshape(classes, classes)


def precision_recall(matrices: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return precision and recall of each class, (…, k) each, of matrices (…, k, k); 0 where there is nothing."""
    right = np.diagonal(matrices, axis1=-2, axis2=-1).astype(np.float64)
    called, there = matrices.sum(axis=-1), matrices.sum(axis=-2)
    precision = np.divide(right, called, out=np.zeros(right.shape), where=called > 0)
    recall = np.divide(right, there, out=np.zeros(right.shape), where=there > 0)
    return precision, recall


def score_classifier(truth: ArrayLike, probability: ArrayLike, *, threshold: float = 0.5) -> dict[str, Any]:
    """Score the probabilities of a ball against what is there; the ball is the positive class.

    Args:
        truth: shape (frames,), true where a frame shows a ball.
        probability: shape (frames,), probability of a ball, 0–1.
        threshold: a frame is called ball when its probability is at least this.

    Returns:
        ``top1`` (share of the frames called right), ``precision`` (0 where none is called ball), ``recall``
        (0 where none has one), all 0–1, and ``confusion`` with the counts ``tp, fp, fn, tn``.

    Raises:
        UserError: when there is no frame.
        ValueError: when the shapes differ, or a probability is not within 0–1.
    """
    there = np.asarray(truth, dtype=np.bool_)
    chance = np.asarray(probability, dtype=np.float64)
    if there.ndim != 1 or there.shape != chance.shape:
        raise ValueError(f"truth {there.shape} and probability {chance.shape} must be flat and of one length")
    if not there.size:
        raise UserError("no sorted frame to score the classifier on; sort some frames into ball and no ball")
    if not ((chance >= 0) & (chance <= 1)).all():
        raise ValueError("a probability is not within 0–1")
    called = chance >= threshold
    right, false_alarms, missed = (int((a & b).sum()) for a, b in ((there, called), (~there, called), (there, ~called)))
    return {
        "top1": float((there == called).mean()),
        "precision": right / (right + false_alarms) if right + false_alarms else 0.0,
        "recall": right / (right + missed) if right + missed else 0.0,
        "confusion": {"tp": right, "fp": false_alarms, "fn": missed, "tn": int((~there & ~called).sum())},
    }


def threshold_for_recall(truth: ArrayLike, probability: ArrayLike, recall: float) -> float:
    """Return the highest threshold at which at least a share of the frames with a ball are called ball.

    Args:
        truth: shape (frames,), true where a frame shows a ball.
        probability: shape (frames,), probability of a ball, 0–1.
        recall: the share, 0–1; at 0 the highest probability of all is returned.

    Raises:
        UserError: when no frame shows a ball.
        ValueError: when the shapes differ.
    """
    there = np.asarray(truth, dtype=np.bool_)
    chance = np.asarray(probability, dtype=np.float64)
    if there.ndim != 1 or there.shape != chance.shape:
        raise ValueError(f"truth {there.shape} and probability {chance.shape} must be flat and of one length")
    balls = np.sort(chance[there])[::-1]
    if not balls.size:
        raise UserError(
            "no sorted validation frame shows a ball, of which a threshold could keep a share; sort some more"
        )
    kept = min(max(int(np.ceil(recall * balls.size - 1e-9)), 1), balls.size)
    return float(balls[kept - 1])
