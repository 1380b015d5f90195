"""BoT-SORT (Aharon et al. 2022) without its network: ByteTrack on boxes that move with the camera."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from trackers import BoTSORTTracker

from courtside.trackers.package import PackageTracker
from courtside.trackers.parameters import check_range


@dataclass
class BotSort(PackageTracker):
    """Follows boxes as ByteTrack does, after moving what is predicted as the camera moved (section 3.2 of the paper).

    How the camera moved comes with the frame (:class:`courtside.trackers.protocol.Scene`); without, nothing is moved.

    What is compared with ``minimum_overlap`` and ``minimum_new_overlap`` is the overlap times the score of the box.
    Those that may be negative, ``giou``, ``diou`` and ``ciou``, are brought from −1–1 to 0–1 for that, and so are the
    two minimums.

    Attributes:
        track_activation_threshold: score from which a box may begin a track, 0–1.
        high_confidence_threshold: score from which a box takes part in the first pass, 0–1.
        minimum_weak_overlap: overlap of a weak box with a track that the first pass did not find, −1–1.
        minimum_new_overlap: overlap times score of a box with a track that has no identity yet, −1–1.
        camera: whether the camera's motion is made use of.
    """

    name: ClassVar[str] = "botsort"
    shares: ClassVar[tuple[str, ...]] = (
        "track_activation_threshold",
        "high_confidence_threshold",
    )

    track_activation_threshold: float = 0.7
    high_confidence_threshold: float = 0.6
    minimum_overlap: float = 0.2
    minimum_weak_overlap: float = 0.5
    minimum_new_overlap: float = 0.3
    camera: bool = True

    def _make(self, values: Mapping[str, Any], common: Mapping[str, Any], where: str) -> Any:
        for minimum in ("minimum_weak_overlap", "minimum_new_overlap"):
            check_range(f"{where}.{minimum}", values[minimum], -1, 1)
        first, new = (
            float(common["iou"].normalize_for_fusion(np.array([[values[minimum]]]))[0, 0])
            for minimum in ("minimum_overlap", "minimum_new_overlap")
        )
        return BoTSORTTracker(
            **common,
            track_activation_threshold=values["track_activation_threshold"],
            high_conf_det_threshold=values["high_confidence_threshold"],
            minimum_iou_threshold_first_assoc=first,
            minimum_iou_threshold_second_assoc=values["minimum_weak_overlap"],
            minimum_iou_threshold_unconfirmed_assoc=new,
            enable_cmc=values["camera"],
            instant_first_frame_activation=values["minimum_consecutive_frames"] == 1,
        )
