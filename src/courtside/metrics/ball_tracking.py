"""How well a ball is followed, in numbers that fit one.

MOTA and IDF1 ask for overlap, and a ball of 10 px that is found 3 px beside itself overlaps by half.

The conventions, which :data:`CONVENTION` has in words for whoever prints the scores:

- A ball is **found** where a prediction's centre lies within a distance of its own: so many pixels, or so many of its
  diameters, which are the root of its box's area. Within a frame as many as possible are matched, and of these ways the
  one with the least summed distance; identities play no part in that.
- True balls seen less than ``minimum_visibility`` are hidden: they are not missed, and a prediction near one is no
  false alarm. For gaps and reappearances they are not there. Slices count them, so that one sees what hiding costs.
- **Centre errors** are those of all matches without a limit, gross ones too, on frames that have a true ball and a
  predicted one.
- Several videos are combined by their counts and by all their errors together, never by a mean of scores.
- Intervals (95 %) draw blocks of consecutive frames with replacement (Efron & Tibshirani 1993, section 8.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.errors import UserError
from courtside.metrics.ball_tracking_matches import Balls, balls_of, match_centres
from courtside.metrics.ball_tracking_numbers import Options, Scored, numbers
from courtside.metrics.ball_tracking_runs import runs_of
from courtside.metrics.ball_tracking_slices import EDGES, edges_of, properties

CONVENTION: Mapping[str, str] = {
    "found": "a predicted centre within so many pixels, or diameters (root of the box's area), of the true one; as "
    "many as possible match, then with the least distance",
    "hidden": "true balls seen less than the minimum are neither missed nor found, except in slices",
    "errors": "of all matches without a limit",
    "reappearance": "frames from where the ball is back until it is found; never found counts as long as it was there",
    "combined": "summed counts and all errors together",
}


@dataclass(frozen=True)
class BallVideo:
    """What is scored of one video.

    Attributes:
        truth: boxes table; balls need a ``track``.
        predictions: boxes table; ``track`` may be null, and then there are no identities to count.
        frames: the number of frames, counted from 0, or the frames that are scored.
        measures: ``frame`` and columns that measure whole frames, such as ``blur``, to slice by.
    """

    truth: pl.DataFrame
    predictions: pl.DataFrame
    frames: int | Iterable[int]
    measures: pl.DataFrame | None = None


@dataclass(frozen=True)
class BallScores:
    """Scores by video and of all videos together; see :func:`evaluate_ball`."""

    videos: dict[str, dict[str, Any]]
    combined: dict[str, Any]
    convention: Mapping[str, str] = field(default_factory=lambda: dict(CONVENTION))


def evaluate_ball(
    videos: Mapping[str, BallVideo],
    *,
    label: str = "ball",
    radii_px: Sequence[float] = (5.0, 10.0, 20.0),
    radii_diameters: Sequence[float] = (0.5, 1.0, 2.0),
    found_within: float = 1.0,
    minimum_visibility: float = 0.0,
    edges: Mapping[str, Sequence[float]] = EDGES,
    block_frames: int = 25,
    resamples: int = 200,
    seed: int = 0,
) -> BallScores:
    """Score how one or several balls are followed, in each video and in all together.

    Args:
        videos: name to what is scored of it. There may be no ball in some, or several at once.
        label: what the ball is called.
        radii_px: distances of the centres within which a ball is found, pixels.
        radii_diameters: the same in diameters of the true ball.
        found_within: the distance, in diameters, that gaps, reappearances, identities and slices go by.
        minimum_visibility: true balls that are less visible are hidden, 0–1.
        edges: where the slices of a property begin; measures of frames without any are cut at their quartiles.
        block_frames: frames a block that intervals draw.
        resamples: how many times they draw; 0 for no intervals.
        seed: of the drawing.

    Returns:
        For each video and combined:

        - ``within``: one row a radius with ``unit`` (``px`` or ``diameters``), ``radius``, ``true_positives``,
          ``false_positives``, ``false_negatives``, ``precision``, ``recall``, ``F1`` (each None where there is nothing
          to divide by) and ``interval`` of F1,
        - ``frames``, ``truth_boxes``, ``hidden_boxes``, ``predicted_boxes``,
        - ``frames_without_ball``, ``frames_with_false_alarm`` and ``false_alarms`` (boxes) among these,
          ``false_alarm_share`` (of these frames),
        - ``error_px_median``, ``error_px_p95``, ``error_diameters_median``, ``error_diameters_p95``,
        - ``longest_gap_frames``, ``reappearances``, ``reappearances_never_found``, ``frames_until_found_median``,
          ``frames_until_found_most``, ``identities``, ``identities_on_a_ball``, ``switches``; see
          :class:`courtside.metrics.ball_tracking_runs.Runs`,
        - ``slices``: property to rows as :func:`courtside.metrics.ball_tracking_slices.slices` has them.

    Raises:
        UserError: when there is no video, no truth has the label though it has others, a ball is on a frame that does
            not exist, a true ball has no track or a track stands in a frame twice.
        ValueError: when a radius is not above 0, or measures of frames are none.
    """
    if min([*radii_px, *radii_diameters, found_within]) <= 0:
        raise ValueError("a radius must be above 0")
    if not videos:
        raise UserError("there is no video to score; name truth and predictions of at least one")
    known = sorted({said for video in videos.values() for said in video.truth["label"].unique()})
    if known and label not in known:
        raise UserError(f"no truth has a {label}; it has: {', '.join(known)}. Name one of these, or correct the truth")
    radii = [*(("px", radius) for radius in radii_px), *(("diameters", radius) for radius in radii_diameters)]
    scored = {
        name: _score(name, video, label, radii, found_within, minimum_visibility) for name, video in videos.items()
    }
    values: dict[str, list[NDArray[np.float64]]] = {}
    for each in scored.values():
        for name, found in each.properties.items():
            values.setdefault(name, []).append(found)
    cuts = {name: edges_of(name, np.concatenate(found), edges) for name, found in values.items()}
    options = Options(radii, cuts, block_frames, resamples, seed)
    return BallScores(
        {name: numbers([each], options) for name, each in scored.items()}, numbers(list(scored.values()), options)
    )


def _score(
    name: str,
    video: BallVideo,
    label: str,
    radii: Sequence[tuple[str, float]],
    found_within: float,
    minimum_visibility: float,
) -> Scored:
    balls = balls_of(name, video.truth, video.predictions, video.frames, label)
    counts = balls.visible(minimum_visibility)
    everything = np.ones(len(counts), dtype=np.bool_)
    within = balls.diameters * found_within
    found = match_centres(balls, within, counts)
    return Scored(
        balls,
        counts,
        [match_centres(balls, _limits(balls, unit, radius), counts) for unit, radius in radii],
        match_centres(balls, np.full(len(counts), np.inf), counts),
        match_centres(balls, within, everything),
        match_centres(balls, np.full(len(counts), np.inf), everything),
        runs_of(balls, found, counts),
        properties(balls, video.measures),
    )


def _limits(balls: Balls, unit: str, radius: float) -> NDArray[np.float64]:
    return np.full(len(balls.places), radius) if unit == "px" else balls.diameters * radius
