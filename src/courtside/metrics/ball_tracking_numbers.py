"""The numbers of one or several videos together, from what was matched in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from courtside.metrics.ball_tracking_matches import NOTHING, Balls, Matches
from courtside.metrics.ball_tracking_runs import Runs, summary
from courtside.metrics.ball_tracking_slices import draw_blocks, interval, slices


@dataclass(frozen=True)
class Scored:
    """One video's balls, and what was matched; see the modules of its parts.

    Attributes:
        balls: of the video.
        counts: shape (n,): the true balls that are not hidden.
        by_radius: their matches within each radius.
        anywhere: their matches without a limit.
        everything: matches of all true balls, hidden ones too, within the distance that slices go by.
        nearest: the same without a limit.
        runs: how they were held.
        properties: what slices go by.
    """

    balls: Balls
    counts: NDArray[np.bool_]
    by_radius: list[Matches]
    anywhere: Matches
    everything: Matches
    nearest: Matches
    runs: Runs
    properties: dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Options:
    """What the numbers are made with: radii as unit and number, edges of slices by property, and how intervals draw."""

    radii: list[tuple[str, float]]
    edges: dict[str, list[float]]
    block_frames: int
    resamples: int
    seed: int


def numbers(scored: Sequence[Scored], options: Options) -> dict[str, Any]:
    """Return the numbers of one or several videos; see :func:`courtside.metrics.ball_tracking.evaluate_ball`."""
    true_blocks, said_blocks, blocks = _blocks(scored, options.block_frames)
    draws = draw_blocks(blocks, options.resamples, options.seed)
    counts = np.concatenate([each.counts for each in scored])
    errors = np.concatenate([each.anywhere.distances for each in scored])
    diameters = np.concatenate([each.balls.diameters for each in scored])
    nearest = np.concatenate([each.nearest.distances for each in scored])
    found = np.concatenate([each.everything.rows for each in scored]) != NOTHING
    names = dict.fromkeys(name for each in scored for name in each.properties)
    return {
        "within": [
            {
                "unit": unit,
                "radius": float(radius),
                **_detection(scored, place, counts, true_blocks, said_blocks, draws),
            }
            for place, (unit, radius) in enumerate(options.radii)
        ],
        "frames": sum(len(each.balls.frames) for each in scored),
        "truth_boxes": int(counts.sum()),
        "hidden_boxes": int((~counts).sum()),
        "predicted_boxes": sum(len(each.balls.said_places) for each in scored),
        **_false_alarms([each.balls for each in scored]),
        **_percentiles("error_px", errors),
        **_percentiles("error_diameters", errors / diameters),
        **summary([each.runs for each in scored]),
        "slices": {
            name: slices(
                np.concatenate([each.properties.get(name, np.full(len(each.counts), np.nan)) for each in scored]),
                options.edges[name],
                found,
                nearest,
                true_blocks,
                draws,
            )
            for name in names
        },
    }


def _blocks(scored: Sequence[Scored], length: int) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return the block of frames of each true and each predicted ball, and the number of blocks."""
    true, said, first = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)], 0
    for each in scored:
        true.append(first + each.balls.places // length)
        said.append(first + each.balls.said_places // length)
        first += -(-len(each.balls.frames) // length)
    return np.concatenate(true), np.concatenate(said), first


def _detection(
    scored: Sequence[Scored],
    radius: int,
    counts: NDArray[np.bool_],
    true_blocks: NDArray[np.int64],
    said_blocks: NDArray[np.int64],
    draws: NDArray[np.int64],
) -> dict[str, Any]:
    hits = np.concatenate([each.by_radius[radius].rows for each in scored]) != NOTHING
    alarms = np.concatenate([each.by_radius[radius].alarms for each in scored])
    found, false, missed = int(hits.sum()), int(alarms.sum()), int((counts & ~hits).sum())
    # F1 is twice the hits by the balls and predictions that count.
    blocks = np.concatenate([true_blocks, said_blocks])
    parts = np.concatenate([2.0 * hits, np.zeros(len(alarms))])
    wholes = np.concatenate([counts + 1.0 * hits, 1.0 * alarms])
    return {
        "true_positives": found,
        "false_positives": false,
        "false_negatives": missed,
        "precision": _share(found, found + false),
        "recall": _share(found, found + missed),
        "F1": _share(2 * found, 2 * found + false + missed),
        "interval": interval(blocks, parts, wholes, draws),
    }


def _false_alarms(balls: Sequence[Balls]) -> dict[str, float | int | None]:
    empty, boxes, frames = 0, 0, 0
    for each in balls:
        empty += len(each.frames) - len(np.unique(each.places))
        false = each.said_places[~np.isin(each.said_places, each.places)]
        boxes, frames = boxes + len(false), frames + len(np.unique(false))
    return {
        "frames_without_ball": empty,
        "frames_with_false_alarm": frames,
        "false_alarms": boxes,
        "false_alarm_share": _share(frames, empty),
    }


def _percentiles(name: str, errors: NDArray[np.float64]) -> dict[str, float | None]:
    known = errors[~np.isnan(errors)]
    return {
        f"{name}_median": float(np.median(known)) if len(known) else None,
        f"{name}_p95": float(np.quantile(known, 0.95)) if len(known) else None,
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
