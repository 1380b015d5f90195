"""DeepSORT (Wojke et al., ICIP 2017): SORT that knows how each object has looked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from courtside.trackers import xyah_kalman
from courtside.trackers.appearance_tracker import AppearanceTracker, Follower
from courtside.trackers.label_tracks import Pairing, Seen, Tracks
from courtside.trackers.memory import Gallery
from courtside.trackers.parameters import check_range


@dataclass
class DeepSort(AppearanceTracker):
    """Follows boxes by how they look, among those that a Kalman filter finds possible, and the young by overlap.

    Tracks that were seen lately choose first (the matching cascade, section 2.3 of the paper). Packages that hold the
    method loop over tracks in Python, know no camera, and are no longer kept up: deep-sort-realtime was last released
    in 2023. This is written anew, over all tracks at once; with α at 0 and no camera the same boxes get the same
    identities as there (``tests/trackers/test_deepsort_parity.py``).

    Attributes:
        gallery_size: how many of its last looks a track is compared by, 1 or more.
    """

    name: ClassVar[str] = "deepsort"
    hold_size: ClassVar[bool] = False

    minimum_consecutive_frames: int = 3
    gallery_size: int = 100

    def _make(self, values: Mapping[str, Any], overlap: Any, where: str) -> Follower:
        check_range(f"{where}.gallery_size", values["gallery_size"], 1, 10_000)
        return _Cascade(self.name, values, overlap, Gallery(values["gallery_size"]), hold_size=self.hold_size)


class _Cascade(Follower):
    def pair(self, tracks: Tracks, seen: Seen, pairing: Pairing) -> None:
        apart = self.apart(tracks, seen)
        far = xyah_kalman.distances(tracks.states, xyah_kalman.measured(seen.corners))
        cost = np.where(far <= self.values["maximum_mahalanobis"], self.mixed(tracks, seen, apart), np.inf)
        strong = seen.scores >= self.values["minimum_confidence"]
        for unseen in np.unique(tracks.unseen[tracks.confirmed]):
            pairing.match(tracks.confirmed & (tracks.unseen == unseen), strong, cost, self.highest)
        just_seen = ~tracks.confirmed | (tracks.unseen == 1)
        pairing.match(just_seen, strong, apart, 1 - self.values["minimum_overlap"])
