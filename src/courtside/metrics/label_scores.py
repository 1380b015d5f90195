"""The scores of one label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class LabelScores:
    """What a detector reaches on one label.

    Attributes:
        label: the label.
        truths: number of true boxes that count.
        average_precision: shape (IoU thresholds,), 0–1; None where there is no true box.
        true_positives: at the chosen confidence and the lowest IoU threshold, as all below.
        false_positives: predictions that hit nothing.
        false_negatives: true boxes that nothing hit.
    """

    label: str
    truths: int
    average_precision: NDArray[np.float64] | None
    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        """Share of the predictions that are right, 0–1; 0 where there is none."""
        predicted = self.true_positives + self.false_positives
        return self.true_positives / predicted if predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the true boxes that were found, 0–1; 0 where there is none."""
        return self.true_positives / self.truths if self.truths else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0–1."""
        below = 2 * self.true_positives + self.false_positives + self.false_negatives
        return 2 * self.true_positives / below if below else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; the averages are None where there is no true box."""
        values = self.average_precision
        return {
            "mAP50": None if values is None else float(values[0]),
            "mAP50-95": None if values is None else float(values.mean()),
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "truths": self.truths,
            "confusion": {
                "tp": self.true_positives,
                "fp": self.false_positives,
                "fn": self.false_negatives,
            },
        }
