"""Chooses the lowest score of a label for a wanted precision; and audits what is chosen where nothing was chosen on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.metrics.matching import match_boxes
from courtside.pseudolabels.audit import count
from courtside.pseudolabels.confidence import keep_confident
from courtside.pseudolabels.looks import LookSettings
from courtside.pseudolabels.pipeline import refine
from courtside.pseudolabels.settings import RefinementSettings
from courtside.pseudolabels.sizes import with_calibrated_sizes

FOLDS = 5
"""Parts into which the shots are dealt: what is chosen on four of them is judged on the fifth."""

_KEY = ["video", "frame"]
_SHOT = ["video", "shot"]


def with_wanted_precisions(
    boxes: pl.DataFrame,
    truth: pl.DataFrame,
    frames: pl.DataFrame,
    settings: RefinementSettings,
    wanted: Mapping[str, float],
) -> RefinementSettings:
    """Return the settings with the lowest scores at which labels are as precise as wanted.

    A detector grows surer from round to round, so the score from which a box is a label wanders; what is wanted of the
    labels does not. The precision is that of boxes judged frame by frame, before anything is followed through time.

    Args:
        boxes: boxes table of a detector, with scores.
        truth: boxes table of what is there.
        frames: ``video``, ``frame`` and ``shot`` of the frames a person looked at.
        settings: the limits; those of labels that never become as precise as wanted stay.
        wanted: label to precision, 0–1.
    """
    plain = replace(
        settings, minimum_confidence=0.0, minimum_confidences={}, temporal_labels=(), carry=False, looks=LookSettings()
    )
    judged = refine(boxes, frames, plain).boxes
    chosen = dict(settings.minimum_confidences)
    for match in match_boxes(truth, judged, frames, list(wanted), iou_thresholds=(0.5,)):
        counted = match.counted()
        right, scores = match.true_positives()[counted], match.scores[counted]
        precise = np.cumsum(right) / np.arange(1, len(right) + 1) >= wanted[match.label]
        precise[:-1] &= scores[:-1] > scores[1:]  # boxes of one score are taken or left together
        if precise.any():
            chosen[match.label] = float(scores[np.flatnonzero(precise)[-1]])
    return replace(settings, minimum_confidences=chosen)


def fit_settings(
    boxes: pl.DataFrame,
    truth: pl.DataFrame,
    frames: pl.DataFrame,
    settings: RefinementSettings,
    wanted: Mapping[str, float],
    calibrated: Sequence[str],
) -> RefinementSettings:
    """Return the settings with all that is chosen on frames that a person looked at.

    Args:
        boxes: boxes table of a detector, with scores.
        truth: boxes table of what is there.
        frames: ``video``, ``frame`` and ``shot`` of the frames a person looked at.
        settings: the limits.
        wanted: label to precision, 0–1; empty to choose no score.
        calibrated: labels whose boxes are made as large as those that people drew.
    """
    chosen = settings
    if calibrated:
        chosen = with_calibrated_sizes(boxes, truth, frames, settings, calibrated)
        # Where there was nothing to compare a size stays, so that the steps are the same on whatever is chosen on.
        chosen = replace(chosen, size_factors={**dict.fromkeys(calibrated, 1.0), **chosen.size_factors})
    return with_wanted_precisions(boxes, truth, frames, chosen, wanted) if wanted else chosen


def held_out(frames: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Yield frames to choose on and other frames to judge the choice on; every frame is judged once.

    Whole shots, in :data:`FOLDS` parts, or as many as there are shots. A single shot has to be judged by itself.

    Args:
        frames: ``video``, ``frame`` and ``shot`` of the frames a person looked at.
    """
    shots = frames.select(_SHOT).unique().sort(_SHOT).with_row_index("_part")
    dealt = frames.join(shots.with_columns(pl.col("_part") % FOLDS), on=_SHOT, how="left", maintain_order="left")
    for part in range(min(FOLDS, shots.height)):
        judged = dealt.filter(pl.col("_part") == part)
        others = dealt.filter(pl.col("_part") != part)
        yield (others if others.height else judged).drop("_part"), judged.drop("_part")


def count_steps(
    boxes: pl.DataFrame,
    frames: pl.DataFrame,
    truth: pl.DataFrame,
    audited: pl.DataFrame,
    labels: Sequence[str],
    settings: RefinementSettings,
    wanted: Mapping[str, float],
    calibrated: Sequence[str],
    previous: pl.DataFrame,
    embeddings: NDArray[np.floating] | None = None,
    seed: int = 0,
    *,
    round_name: str,
) -> list[pl.DataFrame]:
    """Count what is right without refinement, and after each of its steps, where something of it is chosen on frames.

    What is chosen on frames that a person looked at is chosen on other shots than those it is judged on.

    Args:
        boxes: boxes table of a detector, with scores.
        frames: ``video``, ``frame`` and ``shot`` of the frames that may get labels.
        truth: boxes table of what is there.
        audited: ``video``, ``frame`` and ``shot`` of the frames a person looked at.
        labels: the labels to compare.
        settings: the limits.
        wanted: see :func:`fit_settings`.
        calibrated: see :func:`fit_settings`.
        previous: labels of the round before, for ``settings.carry``.
        embeddings: (n, d), how the boxes look, for ``settings.looks``.
        seed: of what is random in judging that.
        round_name: who made the labels.

    Returns:
        Tables as of :func:`courtside.pseudolabels.audit.count`, the first without refinement.

    Raises:
        UserError: when the truth has no box of these labels on these frames.
    """
    count(boxes.clear(), truth, audited, labels)  # complains where there is nothing to find
    parts: list[list[pl.DataFrame]] = []
    for chosen_on, judged in held_out(audited):
        chosen = fit_settings(boxes, truth, chosen_on, settings, wanted, calibrated)
        # Boxes look odd beside those of all frames; everything else is decided within a shot.
        shots = frames if settings.looks.labels else frames.join(judged, on=_KEY, how="semi")
        plain = keep_confident(boxes, chosen.minimum_confidence, chosen.minimum_confidences)
        refined = refine(boxes, frames.join(shots, on=_SHOT, how="semi"), chosen, previous, embeddings, seed)
        made = [plain, *(step.boxes for step in refined.steps)]
        parts.append([count(one, truth, judged, labels, round_name=round_name, may_be_empty=True) for one in made])
    return [pl.concat(of_parts).sort(_SHOT) for of_parts in zip(*parts, strict=True)]
