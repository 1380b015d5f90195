"""Our own tracker of many objects: :mod:`courtside.trackers.multi_object` behind the protocol of all trackers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.trackers.gaps import fill_gaps
from courtside.trackers.multi_object import Identities, MultiObjectTracker, Settings
from courtside.trackers.parameters import check_range, values_for
from courtside.trackers.protocol import NOTHING, Scene, check_one_frame

_RATE = 30.0  # frames a second that buffers are given in, as in the other trackers
_OFFLINE = ("frames_per_second", "only", "fill_gaps_up_to")
_RANGES: Mapping[str, tuple[float, float]] = {
    "lost_track_buffer": (0, 1e6),
    "minimum_evidence": (0, 1e4),
    "weak_boxes_for": (0, 1e6),
    "longest_repeat": (0, 1e4),
    "gate": (1e-3, 1e6),
    "measurement_noise": (1e-3, 10),
    "unseen_cost": (0, 1e6),
    "acceleration": (1e-6, 10),
    "maximum_acceleration": (1e-6, 10),
    "surprise": (0, 1e6),
    "minimum_similarity": (1e-6, 1),
}


@dataclass
class CourtsideTracker:
    """Follows boxes by Kalman filters of all objects at once and an assignment that is solved only where there is a
    choice.

    Attributes:
        frames_per_second: of the video, above 0.
        lost_track_buffer: how long a lost object is waited for, in frames of a video of 30 a second. Higher bridges
            longer occlusions and risks that another object takes the identity over.
        high_confidence_threshold: score from which a box is sure and looked at first, 0–1.
        low_confidence_threshold: score below which a box is not looked at, 0–1.
        track_activation_threshold: score from which a box may begin a track, 0–1.
        minimum_evidence: what the scores of an object's boxes on frames in a row must sum up to before it has an
            identity; those that begin a track on the first frame of a shot have one at once.
        weak_boxes_for: how many frames after it was seen an object is still joined to a weak box.
        minimum_similarity: what a pair of a track and a box must be worth, 0–1: the mean, by ``distance_weight``, of
            overlap and nearness.
        distance_weight: 1 goes by nearness alone, 0 by overlap alone.
        gate: squared distance, in standard deviations, between the centre of a box and where the filter expects it, at
            which nearness is 0 and beyond which nothing is joined.
        unseen_cost: what is added to that distance for an object that was not seen on the frame before. Without it
            who is hidden takes the box of who stands before him, because nobody knows where he is and so everywhere
            is near.
        duplicate_overlap: IoU with a joined box from which another box shows the same object, and begins no track; 0–1.
        measurement_noise: standard deviation of a detected box, as a share of its height.
        acceleration: standard deviation of the change of velocity from frame to frame, heights a frame: what a shot
            begins with, and the least.
        maximum_acceleration: the most that it grows to, in a shot whose boxes lie far from where they are expected.
        surprise: squared distance, in standard deviations, beyond which a quarter of the boxes should lie. If more do,
            the acceleration grows, if fewer do, it falls.
        adaptation: how fast: 0 leaves the acceleration as it is; with 1 it changes by a factor of e in a frame in
            which half of the boxes surprise.
        velocity_kept: share of its velocity that an object keeps from frame to frame while nobody sees it, 0–1.
        alpha: weight of overlap and distance against appearance, where boxes come with features: the cost of a pair is
            ``alpha · (1 − similarity) + (1 − alpha) · distance of features``; 1 leaves appearance out.
        feature_memory: share of what is known of an object's looks that stays when it is seen again, 0–1.
        longest_repeat: so many pictures in a row that show the one before over again are waited out, and the next is as
            many frames later; 0 takes each as a new one.
        fill_gaps_up_to: frames that a track may have no box on and be given one at the end of the shot, on the path
            smoothed through all of its boxes; 0 fills nothing.
        only: the labels to follow; none for all of them.
        labels: for single labels, values of the parameters above that differ for them.

    Raises:
        UserError: when a parameter is unknown, of another type or out of range.
    """

    name: ClassVar[str] = "courtside"

    frames_per_second: float = 30.0
    lost_track_buffer: int = 40
    high_confidence_threshold: float = 0.4
    low_confidence_threshold: float = 0.1
    track_activation_threshold: float = 0.6
    minimum_evidence: float = 1.3
    weak_boxes_for: int = 10
    minimum_similarity: float = 0.3
    distance_weight: float = 0.65
    gate: float = 45.0
    unseen_cost: float = 6.0
    duplicate_overlap: float = 0.5
    measurement_noise: float = 0.05
    acceleration: float = 0.006
    maximum_acceleration: float = 0.05
    surprise: float = 0.9
    adaptation: float = 0.1
    velocity_kept: float = 0.9
    alpha: float = 0.5
    feature_memory: float = 0.9
    longest_repeat: int = 12
    fill_gaps_up_to: int = 0
    only: Sequence[str] = field(default_factory=tuple)
    labels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check all values once, so that a wrong one fails here and not in a frame."""
        if isinstance(self.only, str):
            raise UserError(f"trackers.{self.name}.only: {self.only!r} must be a list of labels")
        self._settings = {label: self._settings_of(label) for label in (None, *(self.labels or {}))}
        self._fills = {label: int(values_for(self, label)["fill_gaps_up_to"]) for label in self._settings}
        self._identities = Identities()
        self._trackers: dict[str | None, MultiObjectTracker] = {}
        self._classes: dict[str, int] = {}
        self._tracked: list[pl.DataFrame] = []

    def settings(self, label: str | None = None) -> Settings:
        """Return what the core goes by for a label, or for those that have no values of their own."""
        return self._settings.get(label, self._settings[None])

    def update(self, boxes: pl.DataFrame, scene: Scene = NOTHING) -> pl.DataFrame:
        """Give the boxes of the next frame their identities; see :class:`courtside.trackers.protocol.Tracker`."""
        check_one_frame(boxes)
        labels = boxes["label"].to_list()
        # Column by column: a query over a dozen rows takes longer than following them.
        corners = np.stack([boxes[side].to_numpy() for side in boxes_table.CORNERS], axis=1)
        scores = boxes["score"].to_numpy()
        classes = np.array([self._classes.setdefault(label, len(self._classes)) for label in labels], np.int64)
        tracks = np.full(len(labels), -1, np.int64)
        for group, rows in self._groups(labels).items():
            if group not in self._trackers:
                self._trackers[group] = MultiObjectTracker(self._settings[group], self._identities)
            features = None if scene.features is None else scene.features[rows]
            tracks[rows] = self._trackers[group].update(
                corners[rows], scores[rows], classes[rows], features, scene.camera
            )
        kept = np.flatnonzero(tracks >= 0)
        tracked = boxes[kept] if len(kept) < boxes.height else boxes.clone()
        tracked.replace_column(tracked.get_column_index("track"), pl.Series("track", tracks[kept], dtype=pl.Int32))
        self._tracked.append(tracked)
        return tracked

    def finish(self, frames: Sequence[int]) -> pl.DataFrame:
        """Return the tracks of the shot, gaps filled; see :class:`courtside.trackers.protocol.OfflineTracker`."""
        tracked = pl.concat(self._tracked) if self._tracked else boxes_table.empty()
        longest = {label: self._fills.get(label, self._fills[None]) for label in self._classes}
        return fill_gaps(tracked, frames, longest)

    def reset(self) -> None:
        """Forget what is being followed, but not which identities were given."""
        self._tracked = []
        for tracker in self._trackers.values():
            tracker.reset()

    def _groups(self, labels: Sequence[str]) -> dict[str | None, NDArray[np.int64] | slice]:
        """Return the rows of each tracker: labels with values of their own have one, all others share one."""
        if not self.only and len(self._settings) == 1:
            return {None: slice(None)}
        rows: dict[str | None, list[int]] = {group: [] for group in self._trackers}
        for row, label in enumerate(labels):
            if not self.only or label in self.only:
                rows.setdefault(label if label in self._settings else None, []).append(row)
        return {group: np.array(chosen, np.int64) for group, chosen in rows.items()}

    def _settings_of(self, label: str | None) -> Settings:
        values = values_for(self, label)
        where = f"trackers.{self.name}"
        check_range(f"{where}.frames_per_second", values["frames_per_second"], 1e-3, 1e4)
        check_range(f"{where}.fill_gaps_up_to", values["fill_gaps_up_to"], 0, 1e6)
        own = {name: value for name, value in values.items() if name not in _OFFLINE}
        for name, value in own.items():
            check_range(f"{where}.{name}", value, *_RANGES.get(name, (0, 1)))
        if values["maximum_acceleration"] < values["acceleration"]:
            raise UserError(
                f"{where}.maximum_acceleration: {values['maximum_acceleration']} is below acceleration, "
                f"{values['acceleration']}; raise it or lower that"
            )
        own["lost_track_buffer"] = round(own["lost_track_buffer"] * values["frames_per_second"] / _RATE)
        return Settings(**own)
