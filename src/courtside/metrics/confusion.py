"""The confusion matrix of a detector: labels and the background."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.metrics.matching import LabelMatches


def confusion_matrix(
    matches: Sequence[LabelMatches], truth: pl.DataFrame, predictions: pl.DataFrame, confidence: float
) -> NDArray[np.int64]:
    """Count what was predicted for what was there.

    The diagonal holds the true positives of the matching itself, so that it agrees with precision and
    recall. Among the boxes left over, those that overlap most across labels become confusions, and the
    rest fall to the background. Boxes that do not count stay out.

    Args:
        matches: matches of all labels, from :func:`courtside.metrics.matching.match_boxes`; their first
            IoU threshold is used.
        truth: the boxes table they were made from.
        predictions: the boxes table they were made from.
        confidence: predictions with a lower score take no part.

    Returns:
        Array of shape (labels + 1, labels + 1), int64: rows are what was predicted, columns what was
        there; the last of each is the background. The sum of a label's column is its number of true
        boxes, that of its row its number of predictions.
    """
    background = len(matches)
    matrix = np.zeros((background + 1, background + 1), dtype=np.int64)
    free_truth, free_predictions = [], []
    for label, match in enumerate(matches):
        used = (match.scores >= confidence) & match.counted()
        hit = match.hits[used & match.true_positives(), 0]
        matrix[label, label] = len(hit)
        missed = ~np.isin(match.truth_rows, hit)
        wrong = used & ~match.true_positives()
        free_truth.append(_tagged(label, match.truth_images[missed], match.truth_rows[missed]))
        free_predictions.append(_tagged(label, match.images[wrong], match.rows[wrong]))
    if not matches:
        return matrix

    missed_boxes, wrong_boxes = np.concatenate(free_truth), np.concatenate(free_predictions)
    corners_of_truth, corners_of_predictions = boxes_table.corners(truth), boxes_table.corners(predictions)
    threshold = matches[0].iou_thresholds[0]
    for image in np.union1d(missed_boxes[:, 1], wrong_boxes[:, 1]):
        there, said = missed_boxes[missed_boxes[:, 1] == image], wrong_boxes[wrong_boxes[:, 1] == image]
        overlap = boxes_table.iou(corners_of_predictions[said[:, 2]], corners_of_truth[there[:, 2]])
        while overlap.size and overlap.max() >= threshold:
            row, column = np.unravel_index(int(np.argmax(overlap)), overlap.shape)
            matrix[said[row, 0], there[column, 0]] += 1
            overlap[row], overlap[:, column] = 0.0, 0.0
            said[row, 0] = there[column, 0] = background
        for label in there[:, 0][there[:, 0] != background]:
            matrix[background, label] += 1
        for label in said[:, 0][said[:, 0] != background]:
            matrix[label, background] += 1
    return matrix


def normalize(matrix: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Divide every column by its sum: what share of a true label was predicted as what; 0 for empty columns."""
    sums = matrix.sum(axis=0, keepdims=True)
    result: NDArray[np.float64] = np.divide(matrix, sums, out=np.zeros(matrix.shape), where=sums > 0)
    return result


def _tagged(label: int, images: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.column_stack([np.full(len(images), label, dtype=np.int64), images, rows])
