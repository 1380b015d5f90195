"""OC-SORT (Cao et al., CVPR 2023): what was seen counts more than what a Kalman filter made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from trackers import OCSORTTracker

from courtside.trackers.package import PackageTracker
from courtside.trackers.parameters import check_range


@dataclass
class OcSort(PackageTracker):
    """Follows boxes by their overlap and the direction they move in, and mends a track's filter when it is found again.

    Attributes:
        high_confidence_threshold: score from which a box takes part at all, 0–1.
        direction_weight: what going on in the same direction adds to the overlap, 0–1; its angle counts from −0.5 to
            0.5 (equation 8 of the paper).
        direction_frames: frames back that a track's direction is measured over, 1 or more.
    """

    name: ClassVar[str] = "ocsort"
    shares: ClassVar[tuple[str, ...]] = ("high_confidence_threshold", "direction_weight")

    high_confidence_threshold: float = 0.6
    direction_weight: float = 0.2
    direction_frames: int = 3
    minimum_consecutive_frames: int = 3
    minimum_overlap: float = 0.3

    def _make(self, values: Mapping[str, Any], common: Mapping[str, Any], where: str) -> Any:
        check_range(f"{where}.direction_frames", values["direction_frames"], 1, 1000)
        return OCSORTTracker(
            **common,
            minimum_iou_threshold=values["minimum_overlap"],
            high_conf_det_threshold=values["high_confidence_threshold"],
            direction_consistency_weight=values["direction_weight"],
            delta_t=values["direction_frames"],
        )
