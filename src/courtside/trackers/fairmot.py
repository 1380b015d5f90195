"""FairMOT (Zhang et al., IJCV 2021) on today's detector: what finds the boxes also says how they look."""

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
class FairMot(AppearanceTracker):
    """Follows boxes by looks and place together, then by overlap.

    FairMOT's network learns to detect and to tell people apart at once. Here the features are meant to be pooled from
    the maps that the detector found the boxes in (``courtside.detectors.embedding``), so that one pass of one network
    gives both, but nobody taught them to tell people apart. The association is the paper's (section 3.5) and its
    code's: looks and Mahalanobis distance fused, then overlap with the tracks of the frame before, then overlap with
    those that have no identity yet. Its two limits of overlap are one here.

    Attributes:
        looks_share: λ, the weight of looks (and overlap, where ``overlap_weight`` says so) against the Mahalanobis
            distance, 0–1.
        feature_momentum: the share of a track's look that stays when it is seen again, 0–1.
    """

    name: ClassVar[str] = "fairmot"
    shares: ClassVar[tuple[str, ...]] = (*AppearanceTracker.shares, "looks_share", "feature_momentum")

    minimum_confidence: float = 0.4
    maximum_feature_distance: float = 0.4
    looks_share: float = 0.98
    feature_momentum: float = 0.9

    def _make(self, values: Mapping[str, Any], overlap: Any, where: str) -> Follower:
        return _Fusion(self.name, values, overlap, Smoothed(values["feature_momentum"]))


class _Fusion(Follower):
    def pair(self, tracks: Tracks, seen: Seen, pairing: Pairing) -> None:
        apart = self.apart(tracks, seen)
        far = xyah_kalman.distances(tracks.states, xyah_kalman.measured(seen.corners))
        share = self.values["looks_share"]
        fused = share * self.mixed(tracks, seen, apart) + (1 - share) * far
        fused = np.where(far <= self.values["maximum_mahalanobis"], fused, np.inf)
        strong = seen.scores >= self.values["minimum_confidence"]
        overlapping = 1 - self.values["minimum_overlap"]
        pairing.match(tracks.confirmed, strong, fused, self.highest)
        pairing.match(tracks.confirmed & (tracks.unseen == 1), strong, apart, overlapping)
        pairing.match(~tracks.confirmed, strong, apart, overlapping)
