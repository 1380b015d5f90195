"""Scores of a tracker of a single object: success, precision, and whether it knows when it has lost its object.

The convention is that of the Object Tracking Benchmark (Wu, Lim and Yang, "Online Object Tracking: A Benchmark", CVPR
2013; PAMI 2015): one pass from the first true box (OPE). Normalised precision is that of TrackingNet (Müller et al.,
ECCV 2018, section 4). The first frame is given, not found, and does not count; nor do frames without a true box, except
for what a tracker says of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.errors import UserError

OVERLAPS = np.linspace(0.0, 1.0, 21)
DISTANCES_PX = np.arange(51, dtype=np.float64)
NORMALISED_DISTANCES = np.linspace(0.0, 0.5, 51)
PRECISION_AT_PX = 20
# VOT calls a tracker failed where it overlaps nothing of its object; below a tenth it lies on something else.
FAILED_BELOW = 0.1


@dataclass(frozen=True)
class SingleScores:
    """Scores of one object, or of several together; fractions 0–1.

    Attributes:
        success: share of frames with an overlap above each of :data:`OVERLAPS`, (21,); at 0 those with any.
        precision: share of frames whose centre is within each of :data:`DISTANCES_PX`, (51,).
        normalised_precision: the same within :data:`NORMALISED_DISTANCES`, in true widths and heights, (51,).
        auc: area under ``success``, the mean over its thresholds: the success score.
        precision_20px: share of frames within 20 pixels: the precision score.
        normalised_auc: area under ``normalised_precision``, 0–1.
        mean_overlap: mean intersection over union, 0 where the tracker gave no box.
        first_failure: frame on which the tracker first lies beside its object (overlap below 0.1), None where never.
        frames: frames scored.
        failed: frames scored on which it does, or gives no box, and frames on which there is no object.
        failed_said: of those, the frames on which the tracker says that it has lost its object.
        held: the other frames scored.
        held_said: of those, the frames on which the tracker says so without need.
    """

    success: NDArray[np.float64]
    precision: NDArray[np.float64]
    normalised_precision: NDArray[np.float64]
    auc: float
    precision_20px: float
    normalised_auc: float
    mean_overlap: float
    first_failure: int | None
    frames: int
    failed: int
    failed_said: int
    held: int
    held_said: int

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the numbers without the curves."""
        return {
            "auc": self.auc,
            "precision_20px": self.precision_20px,
            "normalised_auc": self.normalised_auc,
            "mean_overlap": self.mean_overlap,
            "first_failure": self.first_failure,
            "frames": self.frames,
            "failed": self.failed,
            "failed_said": self.failed_said,
            "held": self.held,
            "held_said": self.held_said,
        }


def overlaps_and_distances(truth: pl.DataFrame, predictions: pl.DataFrame) -> pl.DataFrame:
    """Return how each true box was met.

    Args:
        truth: boxes table of one object in one video.
        predictions: boxes table of the same object as a tracker saw it, one box a frame at most.

    Returns:
        A row a true box: ``frame``, ``overlap`` (0 without a box), ``distance_px`` and ``normalised_distance``
        (infinite without a box).

    Raises:
        UserError: when the truth is of several objects or has two boxes on a frame.
        ValueError: when the predictions do.
    """
    there, said = boxes_table.check(truth), boxes_table.check(predictions)
    for table, error, name in ((there, UserError, "truth"), (said, ValueError, "predictions")):
        if table["video"].n_unique() > 1 or table["frame"].is_duplicated().any():
            raise error(f"{name}: one object in one video is scored, with one box a frame; choose one track")
    pairs = there.join(said, on="frame", how="left", suffix="_said", maintain_order="left")
    true_corners = boxes_table.corners(pairs).astype(np.float64)
    columns = [f"{corner}_said" for corner in boxes_table.CORNERS]
    found = pairs.select(pl.col(columns).cast(pl.Float64).fill_null(float("nan"))).to_numpy().reshape(-1, 4)
    missing = np.isnan(found[:, 0])
    size = true_corners[:, 2:] - true_corners[:, :2]
    offset = (found[:, :2] + found[:, 2:] - true_corners[:, :2] - true_corners[:, 2:]) / 2
    shared = np.clip(
        np.minimum(found[:, 2:], true_corners[:, 2:]) - np.maximum(found[:, :2], true_corners[:, :2]), 0, None
    ).prod(axis=1)
    union = size.prod(axis=1) + (found[:, 2:] - found[:, :2]).prod(axis=1) - shared
    return pl.DataFrame(
        {
            "frame": pairs["frame"],
            "overlap": np.where(missing, 0.0, shared / union),
            "distance_px": np.where(missing, np.inf, np.linalg.norm(offset, axis=1)),
            "normalised_distance": np.where(missing, np.inf, np.linalg.norm(offset / size, axis=1)),
        }
    )


def evaluate_single(
    truth: pl.DataFrame, predictions: pl.DataFrame, frames: Iterable[int], lost: Mapping[int, bool] | None = None
) -> SingleScores:
    """Score a tracker on one object.

    Args:
        truth: boxes table of the object in one video; it need not be on every frame.
        predictions: boxes table of the same video, one box a frame at most.
        frames: the frames followed through, in order; the first, on which the box was given, does not count.
        lost: whether the tracker says on a frame that it has lost its object; None takes the frames without a box.

    Raises:
        UserError: when no true box is left to score, or the truth is of several objects.
        ValueError: when the predictions have two boxes on a frame.
    """
    numbers = list(frames)[1:]
    among = pl.col("frame").is_in(pl.Series(numbers, dtype=pl.Int32).implode())
    met = overlaps_and_distances(truth.filter(among), predictions.filter(among))
    if not met.height:
        raise UserError("the truth has no box of the object on the frames after the first; nothing can be scored")
    boxed = set(predictions["frame"])
    says = {frame: frame not in boxed if lost is None else bool(lost.get(frame, True)) for frame in numbers}
    overlap = dict(met.select("frame", "overlap").iter_rows())
    failed = [frame for frame in numbers if overlap.get(frame, 0.0) < FAILED_BELOW]
    held = [frame for frame in numbers if overlap.get(frame, 0.0) >= FAILED_BELOW]
    first = next((frame for frame in failed if frame in overlap), None)
    return _scores(
        met,
        first,
        (len(failed), sum(says[frame] for frame in failed), len(held), sum(says[frame] for frame in held)),
    )


def combine(scores: Iterable[SingleScores]) -> SingleScores:
    """Return the scores of several objects: curves and scores are means over objects, as in OTB, counts are sums.

    Raises:
        ValueError: when there are none.
    """
    parts = list(scores)
    if not parts:
        raise ValueError("there are no scores to combine")
    success, precision, normalised = (
        np.mean([getattr(part, name) for part in parts], axis=0)
        for name in ("success", "precision", "normalised_precision")
    )
    return SingleScores(
        success,
        precision,
        normalised,
        float(success.mean()),
        float(precision[PRECISION_AT_PX]),
        float(normalised.mean()),
        float(np.mean([part.mean_overlap for part in parts])),
        None,
        *(
            sum(getattr(part, name) for part in parts)
            for name in ("frames", "failed", "failed_said", "held", "held_said")
        ),
    )


def _scores(met: pl.DataFrame, first_failure: int | None, counts: tuple[int, int, int, int]) -> SingleScores:
    overlap, distance, normalised = (
        met[name].to_numpy()[:, None] for name in ("overlap", "distance_px", "normalised_distance")
    )
    success = (overlap > OVERLAPS).mean(axis=0)
    precision = (distance <= DISTANCES_PX).mean(axis=0)
    normalised_precision = (normalised <= NORMALISED_DISTANCES).mean(axis=0)
    failed, failed_said, held, held_said = counts
    return SingleScores(
        success=success,
        precision=precision,
        normalised_precision=normalised_precision,
        auc=float(success.mean()),
        precision_20px=float(precision[PRECISION_AT_PX]),
        normalised_auc=float(normalised_precision.mean()),
        mean_overlap=float(overlap.mean()),
        first_failure=first_failure,
        frames=met.height,
        failed=failed,
        failed_said=failed_said,
        held=held,
        held_said=held_said,
    )
