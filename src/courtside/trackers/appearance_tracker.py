"""What trackers that know how boxes look have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.errors import UserError
from courtside.trackers import xyah_kalman
from courtside.trackers.association import LabelTrackers
from courtside.trackers.label_tracks import Pairing, Seen, Tracks
from courtside.trackers.memory import Memory
from courtside.trackers.parameters import check_common, check_range, overlap_measure, values_for
from courtside.trackers.protocol import NOTHING, Scene
from courtside.trackers.xyah_kalman import Array


@dataclass
class AppearanceTracker(ABC):
    """Follows boxes by a Kalman filter, their overlap and how they look.

    A pair of a track and a box costs α · (1 − overlap) + (1 − α) · cosine distance of their looks, at most
    α · (1 − minimum_overlap) + (1 − α) · maximum_feature_distance, and is out of the question where the box is farther
    from where the filter expects it than ``maximum_mahalanobis``. α is ``overlap_weight``; at 1 looks do not count, and
    need not be known.

    Where the camera's motion is known (:class:`courtside.trackers.protocol.Scene`), what is expected moves with it.

    Attributes:
        frames_per_second: of the video, above 0.
        lost_track_buffer: how long a lost object is waited for, in frames of a video of 30 a second.
        minimum_consecutive_frames: how many frames in a row an object must be seen before it gets an identity.
        minimum_confidence: boxes with a lower score take no part, 0–1.
        track_activation_threshold: score from which a box may begin a track, 0–1.
        overlap: ``iou``, ``biou``, ``giou``, ``diou`` or ``ciou``.
        minimum_overlap: overlap that a box must have with the predicted one, in terms of ``overlap``.
        overlap_weight: α, 0–1.
        maximum_feature_distance: of looks, 0–2: 0 for the same, 1 for what has nothing in common.
        maximum_mahalanobis: squared distance from where a box is expected, in deviations; 9.4877 holds 95 of 100.
        camera: whether the camera's motion is made use of.
        labels: for single labels, values of the parameters that differ for them.

    Raises:
        UserError: when a parameter is unknown, of another type or out of range, or looks are needed and not there.
    """

    name: ClassVar[str]
    shares: ClassVar[tuple[str, ...]] = ("minimum_confidence", "track_activation_threshold", "overlap_weight")
    """Parameters that lie within 0–1."""
    hold_size: ClassVar[bool] = True

    frames_per_second: float = 30.0
    lost_track_buffer: int = 30
    minimum_consecutive_frames: int = 2
    minimum_confidence: float = 0.3
    track_activation_threshold: float = 0.5
    overlap: str = "iou"
    minimum_overlap: float = 0.3
    overlap_weight: float = 0.0
    maximum_feature_distance: float = 0.2
    maximum_mahalanobis: float = 9.4877
    camera: bool = True
    labels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the parameters of every label, so that a wrong value fails here and not in a frame."""
        for label in (None, *self.labels):
            self._create(label)
        self._trackers = LabelTrackers(self._create)

    def update(self, boxes: pl.DataFrame, scene: Scene = NOTHING) -> pl.DataFrame:
        """Give the boxes of the next frame their identities; see :class:`courtside.trackers.protocol.Tracker`.

        Raises:
            UserError: when the scene does not say how the boxes look and that counts for one of their labels.
        """
        return self._trackers.update(boxes, scene)

    def reset(self) -> None:
        """Forget what is being followed."""
        self._trackers.reset()

    def _create(self, label: str | None) -> Follower:
        values = values_for(self, label)
        where = f"trackers.{self.name}"
        check_common(values, where)
        for share in self.shares:
            check_range(f"{where}.{share}", values[share], 0, 1)
        check_range(f"{where}.maximum_feature_distance", values["maximum_feature_distance"], 0, 2)
        check_range(f"{where}.maximum_mahalanobis", values["maximum_mahalanobis"], 0, 1e9)
        overlap = overlap_measure(f"{where}.overlap", values["overlap"])
        return self._make(values, overlap, where)

    @abstractmethod
    def _make(self, values: Mapping[str, Any], overlap: Any, where: str) -> Follower:
        """Return what follows a label with checked values."""


class Follower(ABC):
    """Follows the boxes of one label; what a tracker does in its own way is :meth:`pair` and its memory.

    Args:
        name: of the tracker.
        values: its parameters.
        overlap: the measure of overlap.
        memory: how tracks have looked.
        hold_size: see :class:`courtside.trackers.label_tracks.Tracks`.
    """

    def __init__(
        self, name: str, values: Mapping[str, Any], overlap: Any, memory: Memory, *, hold_size: bool = True
    ) -> None:
        self.values = values
        self._name = name
        self._overlap = overlap
        self._weight: float = values["overlap_weight"]
        self._looks = self._weight < 1
        buffer = round(values["lost_track_buffer"] * values["frames_per_second"] / 30)
        self._tracks = Tracks(
            memory if self._looks else None, values["minimum_consecutive_frames"], buffer, hold_size=hold_size
        )

    def follow(self, corners: NDArray[np.float32], scores: NDArray[np.float32], scene: Scene) -> NDArray[np.int64]:
        """Take the boxes of the next frame and say which of its tracks each belongs to."""
        if self._looks and len(scores) and scene.features is None:
            raise UserError(
                f"trackers.{self._name} needs to know how boxes look and was not told; give features, or say "
                f"trackers.{self._name}.overlap_weight: 1"
            )
        seen = Seen(corners, scores, scene.features if self._looks else None)
        self._tracks.predict(scene.camera if self.values["camera"] else None)
        pairing = Pairing(len(self._tracks), len(seen))
        if len(self._tracks) and len(seen):
            self.pair(self._tracks, seen, pairing)
        return self._tracks.update(pairing.box_of, seen, scores >= self.values["track_activation_threshold"])

    @abstractmethod
    def pair(self, tracks: Tracks, seen: Seen, pairing: Pairing) -> None:
        """Say which box is which track's; there is at least one of each."""

    def apart(self, tracks: Tracks, seen: Seen) -> Array:
        """Return 1 − overlap of every track, where it is expected, and every box, (tracks, boxes)."""
        expected = xyah_kalman.corners_of(tracks.states)
        result: Array = 1.0 - np.asarray(self._overlap.compute(expected, seen.corners), dtype=np.float64).reshape(
            len(tracks), len(seen)
        )
        return result

    def mixed(self, tracks: Tracks, seen: Seen, apart: Array) -> Array:
        """Return α · (1 − overlap) + (1 − α) · distance of looks, (tracks, boxes)."""
        if tracks.memory is None or seen.features is None:
            return apart
        return self._weight * apart + (1 - self._weight) * tracks.memory.distances(seen.features)

    @property
    def highest(self) -> float:
        """The highest cost of a pair in terms of :meth:`mixed`."""
        apart, looks = 1 - self.values["minimum_overlap"], self.values["maximum_feature_distance"]
        return float(self._weight * apart + (1 - self._weight) * looks)
