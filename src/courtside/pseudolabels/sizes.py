"""Mends boxes that are too small or too large as a rule, by how large the boxes are that people drew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.metrics.matching import match_boxes
from courtside.pseudolabels.looks import LookSettings
from courtside.pseudolabels.pipeline import refine
from courtside.pseudolabels.settings import RefinementSettings

PRIOR_BOXES = 4.0
"""How many boxes the belief counts for that sizes are right. One box of a ball is off by some 0.1 of its side, a
detector by some 0.05 as a rule; the square of their quotient is what the two are weighed with."""


def with_calibrated_sizes(
    boxes: pl.DataFrame,
    truth: pl.DataFrame,
    frames: pl.DataFrame,
    settings: RefinementSettings,
    labels: Sequence[str],
) -> RefinementSettings:
    """Return the settings with the factors that make boxes as large as those that a person drew.

    A detector that draws a ball a twentieth too small teaches the next round so, which draws it smaller still. The
    factor is the median of the true side over the side found (square roots of areas) of boxes judged frame by frame,
    drawn to 1 where there are few (:data:`PRIOR_BOXES`).

    Args:
        boxes: boxes table of a detector, with scores.
        truth: boxes table of what is there.
        frames: ``video``, ``frame`` and ``shot`` of the frames a person looked at.
        settings: the limits.
        labels: whose boxes are mended.
    """
    plain = replace(settings, temporal_labels=(), carry=False, looks=LookSettings(), size_factors={})
    judged = refine(boxes, frames, plain).boxes
    factors: dict[str, float] = {}
    for match in match_boxes(truth, judged, frames, list(labels), iou_thresholds=(0.5,)):
        hit = match.true_positives()
        sides = _sides(truth[match.hits[hit, 0]]) / _sides(judged[match.rows[hit]])
        if len(sides):
            weight = len(sides) / (len(sides) + PRIOR_BOXES)
            factors[match.label] = float(1 + weight * (np.median(sides) - 1))
    return replace(settings, size_factors=factors)


def _sides(boxes: pl.DataFrame) -> NDArray[np.float64]:
    corners = boxes_table.corners(boxes).astype(np.float64)
    sides: NDArray[np.float64] = np.sqrt((corners[:, 2:] - corners[:, :2]).prod(axis=1))
    return sides
