"""ByteTrack (Zhang et al., ECCV 2022): strong boxes first, then weak ones keep what strong ones lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import polars as pl
from trackers import ByteTrackTracker

from courtside.trackers.association import LabelTrackers
from courtside.trackers.parameters import check_range, overlap_measure, values_for
from courtside.trackers.protocol import NOTHING, Scene


@dataclass
class ByteTrack:
    """Follows boxes by a Kalman filter and their overlap, weak boxes in a second pass.

    A ball often moves further than its own size between two frames and then overlaps nothing of itself:
    with plain ``iou`` its track breaks at every pass. For it, give ``overlap: diou`` and a negative
    ``minimum_overlap`` under ``labels: {ball: …}``, which joins boxes that lie apart.

    Attributes:
        frames_per_second: of the video, above 0.
        lost_track_buffer: how long a lost object is waited for, in frames of a video of 30 a second.
            Higher bridges longer occlusions and risks that another object takes the identity over.
        track_activation_threshold: score from which a box may begin a track, 0–1.
        high_confidence_threshold: score from which a box takes part in the first pass, 0–1.
        minimum_consecutive_frames: how many frames in a row an object must be seen before it gets an
            identity; its boxes before that are not tracked. Higher drops more flickers.
        minimum_overlap: overlap that a box must have with the predicted one, in terms of ``overlap``:
            0–1 for ``iou`` and ``biou``, down to −1 for the others.
        overlap: ``iou``, ``biou`` (of boxes enlarged by a tenth), ``giou``, ``diou`` or ``ciou``. For boxes
            that lie apart, ``diou`` is minus the squared distance of their centres over the squared
            diagonal of the box around both (Zheng et al., AAAI 2020).
        labels: for single labels, values of the parameters above that differ for them.

    Raises:
        UserError: when a parameter is unknown, of another type or out of range.
    """

    name: ClassVar[str] = "bytetrack"

    frames_per_second: float = 30.0
    lost_track_buffer: int = 30
    track_activation_threshold: float = 0.7
    high_confidence_threshold: float = 0.6
    minimum_consecutive_frames: int = 2
    minimum_overlap: float = 0.1
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
        for threshold in ("track_activation_threshold", "high_confidence_threshold"):
            check_range(f"{where}.{threshold}", values[threshold], 0, 1)
        return ByteTrackTracker(
            lost_track_buffer=values["lost_track_buffer"],
            frame_rate=values["frames_per_second"],
            track_activation_threshold=values["track_activation_threshold"],
            minimum_consecutive_frames=values["minimum_consecutive_frames"],
            minimum_iou_threshold=values["minimum_overlap"],
            high_conf_det_threshold=values["high_confidence_threshold"],
            iou=overlap_measure(f"{where}.overlap", values["overlap"]),
        )
