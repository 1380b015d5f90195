"""Average precision with COCO's 101 recall points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RECALL_POINTS = np.linspace(0.0, 1.0, 101)


def precision_at_recall(
    true_positives: NDArray[np.bool_], truths: float, weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the interpolated precision at 101 recall points, as COCO defines it.

    The precision at a recall is the best one reached at that recall or a higher one, and 0 at a recall
    that is never reached (Lin et al. 2014; ``cocoeval.accumulate``). Equal scores are not merged.

    Args:
        true_positives: shape (predictions,), best score first; predictions that do not count left out.
        truths: number (or weight) of true boxes, above 0.
        weights: shape (predictions,): how often each counts, for resampling; once where not given.

    Returns:
        Array of shape (101,), float64, 0–1.
    """
    weight = np.ones(len(true_positives)) if weights is None else weights
    hit = np.cumsum(np.where(true_positives, weight, 0.0))
    all_so_far = np.cumsum(weight)
    precision = np.divide(hit, all_so_far, out=np.zeros(len(hit)), where=all_so_far > 0)
    envelope = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    result: NDArray[np.float64] = envelope[np.searchsorted(hit / truths, RECALL_POINTS, side="left")]
    return result


def average_precision(
    true_positives: NDArray[np.bool_], truths: float, weights: NDArray[np.float64] | None = None
) -> float:
    """Return the mean of :func:`precision_at_recall`, 0–1."""
    return float(precision_at_recall(true_positives, truths, weights).mean())
