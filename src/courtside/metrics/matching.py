"""Which prediction found which true box, one label at a time, as COCO matches them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.tables import conform

COCO_IOU_THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
NOTHING = -1
IGNORED = -2


@dataclass(frozen=True)
class LabelMatches:
    """The predictions of one label, best first, and what each of them hit.

    Attributes:
        label: the label.
        scores: shape (predictions,), float64, descending.
        images: shape (predictions,), int64: row of the prediction's frame in the frames given.
        rows: shape (predictions,), int64: row of the prediction in the predictions given.
        hits: shape (predictions, thresholds), int64: row of the true box in the truth given;
            :data:`NOTHING` for a false positive, :data:`IGNORED` where the prediction does not count.
        truth_images: shape (true boxes that count,), int64: row of the frame of each.
        truth_rows: shape (true boxes that count,), int64: row of each in the truth given.
        iou_thresholds: shape (thresholds,), float64.
    """

    label: str
    scores: NDArray[np.float64]
    images: NDArray[np.int64]
    rows: NDArray[np.int64]
    hits: NDArray[np.int64]
    truth_images: NDArray[np.int64]
    truth_rows: NDArray[np.int64]
    iou_thresholds: NDArray[np.float64]

    @property
    def truths(self) -> int:
        """Number of true boxes that count."""
        return len(self.truth_rows)

    def true_positives(self, threshold: int = 0) -> NDArray[np.bool_]:
        """Return which predictions hit a true box, shape (predictions,), at the given threshold's index."""
        result: NDArray[np.bool_] = self.hits[:, threshold] >= 0
        return result

    def counted(self, threshold: int = 0) -> NDArray[np.bool_]:
        """Return which predictions count at all, shape (predictions,), at the given threshold's index."""
        result: NDArray[np.bool_] = self.hits[:, threshold] != IGNORED
        return result


def match_boxes(
    truth: pl.DataFrame,
    predictions: pl.DataFrame,
    frames: pl.DataFrame,
    labels: Sequence[str],
    *,
    minimum_visibility: float = 0.0,
    iou_thresholds: Sequence[float] = COCO_IOU_THRESHOLDS,
    maximum_detections: int = 100,
) -> list[LabelMatches]:
    """Match predictions to truth within each frame and label.

    The rule is that of COCO (Lin et al. 2014, ``cocoeval.evaluateImg``): from the highest score down,
    each prediction takes the free true box that it overlaps most, if by at least the threshold. Equal
    scores keep the order of the frames, then of the predictions table. A prediction that finds no true
    box but overlaps one that is to be ignored does not count; any number may overlap the same one.

    Args:
        truth: boxes table.
        predictions: boxes table with scores.
        frames: ``video`` and ``frame`` of every frame of the test set, also of those without a box;
            boxes on other frames take no part.
        labels: the labels to match, one result each in this order.
        minimum_visibility: true boxes with a visibility below it are ignored; one without visibility counts.
        iou_thresholds: what overlap (intersection over union, 0–1) is a hit.
        maximum_detections: as COCO's ``maxDets``, the most predictions of a label in a frame that take
            part, those with the highest scores.

    Raises:
        ValueError: when a frame stands in ``frames`` twice.
    """
    numbered = frames.select("video", pl.col("frame").cast(pl.Int32)).with_row_index("image")
    if numbered.select(pl.struct("video", "frame").is_duplicated().any()).item():
        raise ValueError("frames of the test set: a (video, frame) stands there twice")
    true_boxes = _on_frames(truth, numbered)
    predicted = _on_frames(predictions, numbered)
    visible = pl.col("visibility").is_null() | (pl.col("visibility") >= minimum_visibility)
    true_boxes = true_boxes.with_columns(counts=visible)
    thresholds = np.asarray(iou_thresholds, dtype=np.float64)
    return [
        _match_label(
            label,
            true_boxes.filter(pl.col("label") == label),
            predicted.filter(pl.col("label") == label),
            thresholds,
            maximum_detections,
        )
        for label in labels
    ]


def _on_frames(table: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    rows = conform(table, boxes_table.SCHEMA, boxes_table.REQUIRED, "boxes").with_row_index("row")
    return rows.join(numbered, on=["video", "frame"], how="inner").sort("image", "row")


def _match_label(
    label: str,
    truth: pl.DataFrame,
    predicted: pl.DataFrame,
    thresholds: NDArray[np.float64],
    maximum_detections: int,
) -> LabelMatches:
    predicted = predicted.sort("image", "score", descending=[False, True], maintain_order=True)
    predicted = predicted.filter(pl.int_range(pl.len()).over("image") < maximum_detections)
    true_corners, predicted_corners = boxes_table.corners(truth), boxes_table.corners(predicted)
    true_images = truth["image"].to_numpy().astype(np.int64)
    predicted_images = predicted["image"].to_numpy().astype(np.int64)
    truth_rows = truth["row"].to_numpy().astype(np.int64)
    counts = truth["counts"].to_numpy().astype(np.bool_)

    hits = np.full((predicted.height, len(thresholds)), NOTHING, dtype=np.int64)
    for of_truth, of_predictions in _shared_images(true_images, predicted_images):
        overlap = boxes_table.iou(predicted_corners[of_predictions], true_corners[of_truth])
        found = _match_image(overlap, counts[of_truth], thresholds)
        hits[of_predictions] = np.where(found >= 0, truth_rows[of_truth][np.maximum(found, 0)], found)

    scores = predicted["score"].to_numpy().astype(np.float64)
    best_first = np.argsort(-scores, kind="stable")
    return LabelMatches(
        label=label,
        scores=scores[best_first],
        images=predicted_images[best_first],
        rows=predicted["row"].to_numpy().astype(np.int64)[best_first],
        hits=hits[best_first],
        truth_images=true_images[counts],
        truth_rows=truth_rows[counts],
        iou_thresholds=thresholds,
    )


def _shared_images(first: NDArray[np.int64], second: NDArray[np.int64]) -> Iterator[tuple[slice, slice]]:
    """Yield, for every image with boxes on both sides, where they lie; both arrays ascend."""
    for image in np.intersect1d(first, second):
        yield (
            slice(int(np.searchsorted(first, image)), int(np.searchsorted(first, image, side="right"))),
            slice(int(np.searchsorted(second, image)), int(np.searchsorted(second, image, side="right"))),
        )


def _match_image(
    overlap: NDArray[np.float64], counts: NDArray[np.bool_], thresholds: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Match one image: ``overlap`` is (predictions, truths), predictions best first; see :func:`match_boxes`."""
    found = np.full((len(overlap), len(thresholds)), NOTHING, dtype=np.int64)
    candidates = np.flatnonzero(overlap.max(axis=1) >= thresholds.min())
    for column, threshold in enumerate(thresholds):
        free = counts.copy()
        for row in candidates:
            possible = free & (overlap[row] >= threshold)
            if possible.any():
                best = int(np.argmax(np.where(possible, overlap[row], -1.0)))
                found[row, column] = best
                free[best] = False
            elif (overlap[row][~counts] >= threshold).any():
                found[row, column] = IGNORED
    return found
