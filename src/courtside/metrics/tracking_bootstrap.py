"""How sure the scores of tracks are, by drawing shots anew.

Neighbouring frames of a shot show the same objects, and a track is right or wrong for as long as it lasts, so whole
shots are drawn, with replacement (cluster bootstrap; Efron & Tibshirani 1993, sections 8.5 and 13.3). All scores are
made of counts that shots add to, so a drawn set is scored without looking at a box again. That holds where no identity
goes on from a shot to the next, in truth and predictions: :func:`courtside.trackers.run.end_at_cuts` and
:func:`courtside.trackers.run.track_boxes` see to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.errors import UserError
from courtside.metrics.bootstrap import group_draws
from courtside.metrics.tracking import OVERALL, TrackedVideo, count_tracks
from courtside.metrics.tracking_counts import Counts, Scores, combine, scores


def count_shots(
    videos: Mapping[str, TrackedVideo],
    shots: Mapping[str, Mapping[int, int]],
    labels: Sequence[str],
    *,
    minimum_visibility: float = 0.0,
) -> list[dict[str, Counts]]:
    """Count every shot by itself.

    Args:
        videos: name to what is scored of it.
        shots: by video, the shot of each frame that is scored.
        labels: the labels to count.
        minimum_visibility: true boxes that are less visible are ignored, 0–1.

    Returns:
        The counts of each label, a shot at a time, in the order of videos and shots.

    Raises:
        UserError: when an identity goes on behind a cut; else as :func:`courtside.metrics.tracking.count_tracks`.
    """
    parts = {}
    for name, video in videos.items():
        for what, table in (("truth", video.truth), ("predictions", video.predictions)):
            _check_ends(name, what, table, shots[name])
        frames_of: dict[int, list[int]] = {}
        for frame, shot in shots[name].items():
            frames_of.setdefault(shot, []).append(frame)
        for shot, frames in sorted(frames_of.items()):
            parts[f"{name}, shot {shot}"] = TrackedVideo(video.truth, video.predictions, frames)
    return list(count_tracks(parts, labels, minimum_visibility=minimum_visibility).values())


def resample(
    counts: Sequence[Mapping[str, Counts]], resamples: int = 1000, seed: int = 0
) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Draw sets of shots and score each.

    Two trackers that followed the same shots are drawn the same sets with the same seed, so that their difference has
    a paired interval (:func:`courtside.metrics.bootstrap.paired_interval`).

    Args:
        counts: of :func:`count_shots`, two shots or more.
        resamples: how many sets to draw, of as many shots each.
        seed: of the drawing.

    Returns:
        ``overall`` and each label, with every score of :func:`courtside.metrics.tracking.evaluate_tracks`, shape
        (resamples,); NaN where a set has nothing to score.

    Raises:
        ValueError: with fewer than two shots, where nothing can be said.
    """
    if len(counts) < 2:
        raise ValueError(f"{len(counts)} shots are too few to draw from")
    draws = group_draws(len(counts), resamples, seed)
    parts = {label: [shot[label] for shot in counts] for label in counts[0]}
    parts[OVERALL] = [combine(shot.values()) for shot in counts]
    return {label: _columns([scores(drawn) for drawn in _drawn(each, draws)]) for label, each in parts.items()}


def _drawn(counts: Sequence[Counts], draws: NDArray[np.int64]) -> list[Counts]:
    sums = {field.name: draws @ np.asarray([getattr(each, field.name) for each in counts]) for field in fields(Counts)}
    return [Counts(**{name: values[row] for name, values in sums.items()}) for row in range(len(draws))]


def _columns(rows: Sequence[Scores]) -> dict[str, NDArray[np.float64]]:
    return {
        name: np.array([np.nan if row[name] is None else row[name] for row in rows], dtype=np.float64)
        for name in rows[0]
    }


def _check_ends(name: str, what: str, table: pl.DataFrame, shots: Mapping[int, int]) -> None:
    shot = pl.col("frame").replace_strict(dict(shots), default=None, return_dtype=pl.Int32)
    within = table.select("label", "track", shot=shot).filter(pl.col("shot").is_not_null())
    going_on = within.group_by("label", "track").agg(pl.col("shot").n_unique()).filter(pl.col("shot") > 1)
    if going_on.height:
        label, track, _ = going_on.row(0)
        raise UserError(f"{what} of {name}: {label} {track} goes on behind a cut; end its track there")
