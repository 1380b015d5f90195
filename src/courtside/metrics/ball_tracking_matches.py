"""One video's true and predicted balls as points, and which of them belong together within a distance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from motmetrics.lap import linear_sum_assignment
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.errors import UserError

NOTHING = -1


@dataclass(frozen=True)
class Balls:
    """The balls of one video, in the order of its frames; a place is a frame's index among those scored.

    Attributes:
        name: of the video.
        frames: shape (frames,), int64: the numbers of the frames scored, ascending.
        places: shape (n,), int64: the place of each true ball.
        centres: shape (n, 2), float64, pixels.
        diameters: shape (n,), float64, pixels: the root of the box's area.
        tracks: shape (n,), int64: the true identity.
        visibilities: shape (n,), float64, 0–1; NaN where nobody says it.
        said_places: shape (m,), int64: the place of each predicted ball.
        said_centres: shape (m, 2), float64, pixels.
        said_tracks: shape (m,), int64; −1 for none.
    """

    name: str
    frames: NDArray[np.int64]
    places: NDArray[np.int64]
    centres: NDArray[np.float64]
    diameters: NDArray[np.float64]
    tracks: NDArray[np.int64]
    visibilities: NDArray[np.float64]
    said_places: NDArray[np.int64]
    said_centres: NDArray[np.float64]
    said_tracks: NDArray[np.int64]

    def visible(self, minimum: float) -> NDArray[np.bool_]:
        """Return which true balls are seen well enough to count, (n,); one of unknown visibility is."""
        return np.isnan(self.visibilities) | (self.visibilities >= minimum)


def balls_of(
    name: str, truth: pl.DataFrame, predictions: pl.DataFrame, frames: int | Iterable[int], label: str
) -> Balls:
    """Return the balls of a video.

    Args:
        name: of the video, for errors.
        truth: boxes table with ``track``.
        predictions: boxes table; ``track`` may be null.
        frames: the number of frames, counted from 0, and then a ball on another frame is an error; or the frames that
            are scored, and then balls on others take no part.
        label: what the ball is called; boxes with other labels take no part.

    Raises:
        UserError: when a true ball has no track, a track stands in a frame twice, or a frame does not exist.
        ValueError: when a table holds the label in more than one video.
    """
    numbers = np.asarray(range(frames) if isinstance(frames, int) else sorted(set(frames)), dtype=np.int64)
    tables = []
    for table, what in ((truth, "truth"), (predictions, "predictions")):
        rows = boxes_table.check(table.filter(pl.col("label") == label))
        if rows["video"].n_unique() > 1:
            raise ValueError(f"{what} of {name} holds more than one video")
        there = rows["frame"].is_in(pl.Series(numbers, dtype=pl.Int32).implode())
        if isinstance(frames, int) and not there.all():
            frame = rows.filter(~there)["frame"][0]
            raise UserError(
                f"{what} of {name}: a {label} is on frame {frame} (from 0), but the video has {frames} frames; "
                "correct one of them"
            )
        rows = rows.filter(there)
        named = rows.filter(pl.col("track").is_not_null())
        if what == "truth" and named.height < rows.height:
            frame = rows.filter(pl.col("track").is_null())["frame"][0]
            raise UserError(f"truth of {name}: the {label} on frame {frame} has no track identity; give it one")
        twice = named.filter(pl.struct("frame", "track").is_duplicated())
        if twice.height:
            raise UserError(
                f"{what} of {name}: {label} {twice['track'][0]} is on frame {twice['frame'][0]} twice; delete one"
            )
        tables.append(rows)
    true, said = tables
    corners = boxes_table.corners(true).astype(np.float64)
    return Balls(
        name,
        numbers,
        np.searchsorted(numbers, true["frame"].to_numpy()),
        _centres(true),
        np.sqrt((corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])),
        true["track"].to_numpy().astype(np.int64),
        true["visibility"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        np.searchsorted(numbers, said["frame"].to_numpy()),
        _centres(said),
        said["track"].fill_null(NOTHING).to_numpy().astype(np.int64),
    )


def _centres(table: pl.DataFrame) -> NDArray[np.float64]:
    corners = boxes_table.corners(table).astype(np.float64)
    result: NDArray[np.float64] = (corners[:, :2] + corners[:, 2:]) / 2
    return result


@dataclass(frozen=True)
class Matches:
    """Which predicted ball found which true one within a distance.

    Attributes:
        rows: shape (n,), int64: the row of the predicted ball; −1 for a miss, and where a true ball does not count.
        distances: shape (n,), float64: pixels between the two centres; NaN without.
        alarms: shape (m,), bool: predicted balls that found none, nor are near one that does not count.
    """

    rows: NDArray[np.int64]
    distances: NDArray[np.float64]
    alarms: NDArray[np.bool_]


def match_centres(balls: Balls, limits: NDArray[np.float64], counts: NDArray[np.bool_]) -> Matches:
    """Match true and predicted balls within each frame.

    As many as possible match, and of these ways the one with the least summed distance. A predicted ball that is left
    and lies within the limit of a true ball that does not count is no alarm.

    Args:
        balls: of one video.
        limits: shape (n,): the largest distance of the centres at which each true ball is found, pixels.
        counts: shape (n,): which true balls count.
    """
    rows = np.full(len(balls.places), NOTHING, dtype=np.int64)
    distances = np.full(len(rows), np.nan)
    alarms = np.ones(len(balls.said_places), dtype=np.bool_)
    shared = np.intersect1d(balls.places, balls.said_places)
    starts = np.searchsorted(balls.places, shared), np.searchsorted(balls.said_places, shared)
    ends = (
        np.searchsorted(balls.places, shared, side="right"),
        np.searchsorted(balls.said_places, shared, side="right"),
    )
    single = (ends[0] - starts[0] == 1) & (ends[1] - starts[1] == 1)
    # One of each, as on most frames, leaves nothing to assign.
    true, said = starts[0][single], starts[1][single]
    apart = np.linalg.norm(balls.centres[true] - balls.said_centres[said], axis=1)
    near = apart <= limits[true]
    alarms[said[near]] = False
    found = near & counts[true]
    rows[true[found]], distances[true[found]] = said[found], apart[found]
    for frame in np.flatnonzero(~single).tolist():
        true = np.arange(starts[0][frame], ends[0][frame])
        said = np.arange(starts[1][frame], ends[1][frame])
        apart = np.linalg.norm(balls.centres[true, None] - balls.said_centres[None, said], axis=2)
        near = apart <= limits[true, None]
        taken = near & counts[true, None]
        for row, column in zip(*linear_sum_assignment(np.where(taken, apart, np.nan)), strict=True):
            rows[true[row]], distances[true[row]] = said[column], apart[row, column]
            alarms[said[column]] = False
        alarms[said[near[~counts[true]].any(axis=0)]] = False
    return Matches(rows, distances, alarms)
