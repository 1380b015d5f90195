"""The tracks of one label: where they are, how they look, and how they begin and end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from courtside.trackers import xyah_kalman
from courtside.trackers.association import UNTRACKED, assign
from courtside.trackers.memory import Memory
from courtside.trackers.xyah_kalman import Array, States

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Seen:
    """The boxes of one frame.

    Attributes:
        corners: (n, 4) x1, y1, x2, y2 in pixels.
        scores: (n,) 0–1.
        features: (n, d), how they look; None where nobody asks.
    """

    corners: NDArray[np.float32]
    scores: NDArray[np.float32]
    features: NDArray[np.float32] | None

    def __len__(self) -> int:
        return len(self.scores)


class Tracks:
    """Tracks of one label, as arrays with a row a track.

    Attributes:
        states: of the Kalman filter.
        unseen: (n,) frames since each was seen; 1 where it was seen in the frame before.
        confirmed: (n,) whether it has been seen often enough to have an identity.
        memory: how they have looked; None where that does not count.

    Args:
        memory: a fresh one.
        minimum_consecutive_frames: how many frames in a row a track must be seen before it has an identity.
        buffer: frames after which a track that is not seen again ends.
        hold_size: whether the height of what is not seen stays as it was, instead of growing or shrinking on.
    """

    def __init__(self, memory: Memory | None, minimum_consecutive_frames: int, buffer: int, *, hold_size: bool) -> None:
        self.memory = memory
        self.states = States(np.empty((0, 8)), np.empty((0, 8, 8)))
        self.unseen = np.empty(0, dtype=np.int64)
        self.confirmed = np.empty(0, dtype=np.bool_)
        self._hits = np.empty(0, dtype=np.int64)
        self._numbers = np.empty(0, dtype=np.int64)
        self._given = 0
        self._wanted = minimum_consecutive_frames
        self._buffer = buffer
        self._hold_size = hold_size

    def __len__(self) -> int:
        return len(self.unseen)

    def predict(self, camera: Array | None) -> None:
        """Go on to the next frame."""
        if self._hold_size:
            self.states.means[self.unseen > 0, 7] = 0
        self.states = xyah_kalman.predict(self.states)
        # A height that shrinks on through a long occlusion would turn negative.
        self.states.means[:, 2:4] = np.maximum(self.states.means[:, 2:4], (1e-3, 1.0))
        if camera is not None:
            self.states = xyah_kalman.move(self.states, camera)
        self.unseen = self.unseen + 1

    def update(self, box_of: Rows, seen: Seen, may_begin: NDArray[np.bool_]) -> Rows:
        """Take what was seen, end what is lost and begin what is new.

        Args:
            box_of: (tracks,) the box of each track; −1 where it was not seen.
            seen: the boxes.
            may_begin: (boxes,) whether a box that is no track's begins one.

        Returns:
            (boxes,) the numbers of their tracks; −1 where there is none or it has no identity yet.
        """
        boxes = xyah_kalman.measured(seen.corners)
        rows = np.flatnonzero(box_of >= 0)
        columns = box_of[rows]
        if len(rows):
            corrected = xyah_kalman.correct(self.states.take(rows), boxes[columns])
            self.states.means[rows], self.states.covariances[rows] = corrected.means, corrected.covariances
            self.unseen[rows] = 0
            self._hits[rows] += 1
            if self.memory is not None and seen.features is not None:
                self.memory.add(rows, seen.features[columns])
        may_begin = may_begin.copy()
        may_begin[columns] = False
        new = np.flatnonzero(may_begin)
        box_of = np.append(box_of, new)
        self._begin(boxes[new], None if seen.features is None else seen.features[new])
        # A track without an identity ends where it is not seen; one with waits.
        kept = np.where(self.confirmed, self.unseen <= self._buffer, self.unseen == 0)
        self._confirm()
        numbers = np.full(len(seen), UNTRACKED, dtype=np.int64)
        shown = (box_of >= 0) & self.confirmed
        numbers[box_of[shown]] = self._numbers[shown]
        self._keep(kept)
        return numbers

    def _begin(self, boxes: Array, features: NDArray[np.float32] | None) -> None:
        begun = xyah_kalman.begin(boxes)
        self.states = States(
            np.vstack([self.states.means, begun.means]), np.concatenate([self.states.covariances, begun.covariances])
        )
        count = len(boxes)
        self.unseen = np.append(self.unseen, np.zeros(count, dtype=np.int64))
        self._hits = np.append(self._hits, np.ones(count, dtype=np.int64))
        self.confirmed = np.append(self.confirmed, np.zeros(count, dtype=np.bool_))
        self._numbers = np.append(self._numbers, np.full(count, UNTRACKED))
        if count and self.memory is not None and features is not None:
            self.memory.begin(features)

    def _confirm(self) -> None:
        rows = np.flatnonzero(~self.confirmed & (self.unseen == 0) & (self._hits >= self._wanted))
        self.confirmed[rows] = True
        self._numbers[rows] = self._given + np.arange(len(rows))
        self._given += len(rows)

    def _keep(self, kept: NDArray[np.bool_]) -> None:
        if kept.all():
            return
        self.states = self.states.take(kept)
        self.unseen, self._hits = self.unseen[kept], self._hits[kept]
        self.confirmed, self._numbers = self.confirmed[kept], self._numbers[kept]
        if self.memory is not None:
            self.memory.keep(kept)


class Pairing:
    """Which box is which track's, found step by step: who has one is out of the steps after.

    Attributes:
        box_of: (tracks,) the box of each track, −1 where it has none.

    Args:
        tracks: how many there are.
        boxes: how many there are.
    """

    def __init__(self, tracks: int, boxes: int) -> None:
        self.box_of = np.full(tracks, -1, dtype=np.int64)
        self._free = np.ones(boxes, dtype=np.bool_)

    def match(self, rows: NDArray[np.bool_], columns: NDArray[np.bool_], cost: Array, maximum: float) -> None:
        """Pair some of the tracks with some of the boxes at the least cost.

        Args:
            rows: (tracks,) which take part.
            columns: (boxes,) which take part.
            cost: (tracks, boxes), of all.
            maximum: the highest cost of a pair.
        """
        tracks, boxes = np.flatnonzero(rows & (self.box_of < 0)), np.flatnonzero(columns & self._free)
        first, second = assign(cost[np.ix_(tracks, boxes)], maximum)
        self.box_of[tracks[first]] = boxes[second]
        self._free[boxes[second]] = False
