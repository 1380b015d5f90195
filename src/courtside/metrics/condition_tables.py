"""Trackers under the conditions of several videos: what of each is worse where, and where it first fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.metrics.condition_scores import box_outcomes, scores_by_condition
from courtside.metrics.conditions import CONDITIONS, KEY, ConditionLimits, box_measures, conditions_of, frame_measures

Rows = list[dict[str, Any]]

_EVENTS = ("first_miss", "first_loss", "first_switch")


@dataclass(frozen=True)
class Circumstances:
    """The conditions of one video.

    Attributes:
        truth: boxes table with identities that end at cuts.
        frames: those that are scored.
        of_boxes: a row a true box; see :func:`courtside.metrics.conditions.conditions_of`.
        of_frames: a row a frame.
    """

    truth: pl.DataFrame
    frames: Sequence[int]
    of_boxes: pl.DataFrame
    of_frames: pl.DataFrame


def circumstances(
    truth: pl.DataFrame,
    frames: pl.DataFrame,
    frames_per_second: float,
    *,
    width: int,
    height: int,
    cameras: Mapping[int, NDArray[np.float64]] | None = None,
    limits: ConditionLimits | None = None,
) -> Circumstances:
    """Measure and judge the conditions of a video.

    Args:
        truth: boxes table with identities that end at cuts.
        frames: frames table with measures.
        frames_per_second: of the video.
        width: pixels of the picture.
        height: pixels of the picture.
        cameras: affine maps (2, 3) from frame to frame; None where nobody measured them.
        limits: from where on a condition holds.

    Raises:
        UserError: when a true box has no identity.
    """
    of_boxes, of_frames = conditions_of(
        box_measures(truth, frames_per_second),
        frame_measures(frames, frames_per_second, width=width, height=height, cameras=cameras),
        limits,
    )
    return Circumstances(truth, frames["frame"].to_list(), of_boxes, of_frames)


def rows_by_condition(
    videos: Mapping[str, Circumstances], tracks: Mapping[str, pl.DataFrame], *, minimum_visibility: float = 0.0
) -> Rows:
    """Return how a tracker did under each condition, all videos together.

    Args:
        videos: the conditions by video.
        tracks: boxes tables with identities, by video.
        minimum_visibility: true boxes of which less can be seen do not count, 0–1.

    Returns:
        Rows of :func:`courtside.metrics.condition_scores.scores_by_condition`, but for ``first_miss``,
        ``first_loss`` and ``first_switch``: the first frame in each video on which that happens under the condition,
        where it does.
    """
    outcomes, per_frame, of_boxes, of_frames = [], [], [], []
    firsts: dict[str, dict[str, dict[str, int]]] = {}
    for name, video in videos.items():
        found, counts = box_outcomes(video.truth, tracks[name], video.frames, minimum_visibility=minimum_visibility)
        named = pl.lit(name).alias("video")
        for row in scores_by_condition(found, counts, video.of_boxes, video.of_frames).iter_rows(named=True):
            for event in _EVENTS:
                if row[event] is not None:
                    firsts.setdefault(row["condition"], {}).setdefault(event, {})[name] = row[event]
        outcomes.append(found)
        per_frame.append(counts.with_columns(named))
        of_boxes.append(video.of_boxes)
        of_frames.append(video.of_frames.with_columns(named))
    together = scores_by_condition(*(pl.concat(parts) for parts in (outcomes, per_frame, of_boxes, of_frames)))
    return [
        {
            **row,
            **{event: firsts.get(row["condition"], {}).get(event, {}) for event in _EVENTS},
        }
        for row in together.iter_rows(named=True)
    ]


def first_losses(
    videos: Mapping[str, Circumstances], tracks: Mapping[str, pl.DataFrame], *, minimum_visibility: float = 0.0
) -> pl.DataFrame:
    """Return the true box that a tracker first loses under each condition, in the first video where it loses one.

    Args:
        videos: the conditions by video.
        tracks: boxes tables with identities, by video.
        minimum_visibility: true boxes of which less can be seen do not count, 0–1.

    Returns:
        The column ``condition``, then those of a boxes table: a row a condition under which something is lost; where
        nothing is, a table without columns.
    """
    parts: dict[str, pl.DataFrame] = {}
    for name, video in videos.items():
        outcomes, _ = box_outcomes(video.truth, tracks[name], video.frames, minimum_visibility=minimum_visibility)
        lost = outcomes.filter("lost").join(video.of_boxes, on=list(KEY), how="inner", maintain_order="left")
        for condition in CONDITIONS:
            first = lost.filter(condition).head(1).select(KEY)
            if first.height and condition not in parts:
                box = first.join(video.truth, on=list(KEY), how="left")
                parts[condition] = box.select(pl.lit(condition).alias("condition"), *video.truth.columns)
    return pl.concat(parts.values()) if parts else pl.DataFrame()
