"""Where tracked objects were in the last frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

# A path without anybody at its end only fills the picture.
_UNSEEN_FRAMES = 5


class Trails(Mapping[int, NDArray[np.float64]]):
    """The last positions of each track, which a picture draws as a tail.

    A mapping from the track to an array of shape (n, 3): frame number, x and y in pixels, oldest first.
    The position is the centre of a ball, and where anything else stands: the middle of its lower edge.

    Args:
        length: how many frames back a trail reaches.
        centred: labels whose position is the centre of their box, and whose path stays a while where they are not seen;
            that of others goes soon after them.
    """

    def __init__(self, length: int, centred: frozenset[str] = frozenset({"ball"})) -> None:
        self._length = length
        self._centred = centred
        self._points: dict[int, deque[tuple[int, float, float]]] = {}
        self.labels: dict[int, str] = {}

    def __getitem__(self, track: int) -> NDArray[np.float64]:
        """Return the trail of a track."""
        return np.array(self._points[track], dtype=np.float64).reshape(-1, 3)

    def __iter__(self) -> Iterator[int]:
        """Iterate over the tracks with a trail."""
        return iter(self._points)

    def __len__(self) -> int:
        """Return the number of tracks with a trail."""
        return len(self._points)

    def advance(self, frame: int, boxes: pl.DataFrame) -> None:
        """Take the boxes of the next frame, and forget what is older than the length of a trail."""
        for row in boxes.filter(pl.col("track").is_not_null()).iter_rows(named=True):
            y = (row["y1"] + row["y2"]) / 2 if row["label"] in self._centred else row["y2"]
            self.labels[row["track"]] = row["label"]
            self._points.setdefault(row["track"], deque()).append((frame, (row["x1"] + row["x2"]) / 2, y))
        for track in list(self._points):
            points = self._points[track]
            while points and points[0][0] <= frame - self._length:
                points.popleft()
            stays = self._length if self.labels[track] in self._centred else min(self._length, _UNSEEN_FRAMES)
            if not points or points[-1][0] <= frame - stays:
                del self._points[track], self.labels[track]
