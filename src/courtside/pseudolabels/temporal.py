"""Uses time: a real object is there before and after, a false detection often flickers.

Every step takes and returns a boxes table whose ``track`` says which boxes :func:`courtside.pseudolabels.linking.link`
found to be one object; boxes without a track stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.motion import MotionModel, smooth
from courtside.pseudolabels.limits import per_label
from courtside.pseudolabels.linking import PLACE, ROW, SHOT, placed, places

_NEIGHBOURS = 3


def remove_jumps(
    boxes: pl.DataFrame, frames: pl.DataFrame, model: MotionModel, maximum_distance: float
) -> pl.DataFrame:
    """Drop boxes of a track that lie where no object of that motion could be.

    Of each track the box farthest from where all others say it is goes, until none is too far; so one false box does
    not take the true ones around it along.

    Args:
        boxes: boxes table.
        frames: ``video``, ``frame`` and ``shot`` of the frames that count.
        model: how the objects move.
        maximum_distance: Mahalanobis distance in two dimensions; 3.7 keeps 999 of 1,000 boxes that move as modelled.
    """
    keep = np.ones(boxes.height, dtype=np.bool_)
    for track in _tracks(boxes, frames):
        kept = np.arange(len(track.rows))
        while len(kept) > 2:
            times = track.times[kept]
            distances = smooth(times, track.corners[kept], times, model).distances
            worst = int(distances.argmax())
            if distances[worst] <= maximum_distance**2:
                break
            keep[track.rows[kept[worst]]] = False
            kept = np.delete(kept, worst)
    return boxes.filter(keep)


def remove_unsure(
    boxes: pl.DataFrame,
    frames: pl.DataFrame,
    sure_confidence: float,
    sure_confidences: Mapping[str, float] | None,
    sure_boxes: int,
) -> pl.DataFrame:
    """Drop tracks of which no box, or too few, is sure.

    Weak boxes count as long as they belong to an object that is plain elsewhere (hysteresis, as Canny, "A Computational
    Approach to Edge Detection", 1986, section VII, has it for edges); a head that looks a little like a ball on a
    hundred frames does not become one.

    Args:
        boxes: boxes table.
        frames: ``video``, ``frame`` and ``shot`` of the frames that count.
        sure_confidence: score from which a box is sure, 0–1.
        sure_confidences: the same for single labels.
        sure_boxes: how many a track must have; in a shot with fewer listed frames, as many as those.
    """
    sure = pl.col("score") >= per_label(sure_confidence, sure_confidences)
    return _filter_tracks(boxes, frames, sure.sum().over("track"), sure_boxes)


def remove_flickers(boxes: pl.DataFrame, frames: pl.DataFrame, minimum_track_length: int) -> pl.DataFrame:
    """Drop tracks that are shorter than an object would be there.

    Args:
        boxes: boxes table.
        frames: ``video``, ``frame`` and ``shot`` of the frames that count.
        minimum_track_length: boxes that a track must have; in a shot with fewer listed frames, as many as those.
    """
    return _filter_tracks(boxes, frames, pl.len().over("track"), minimum_track_length)


def join_scores(boxes: pl.DataFrame, frames: pl.DataFrame, model: MotionModel) -> pl.DataFrame:
    """Join the score of each box with how well the rest of its track bears it out.

    The two are taken as independent witnesses: ``1 − (1 − score) · (1 − agreement · strength)``. The agreement is the
    probability of a box at least as far from where all others say it is (chi-square with two degrees of freedom); the
    strength is the mean score of the three boxes before it and the three after it.

    Args:
        boxes: boxes table.
        frames: ``video``, ``frame`` and ``shot`` of the frames that count.
        model: how the objects move.
    """
    joined = boxes["score"].to_numpy().astype(np.float64)
    for track in _tracks(boxes, frames):
        if len(track.rows) < 2:
            continue
        agreement = np.exp(-smooth(track.times, track.corners, track.times, model).distances / 2)
        own = track.scores
        total = np.concatenate([[0.0], np.cumsum(own)])
        position = np.arange(len(own))
        low, high = np.maximum(position - _NEIGHBOURS, 0), np.minimum(position + _NEIGHBOURS + 1, len(own))
        strength = (total[high] - total[low] - own) / (high - low - 1)
        joined[track.rows] = 1 - (1 - own) * (1 - agreement * strength)
    return boxes.with_columns(score=pl.Series(joined).clip(0, 1).cast(pl.Float32))


def smooth_boxes(boxes: pl.DataFrame, frames: pl.DataFrame, model: MotionModel) -> pl.DataFrame:
    """Move the boxes of tracks to where the smoothed path has them; the noise of single detections averages out.

    Args:
        boxes: boxes table.
        frames: ``video``, ``frame`` and ``shot`` of the frames that count.
        model: how the objects move.
    """
    corners = boxes_table.corners(boxes).astype(np.float64)
    for track in _tracks(boxes, frames):
        corners[track.rows] = smooth(track.times, track.corners, track.times, model).corners
    return boxes.with_columns(_corner_columns(corners))


def fill_gaps(
    boxes: pl.DataFrame,
    frames: pl.DataFrame,
    model: MotionModel,
    maximum_uncertainty: float,
    maximum_counts: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Add boxes on the listed frames inside the gaps of tracks, on the smoothed path, where that is certain enough.

    Args:
        boxes: boxes table.
        frames: ``video``, ``frame`` and ``shot`` of the frames that may get boxes.
        model: how the objects move.
        maximum_uncertainty: standard deviation of the path's centre up to which a box is added, in sides of the box.
            With 0.2 it covers its object by half nearly always.
        maximum_counts: the most boxes of a label a frame can hold; a frame that has them gets no more.

    Returns:
        The boxes, then the new ones: source ``interpolated``, the lower score of both ends.
    """
    listed = dict(places(frames).group_by("video", SHOT))
    tables = [boxes_table.check(boxes)]
    for track in _tracks(boxes, frames):
        at = listed[track.video, track.shot]["frame"].to_numpy().astype(np.float64)
        at = at[(at > track.times[0]) & (at < track.times[-1])]
        missing = np.setdiff1d(at, track.times)
        if not len(missing):
            continue
        path = smooth(track.times, track.corners, missing, model)
        certain = path.uncertainties <= maximum_uncertainty
        missing, corners = missing[certain], path.corners[certain]
        after = np.searchsorted(track.times, missing)
        new = pl.DataFrame(
            {
                "video": [track.video] * len(missing),
                "frame": missing.astype(np.int32),
                "label": [track.label] * len(missing),
                "score": np.minimum(track.scores[after - 1], track.scores[after]).astype(np.float32),
                "source": [boxes_table.INTERPOLATED] * len(missing),
                "track": np.full(len(missing), track.number, dtype=np.int32),
            }
        )
        tables.append(boxes_table.check(new.with_columns(_corner_columns(corners))))
    everything = pl.concat(tables)
    if maximum_counts:
        limit = pl.col("label").replace_strict(dict(maximum_counts), default=None, return_dtype=pl.Int64)
        place = pl.int_range(pl.len()).over("video", "frame", "label")
        fits = limit.is_null() | (place < limit) | (pl.int_range(pl.len()) < boxes.height)
        everything = everything.filter(fits)
    return boxes_table.check(everything)


@dataclass(frozen=True)
class _Track:
    video: str
    shot: int
    label: str
    number: int
    rows: NDArray[np.int64]
    times: NDArray[np.float64]
    corners: NDArray[np.float64]
    scores: NDArray[np.float64]


def _tracks(boxes: pl.DataFrame, frames: pl.DataFrame) -> Iterator[_Track]:
    tracked = placed(boxes, frames).filter(pl.col("track").is_not_null())
    for group in tracked.sort("track", PLACE).partition_by("track", maintain_order=True):
        yield _Track(
            video=group["video"][0],
            shot=group[SHOT][0],
            label=group["label"][0],
            number=group["track"][0],
            rows=group[ROW].to_numpy().astype(np.int64),
            times=group["frame"].to_numpy().astype(np.float64),
            corners=boxes_table.corners(group).astype(np.float64),
            scores=group["score"].to_numpy().astype(np.float64),
        )


def _filter_tracks(boxes: pl.DataFrame, frames: pl.DataFrame, count: pl.Expr, wanted: int) -> pl.DataFrame:
    """Keep tracks that have as many boxes of a kind as wanted, or as their shot has listed frames."""
    shots = places(frames).select("video", "frame", _frames=pl.len().over("video", SHOT))
    enough = count >= pl.min_horizontal(pl.lit(wanted), pl.col("_frames").fill_null(wanted))
    return (
        boxes.join(shots, on=["video", "frame"], how="left", maintain_order="left")
        .filter(pl.col("track").is_null() | enough)
        .drop("_frames")
    )


def _corner_columns(corners: NDArray[np.float64]) -> list[pl.Series]:
    return [pl.Series(name, corners[:, number].astype(np.float32)) for number, name in enumerate(boxes_table.CORNERS)]
