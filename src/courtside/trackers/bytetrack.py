"""ByteTrack (Zhang et al., ECCV 2022): strong boxes first, then weak ones keep what strong ones lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from trackers import ByteTrackTracker

from courtside.trackers.package import PackageTracker


@dataclass
class ByteTrack(PackageTracker):
    """Follows boxes by a Kalman filter and their overlap, weak boxes in a second pass.

    A ball often moves further than its own size between two frames and then overlaps nothing of itself:
    with plain ``iou`` its track breaks at every pass. For it, give ``overlap: diou`` and a negative
    ``minimum_overlap`` under ``labels: {ball: …}``, which joins boxes that lie apart.

    Attributes:
        track_activation_threshold: score from which a box may begin a track, 0–1.
        high_confidence_threshold: score from which a box takes part in the first pass, 0–1.
    """

    name: ClassVar[str] = "bytetrack"
    shares: ClassVar[tuple[str, ...]] = ("track_activation_threshold", "high_confidence_threshold")

    track_activation_threshold: float = 0.7
    high_confidence_threshold: float = 0.6

    def _make(self, values: Mapping[str, Any], common: Mapping[str, Any], where: str) -> Any:
        return ByteTrackTracker(
            **common,
            track_activation_threshold=values["track_activation_threshold"],
            minimum_iou_threshold=values["minimum_overlap"],
            high_conf_det_threshold=values["high_confidence_threshold"],
        )
