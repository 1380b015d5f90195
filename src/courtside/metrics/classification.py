"""Scores of the ball / no-ball classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from courtside.errors import UserError


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
