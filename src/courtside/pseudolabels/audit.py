"""How good pseudo-labels are, on frames that a person labelled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.metrics.matching import match_boxes


def audit(
    boxes: pl.DataFrame,
    truth: pl.DataFrame,
    frames: pl.DataFrame,
    labels: Sequence[str],
    *,
    minimum_visibility: float = 0.0,
    iou_threshold: float = 0.5,
) -> dict[str, float | int]:
    """Compare labels with the truth; every box counts, whatever its score, over all labels together.

    Args:
        boxes: boxes table of the pseudo-labels.
        truth: boxes table of what is there.
        frames: ``video`` and ``frame`` of the frames that a person looked at, also those without a box.
        labels: the labels to compare.
        minimum_visibility: true boxes that are less visible are ignored, 0–1.
        iou_threshold: what overlap is right, 0–1.

    Returns:
        ``precision``, ``recall``, ``f1`` (0 where nothing is right), ``mean_iou`` (mean overlap of the
        right boxes, 0 where there is none) and ``boxes`` (the number of pseudo-labels that counted).

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
    truths = sum(match.truths for match in matches)
    if not truths:
        raise UserError(
            f"the pseudo-labels cannot be audited: no true {' or '.join(labels)} on the {frames.height} frames "
            "given; label some of them by hand"
        )
    predicted_rows = np.concatenate([match.rows[match.true_positives()] for match in matches])
    true_rows = np.concatenate([match.hits[match.true_positives(), 0] for match in matches])
    predicted = int(sum(match.counted().sum() for match in matches))
    right = len(predicted_rows)
    overlaps = _paired_iou(boxes[predicted_rows], truth[true_rows])
    return {
        "precision": right / predicted if predicted else 0.0,
        "recall": right / truths,
        "f1": 2 * right / (predicted + truths),
        "mean_iou": float(overlaps.mean()) if right else 0.0,
        "boxes": predicted,
    }


def _paired_iou(first: pl.DataFrame, second: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    pairs = zip(boxes_table.corners(first), boxes_table.corners(second), strict=True)
    return np.array([boxes_table.iou(one, other)[0, 0] for one, other in pairs], dtype=np.float64)
