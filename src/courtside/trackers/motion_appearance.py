"""ByteTrack's two passes with one cost of overlap and looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from courtside.trackers import xyah_kalman
from courtside.trackers.appearance_tracker import AppearanceTracker, Follower
from courtside.trackers.label_tracks import Pairing, Seen, Tracks
from courtside.trackers.memory import Smoothed


@dataclass
class MotionAppearance(AppearanceTracker):
    """Follows strong boxes by overlap and looks together; weak ones keep by overlap what strong ones lost.

    The cost α · (1 − overlap) + (1 − α) · distance of looks is the improvement that trackers of games have been given
    most often; docs/trackers.md says what it gains. Passes as in ByteTrack (Zhang et al. 2022); a weak box says little
    about looks, so it is paired by overlap alone.

    Attributes:
        high_confidence_threshold: score from which a box takes part in the first pass, 0–1.
        feature_momentum: the share of a track's look that stays when it is seen again, 0–1.
    """

    name: ClassVar[str] = "motion_appearance"
    shares: ClassVar[tuple[str, ...]] = (*AppearanceTracker.shares, "high_confidence_threshold", "feature_momentum")

    minimum_confidence: float = 0.1
    minimum_overlap: float = 0.1
    overlap_weight: float = 0.6
    maximum_feature_distance: float = 0.4
    high_confidence_threshold: float = 0.5
    feature_momentum: float = 0.9

    def _make(self, values: Mapping[str, Any], overlap: Any, where: str) -> Follower:
        return _TwoPasses(self.name, values, overlap, Smoothed(values["feature_momentum"]))


class _TwoPasses(Follower):
    def pair(self, tracks: Tracks, seen: Seen, pairing: Pairing) -> None:
        apart = self.apart(tracks, seen)
        far = xyah_kalman.distances(tracks.states, xyah_kalman.measured(seen.corners))
        cost = np.where(far <= self.values["maximum_mahalanobis"], self.mixed(tracks, seen, apart), np.inf)
        strong = seen.scores >= self.values["high_confidence_threshold"]
        weak = ~strong & (seen.scores >= self.values["minimum_confidence"])
        overlapping = 1 - self.values["minimum_overlap"]
        pairing.match(tracks.confirmed, strong, cost, self.highest)
        # What the filter did not expect, such as a turn, may still overlap.
        pairing.match(tracks.confirmed & (tracks.unseen == 1), strong | weak, apart, overlapping)
        pairing.match(~tracks.confirmed, strong, apart, overlapping)
