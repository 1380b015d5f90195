"""Trackers of the package ``trackers`` behind the protocol: what is the same for all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from supervision import Detections

from courtside.trackers.association import UNTRACKED, LabelTrackers
from courtside.trackers.parameters import check_common, check_range, overlap_measure, values_for
from courtside.trackers.protocol import NOTHING, Scene
from courtside.trackers.repeats import Repeats


@dataclass
class PackageTracker(ABC):
    """What the trackers of the package have in common.

    Attributes:
        frames_per_second: of the video, above 0.
        lost_track_buffer: how long a lost object is waited for, in frames of a video of 30 a second.
            Higher bridges longer occlusions and risks that another object takes the identity over.
        minimum_consecutive_frames: how many frames in a row an object must be seen before it gets an
            identity; its boxes before that are not tracked. Higher drops more flickers.
        minimum_overlap: overlap that a box must have with the predicted one, in terms of ``overlap``:
            0–1 for ``iou`` and ``biou``, down to −1 for the others.
        overlap: ``iou``, ``biou`` (of boxes enlarged by a tenth), ``giou``, ``diou`` or ``ciou``. For boxes
            that lie apart, ``diou`` is minus the squared distance of their centres over the squared
            diagonal of the box around both (Zheng et al., AAAI 2020).
        longest_repeat: so many pictures in a row that show the one before over again are waited out, and the next is
            as many frames later; 0 takes each as a new one, as the package does.
        labels: for single labels, values of the parameters that differ for them.

    Raises:
        UserError: when a parameter is unknown, of another type or out of range.
    """

    name: ClassVar[str]
    shares: ClassVar[tuple[str, ...]] = ()
    """Parameters that lie within 0–1."""

    frames_per_second: float = 30.0
    lost_track_buffer: int = 30
    minimum_consecutive_frames: int = 2
    minimum_overlap: float = 0.1
    overlap: str = "iou"
    longest_repeat: int = 0
    labels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the tracker of every label once, so that a wrong value fails here and not in a frame."""
        for label in (None, *self.labels):
            self._create(label)
        check_range(f"trackers.{self.name}.longest_repeat", self.longest_repeat, 0, 1e4)
        self._trackers = LabelTrackers(self._create)
        self._frame = 0
        self._repeats = Repeats(self.longest_repeat)

    def update(self, boxes: pl.DataFrame, scene: Scene = NOTHING) -> pl.DataFrame:
        """Give the boxes of the next frame their identities; see :class:`courtside.trackers.protocol.Tracker`."""
        self._frame += 1
        known = self._repeats.carried(boxes)
        if known is not None:
            return known
        tracked = self._trackers.update(boxes, scene)
        self._repeats.remember(boxes, tracked)
        return tracked

    def reset(self) -> None:
        """Forget what is being followed."""
        self._trackers.reset()
        self._repeats.forget()

    def _time_s(self) -> float:
        return self._frame / self.frames_per_second

    def _create(self, label: str | None) -> _PackageFollower:
        values = values_for(self, label)
        where = f"trackers.{self.name}"
        check_common(values, where)
        for share in self.shares:
            check_range(f"{where}.{share}", values[share], 0, 1)
        common = {
            "lost_track_buffer": values["lost_track_buffer"],
            "frame_rate": values["frames_per_second"],
            "minimum_consecutive_frames": values["minimum_consecutive_frames"],
            "iou": overlap_measure(f"{where}.overlap", values["overlap"]),
        }
        return _PackageFollower(self._make(values, common, where), self._time_s if self.longest_repeat else None)

    @abstractmethod
    def _make(self, values: Mapping[str, Any], common: Mapping[str, Any], where: str) -> Any:
        """Return the package's tracker for checked values; ``common`` are its arguments that all of them take."""


class _PackageFollower:
    """One tracker of the package as a tracker of one label; without a clock, frames follow one another evenly."""

    def __init__(self, tracker: Any, time_s: Callable[[], float] | None) -> None:
        self._tracker = tracker
        self._time_s = time_s
        if (motion := getattr(tracker, "cmc", None)) is not None:
            tracker.cmc = _KnownMotion(motion)
            self._moves = True
        else:
            self._moves = False

    def follow(self, corners: NDArray[np.float32], scores: NDArray[np.float32], scene: Scene) -> NDArray[np.int64]:
        given = Detections(xyxy=corners, confidence=scores, data={"row": np.arange(len(scores))})
        known: dict[str, Any] = {"frame": scene.camera} if self._moves else {}
        if self._time_s is not None:
            known["timestamp"] = self._time_s()
        found = self._tracker.update(given, **known)
        numbers = np.full(len(scores), UNTRACKED, dtype=np.int64)
        # The package drops and reorders boxes; the row number travels along to tell which is which.
        rows = np.asarray(found.data.get("row", ()), dtype=np.int64)
        numbers[rows] = np.maximum(found.tracker_id, UNTRACKED)
        return numbers


class _KnownMotion:
    """Stands where the package would measure the camera's motion from a frame: it is handed the motion itself."""

    def __init__(self, measured: Any) -> None:
        self.reset = measured.reset

    def estimate(self, camera: NDArray[np.float64], boxes: object = None) -> NDArray[np.float64]:
        return camera
