"""SORT (Bewley et al., ICIP 2016): a Kalman filter a track, joined to boxes by overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl
from trackers import SORTTracker

from courtside.trackers.association import LabelTrackers
from courtside.trackers.parameters import check_range, overlap_measure, values_for
from courtside.trackers.protocol import NOTHING, Scene


@dataclass
class Sort:
    """Follows boxes by a Kalman filter and their overlap, all boxes alike.

    For a ball the same holds as for :class:`courtside.trackers.bytetrack.ByteTrack`.

    Attributes:
        frames_per_second: of the video, above 0.
        lost_track_buffer: how long a lost object is waited for, in frames of a video of 30 a second.
        track_activation_threshold: score from which a box may begin a track, 0–1.
        minimum_consecutive_frames: how often an object must be seen before it gets an identity.
        minimum_overlap: overlap that a box must have with the predicted one, in terms of ``overlap``.
        overlap: ``iou``, ``biou``, ``giou``, ``diou`` or ``ciou``.
        labels: for single labels, values of the parameters above that differ for them.

    Raises:
        UserError: when a parameter is unknown, of another type or out of range.
    """

    name: ClassVar[str] = "sort"

    frames_per_second: float = 30.0
    lost_track_buffer: int = 30
    track_activation_threshold: float = 0.25
    minimum_consecutive_frames: int = 3
    minimum_overlap: float = 0.3
    overlap: str = "iou"
    labels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the tracker of every label once, so that a wrong value fails here and not in a frame."""
        for label in (None, *self.labels):
            self._create(label)
        self._trackers = LabelTrackers(self._create)

    def update(self, boxes: pl.DataFrame, scene: Scene = NOTHING) -> pl.DataFrame:
        """Give the boxes of the next frame their identities; see :class:`courtside.trackers.protocol.Tracker`."""
        return self._trackers.update(boxes)

    def reset(self) -> None:
        """Forget what is being followed."""
        self._trackers.reset()

    def _create(self, label: str | None) -> Any:
        values = values_for(self, label)
        where = f"trackers.{self.name}"
        check_range(f"{where}.frames_per_second", values["frames_per_second"], 1e-3, 1e4)
        check_range(f"{where}.lost_track_buffer", values["lost_track_buffer"], 0, 1e6)
        check_range(f"{where}.minimum_consecutive_frames", values["minimum_consecutive_frames"], 1, 1e4)
        check_range(f"{where}.minimum_overlap", values["minimum_overlap"], -1, 1)
        check_range(f"{where}.track_activation_threshold", values["track_activation_threshold"], 0, 1)
        return SORTTracker(
            lost_track_buffer=values["lost_track_buffer"],
            frame_rate=values["frames_per_second"],
            track_activation_threshold=values["track_activation_threshold"],
            minimum_consecutive_frames=values["minimum_consecutive_frames"],
            minimum_iou_threshold=values["minimum_overlap"],
            iou=overlap_measure(f"{where}.overlap", values["overlap"]),
        )
