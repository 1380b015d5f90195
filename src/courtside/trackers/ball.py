"""A tracker for balls: small, fast, often hidden, and thrown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.ball_ranges import check_values
from courtside.trackers.candidates import Sureness, chained
from courtside.trackers.gravity import Gravity, prior_gravity
from courtside.trackers.parameters import values_for
from courtside.trackers.protocol import NOTHING, Scene, check_one_frame

if TYPE_CHECKING:
    from courtside.trackers.ball_label import LabelBalls

Float = NDArray[np.float64]


@dataclass
class Ball:
    """Follows balls by where they can be, not by what they overlap.

    Every candidate keeps several hypotheses of how the ball got there (:mod:`courtside.trackers.hypotheses`): in free
    flight with gravity, by a bounce, or in somebody's hands (:mod:`courtside.trackers.flight`). Weak boxes count for
    little by themselves and for much where the ball is expected. Lengths are in sides of the ball's box and times in
    frames, so that the parameters suit any size of picture.

    Within a shot there are no more balls than ``maximum_count``, and one that was hidden is the same when it comes
    back.

    Attributes:
        frames_per_second: of the video, above 0; with ``diameter_m`` it says how fast gravity is before any was seen.
        diameter_m: of the ball, metres.
        offline: whether a shot's boxes are decided at its end, from all of it; else frame by frame, from what was.
        labels_followed: the labels that are balls; boxes of others get no identity, and count as players.
        maximum_count: how many there are at once, 1 or more.
        minimum_score: weaker boxes are no candidates, 0–1.
        even_score: score at which a box by itself is as likely the ball as not, 0–1.
        sure_score: score from which a box is sure, 0–1.
        sure_share: share of the highest score so far in the video from which a box is sure as well, 0–1.
        least_sure_score: score below which none is even so, 0–1.
        sure_boxes: sure boxes without which no path is believed.
        minimum_value: log-odds that a path needs, offline.
        position_noise: standard deviation of a detected centre, sides.
        size_spread: standard deviation of the logarithm of a detected side.
        flight_noise: standard deviation of the velocity that a frame of flight adds, sides a frame.
        handled_speed: standard deviation of the velocity in hands, sides a frame.
        handled_frames: how long hands keep a velocity, frames.
        bounce_share: of the vertical speed that a bounce leaves, 0–1.
        clutter: false boxes to be expected on an area of one side squared; lower makes places count for more.
        gap_cost: log-odds that a frame without a box costs.
        hidden_cost: log-odds that such a frame costs where the ball was at a player before it and is at one after it.
        turn_cost: log-odds that it costs to be caught or thrown.
        bounce_cost: log-odds that a bounce costs.
        birth_cost: log-odds that it costs to begin a path.
        doubt_cost: log-odds that a path is worth less as long as it has not enough sure boxes.
        far_cost: log-odds that it costs to begin one where the ball cannot have got to, online.
        lost_cost: log-odds that it costs to take the ball for lost rather than a doubtful box for the ball, online.
        gate: how far from where it is expected a box may be, standard deviations.
        reach: the farthest that a ball moves in a frame, sides.
        maximum_gap: frames that a path may have no box on.
        fill_gaps_up_to: frames in a row that are filled on the smoothed path, offline; 0 fills none.
        maximum_uncertainty: a gap is filled where the path is known this well, standard deviation in sides.
        jerk: change of acceleration from frame to frame of the smoothed path, sides.
        filled_score: what the score of a filled box is of the lower of both ends, for each frame from the nearer of
            them; 0–1.
        smooth: whether seen boxes are moved to the smoothed path, offline.
        labels: for single labels, values of the parameters above that differ for them.

    Raises:
        UserError: when a parameter is unknown, of another type or out of range.
    """

    name: ClassVar[str] = "ball"

    frames_per_second: float = 30.0
    diameter_m: float = 0.24
    offline: bool = True
    labels_followed: Sequence[str] = field(default_factory=lambda: ["ball"])
    maximum_count: int = 1
    minimum_score: float = 0.05
    even_score: float = 0.4
    sure_score: float = 0.5
    sure_share: float = 0.6
    least_sure_score: float = 0.2
    sure_boxes: int = 1
    minimum_value: float = 1.0
    position_noise: float = 0.1
    size_spread: float = 0.25
    flight_noise: float = 0.3
    handled_speed: float = 1.5
    handled_frames: float = 4.0
    bounce_share: float = 0.75
    clutter: float = 0.1
    gap_cost: float = 0.3
    hidden_cost: float = 0.0
    turn_cost: float = 0.5
    bounce_cost: float = 3.0
    birth_cost: float = 0.0
    doubt_cost: float = 9.0
    far_cost: float = 6.0
    lost_cost: float = 6.0
    gate: float = 6.0
    reach: float = 8.0
    maximum_gap: int = 25
    fill_gaps_up_to: int = 12
    maximum_uncertainty: float = 0.4
    jerk: float = 0.2
    filled_score: float = 0.9
    smooth: bool = False
    labels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check every value once, so that a wrong one fails here and not in a frame."""
        where = f"trackers.{self.name}"
        followed = self.labels_followed
        if isinstance(followed, str) or not followed or not all(isinstance(label, str) for label in followed):
            raise UserError(f"{where}.labels_followed must be a list of labels, such as [ball], not {followed!r}")
        for label in (None, *self.labels):
            check_values(values_for(self, label), where if label is None else f"{where}.labels.{label}")
        self._given = 0
        self._balls: dict[str, LabelBalls] = {}
        self._sureness: dict[str, Sureness] = {}  # of the detector, which a cut does not change
        self._camera: Float | None = None

    def update(self, boxes: pl.DataFrame, scene: Scene = NOTHING) -> pl.DataFrame:
        """Take the boxes of the next frame; return those that are balls, offline none before :meth:`finish`.

        See :class:`courtside.trackers.protocol.Tracker`.

        Raises:
            ValueError: when the boxes are of more than one frame.
        """
        check_one_frame(boxes)
        self._camera = chained(self._camera, scene.camera)
        labels = np.array(boxes["label"].to_list(), dtype=object)
        corners = boxes_table.corners(boxes).astype(np.float64)
        found = []
        for label in self.labels_followed:
            found.append(self._of(label).update(boxes, corners, labels == label, self._camera))
        return pl.concat(found) if len(found) > 1 else found[0]

    def finish(self, frames: Sequence[int]) -> pl.DataFrame:
        """Return the balls of the shot that ended; see :class:`courtside.trackers.protocol.OfflineTracker`."""
        found = [self._of(label).finish(frames) for label in self.labels_followed]
        return boxes_table.check(pl.concat(found))

    def reset(self) -> None:
        """Forget what is being followed, but neither which identities were given nor how high scores are."""
        self._balls.clear()
        self._camera = None

    def _of(self, label: str) -> LabelBalls:
        if label not in self._balls:
            from courtside.trackers.ball_label import LabelBalls  # brings the compiler

            values = values_for(self, label)
            gravity = Gravity(prior_gravity(values["frames_per_second"], values["diameter_m"]))
            if label not in self._sureness:
                scores = (values[name] for name in ("sure_score", "least_sure_score", "sure_share"))
                self._sureness[label] = Sureness(*scores)
            sureness = self._sureness[label]
            self._balls[label] = LabelBalls(values, gravity, sureness, self._new_identity)
        return self._balls[label]

    def _new_identity(self) -> int:
        self._given += 1
        return self._given
