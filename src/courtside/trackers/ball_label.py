"""The balls of one label in one shot, frame by frame or at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_type_hints

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.motion import MotionModel
from courtside.trackers.ball_boxes import Filling, boxes_of
from courtside.trackers.ball_offline import SAME_BALL, Limits, find_tracks
from courtside.trackers.ball_online import OnlineBall
from courtside.trackers.candidates import Belief, Sureness, candidates_of
from courtside.trackers.flight import Physics
from courtside.trackers.gravity import Gravity
from courtside.trackers.hypotheses import Odds
from courtside.trackers.untangle import Shot

Float = NDArray[np.float64]


class LabelBalls:
    """Follows the balls of one label.

    Time is counted in listed frames, since a frame without a box has no number before the end of the shot.

    Args:
        values: the parameters of :class:`courtside.trackers.ball.Ball`.
        gravity: the belief about it.
        sureness: what is known of the detector's scores.
        new_identity: gives an identity that nothing else has.
    """

    def __init__(
        self, values: Mapping[str, Any], gravity: Gravity, sureness: Sureness, new_identity: Callable[[], int]
    ) -> None:
        self._values, self._gravity, self._new_identity = values, gravity, new_identity
        self._sureness = sureness
        self._physics = Physics(**{name: float(values[name]) for name in Physics._fields})
        self._odds = Odds(**{name: kind(values[name]) for name, kind in get_type_hints(Odds).items()})
        self._balls = [self._ball() for _ in range(0 if values["offline"] else values["maximum_count"])]
        self._identities: dict[int, int] = {}
        self._place = 0
        self._seen: list[Float] = []
        self._cameras: list[Float | None] = []
        self._rows: list[pl.DataFrame] = []

    def update(self, boxes: pl.DataFrame, corners: Float, own: NDArray[np.bool_], camera: Float | None) -> pl.DataFrame:
        """Take the boxes of the next frame; return those that are balls, offline none yet.

        Args:
            boxes: boxes table of the frame.
            corners: theirs, (n, 4).
            own: which of them have the label, (n,).
            camera: (2, 3), from the frame's pixels to those of the shot's first; None for the same.
        """
        scores = boxes["score"].to_numpy().astype(np.float64)
        rows = np.flatnonzero(own & (scores >= self._values["minimum_score"]))
        belief = Belief(self._values["even_score"], self._sureness.after(scores[rows]))
        found = candidates_of(corners[rows], scores[rows], corners[~own], belief, camera)
        place, self._place = self._place, self._place + 1
        if self._values["offline"]:
            self._seen.append(found)
            self._cameras.append(camera)
            self._rows.append(boxes[rows])
            return boxes.clear()
        chosen = self._choose(place, found)
        result = boxes[[rows[row] for row in chosen]].with_columns(
            pl.Series("track", list(chosen.values()), dtype=pl.Int32)
        )
        self._rows.append(result)
        return result

    def finish(self, frames: Sequence[int]) -> pl.DataFrame:
        """Return the balls of the shot that ended.

        Args:
            frames: the frames that were given, ascending.
        """
        if not self._rows:
            return boxes_table.empty()
        table = pl.concat(self._rows)
        if not self._values["offline"]:
            return table
        counts = [len(candidates) for candidates in self._seen]
        shot = Shot(
            np.arange(len(counts), dtype=np.float64),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            np.concatenate(self._seen),
        )
        limits = Limits(self._values["maximum_count"], self._values["minimum_value"])
        tracks = find_tracks(shot, self._gravity, self._physics, self._odds, limits)
        balls = sorted({track.identity for track in tracks})
        identities = {ball: self._new_identity() for ball in balls}
        filling = Filling(
            self._values["fill_gaps_up_to"],
            self._values["maximum_uncertainty"],
            self._values["filled_score"],
            self._values["smooth"],
            MotionModel(jerk=self._values["jerk"], position_noise=self._values["position_noise"]),
        )
        return boxes_of(table, shot, tracks, identities, frames, self._cameras, filling)

    def _choose(self, place: int, candidates: Float) -> dict[int, int]:
        """Return the candidates that are balls, in their order, and their identities."""
        chosen: dict[int, int] = {}
        # The ball that was seen last chooses first: another one that is lost must not begin anew on it.
        order = sorted(range(len(self._balls)), key=lambda number: (self._balls[number].missed, number))
        free = candidates.copy()
        for number in order:
            ball = self._balls[number]
            ball.reserve(len(free))
            row = ball.update(float(place), free)
            if row < 0:
                continue
            if number not in self._identities:
                self._identities[number] = self._new_identity()
            chosen[row] = self._identities[number]
            near = np.hypot(*(candidates[:, :2] - candidates[row, :2]).T) < SAME_BALL * candidates[row, 2]
            free[near, 3] = -np.inf
            for other in order[: order.index(number)]:
                self._balls[other].renounce(float(place), np.flatnonzero(near))
        return dict(sorted(chosen.items()))

    def _ball(self) -> OnlineBall:
        return OnlineBall(
            self._gravity,
            self._physics,
            self._odds,
            far_cost=self._values["far_cost"],
            lost_cost=self._values["lost_cost"],
        )
