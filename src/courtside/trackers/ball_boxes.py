"""Tracks of a shot as boxes, with their gaps filled while the path is known."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.motion import MotionModel, smooth
from courtside.trackers.ball_offline import Track
from courtside.trackers.candidates import inverse, moved, scale_of
from courtside.trackers.untangle import Shot

Float = NDArray[np.float64]

INTERPOLATED = "interpolated"


@dataclass(frozen=True)
class Filling:
    """How gaps are filled.

    Attributes:
        longest: frames in a row that are filled.
        maximum_uncertainty: how well the path must be known, standard deviation in sides.
        score: share of the lower score of both ends that is left a frame from the nearer of them, 0–1.
        smooth: whether seen boxes are moved to the smoothed path.
        model: how a ball moves.
    """

    longest: int
    maximum_uncertainty: float
    score: float
    smooth: bool
    model: MotionModel


def boxes_of(
    table: pl.DataFrame,
    shot: Shot,
    tracks: Sequence[Track],
    identities: Mapping[int, int],
    frames: Sequence[int],
    cameras: Sequence[Float | None],
    filling: Filling,
) -> pl.DataFrame:
    """Return the boxes of tracks, those that were seen and those between them.

    Paths are smoothed where the camera stands still, and go back to the pixels of their frames.

    Args:
        table: boxes table, a row a candidate.
        shot: the candidates.
        tracks: paths through them.
        identities: the identity of each of the shot's balls.
        frames: number of each frame of the shot.
        cameras: for each of them, from its pixels to those of the first; None for the same.
        filling: how gaps are filled.
    """
    found = [table.clear()]
    times = shot.times
    for track in tracks:
        seen = table[track.rows].with_columns(track=pl.lit(identities[track.identity], dtype=pl.Int32))
        at = times[track.rows]
        missing = _gaps(at, filling.longest)
        if filling.smooth or len(missing):
            steady = _steady_corners(seen, at, cameras)
            wanted = np.union1d(at, missing)
            path = smooth(at, steady, wanted, filling.model)
            corners = _moving_corners(path.corners, wanted, cameras)
            if filling.smooth:
                seen = seen.with_columns(_columns(corners[np.searchsorted(wanted, at)]))
            places = np.searchsorted(wanted, missing)
            certain = path.uncertainties[places] <= filling.maximum_uncertainty
            if certain.any():
                found.append(_filled(seen, at, missing[certain], corners[places[certain]], frames, filling.score))
        found.append(seen)
    return boxes_table.check(pl.concat(found))


def _gaps(at: Float, longest: int) -> Float:
    """Return the frames of the gaps that are not too long."""
    missing = [np.arange(first + 1, last) for first, last in itertools.pairwise(at) if 1 < last - first <= longest + 1]
    return np.concatenate([np.empty(0), *missing])


def _filled(
    seen: pl.DataFrame, at: Float, missing: Float, corners: Float, frames: Sequence[int], share: float
) -> pl.DataFrame:
    after = np.searchsorted(at, missing)
    scores = seen["score"].to_numpy().astype(np.float64)
    nearer = np.minimum(missing - at[after - 1], at[after] - missing)
    score = np.minimum(scores[after - 1], scores[after]) * share**nearer
    return seen[after].with_columns(
        pl.Series("frame", [frames[int(place)] for place in missing], dtype=pl.Int32),
        pl.Series("score", score.astype(np.float32)),
        pl.lit(INTERPOLATED).alias("source"),
        pl.lit(None, dtype=pl.Float32).alias("visibility"),
        *_columns(corners),
    )


def _steady_corners(seen: pl.DataFrame, at: Float, cameras: Sequence[Float | None]) -> Float:
    corners = boxes_table.corners(seen).astype(np.float64)
    return _through(corners, [cameras[int(place)] for place in at])


def _moving_corners(corners: Float, at: Float, cameras: Sequence[Float | None]) -> Float:
    maps = [cameras[int(place)] for place in at]
    return _through(corners, [None if camera is None else inverse(camera) for camera in maps])


def _through(corners: Float, maps: Sequence[Float | None]) -> Float:
    """Move each box by its map; boxes stay upright."""
    result = corners.copy()
    for row, camera in enumerate(maps):
        if camera is not None:
            middle = moved((corners[row : row + 1, :2] + corners[row : row + 1, 2:]) / 2, camera)[0]
            half = (corners[row, 2:] - corners[row, :2]) / 2 * scale_of(camera)
            result[row] = np.concatenate([middle - half, middle + half])
    return result


def _columns(corners: Float) -> list[pl.Series]:
    return [pl.Series(name, corners[:, number].astype(np.float32)) for number, name in enumerate(boxes_table.CORNERS)]
