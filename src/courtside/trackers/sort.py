"""SORT (Bewley et al., ICIP 2016): a Kalman filter a track, joined to boxes by overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from trackers import SORTTracker

from courtside.trackers.package import PackageTracker


@dataclass
class Sort(PackageTracker):
    """Follows boxes by a Kalman filter and their overlap, all boxes alike.

    For a ball the same holds as for :class:`courtside.trackers.bytetrack.ByteTrack`.

    Attributes:
        track_activation_threshold: score from which a box may begin a track, 0–1.
    """

    name: ClassVar[str] = "sort"
    shares: ClassVar[tuple[str, ...]] = ("track_activation_threshold",)

    track_activation_threshold: float = 0.25
    minimum_consecutive_frames: int = 3
    minimum_overlap: float = 0.3

    def _make(self, values: Mapping[str, Any], common: Mapping[str, Any], where: str) -> Any:
        return SORTTracker(
            **common,
            track_activation_threshold=values["track_activation_threshold"],
            minimum_iou_threshold=values["minimum_overlap"],
        )
