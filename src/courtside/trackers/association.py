"""One tracker a label, with identities that no two labels share; and who belongs to whom at the least cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from courtside import boxes as boxes_table
from courtside.trackers.protocol import Scene, check_one_frame

UNTRACKED = -1


class LabelTracker(Protocol):
    """Follows the boxes of one label."""

    def follow(self, corners: NDArray[np.float32], scores: NDArray[np.float32], scene: Scene) -> NDArray[np.int64]:
        """Take the boxes of the next frame and say which of its tracks each belongs to.

        Args:
            corners: (n, 4), x1, y1, x2, y2 in pixels.
            scores: (n,), 0–1.
            scene: what else is known of the frame; its features are those of these boxes.

        Returns:
            (n,) numbers from 0, each at most once; −1 for a box that is not tracked.
        """
        ...


class LabelTrackers:
    """Follows each label by a tracker of its own, so that a ball never becomes a player.

    Args:
        create: makes the tracker of a label.
    """

    def __init__(self, create: Callable[[str], LabelTracker]) -> None:
        self._create = create
        self._trackers: dict[str, LabelTracker] = {}
        self._identities: dict[tuple[str, int], int] = {}
        self._given = 0

    def update(self, boxes: pl.DataFrame, scene: Scene) -> pl.DataFrame:
        """Give the boxes of the next frame their identities, from 1 upwards.

        Args:
            boxes: boxes table of one frame, or without rows.
            scene: what else is known of the frame.

        Returns:
            The rows that are tracked, in their order, with ``track`` filled.

        Raises:
            ValueError: when the boxes are of more than one frame, or there are not as many features as boxes.
        """
        check_one_frame(boxes)
        if scene.features is not None and len(scene.features) != boxes.height:
            raise ValueError(f"{len(scene.features)} features for {boxes.height} boxes")
        corners = boxes_table.corners(boxes)
        scores = boxes["score"].to_numpy().astype(np.float32)
        labels = boxes["label"].to_numpy()
        tracks: list[int | None] = [None] * boxes.height
        for label in sorted({*self._trackers, *labels}):
            rows = np.flatnonzero(labels == label)
            if label not in self._trackers:
                self._trackers[label] = self._create(label)
            own = Scene(None if scene.features is None else scene.features[rows], scene.camera)
            numbers = self._trackers[label].follow(corners[rows], scores[rows], own)
            for row, number in zip(rows.tolist(), numbers.tolist(), strict=True):
                if number != UNTRACKED:
                    tracks[row] = self._identity(label, number)
        tracked = boxes.with_columns(pl.Series("track", tracks, dtype=pl.Int32))
        return tracked.filter(pl.col("track").is_not_null())

    def reset(self) -> None:
        """Forget all that is being followed, but not which identities were given."""
        self._trackers.clear()
        self._identities.clear()

    def _identity(self, label: str, number: int) -> int:
        if (label, number) not in self._identities:
            self._given += 1
            self._identities[label, number] = self._given
        return self._identities[label, number]


def assign(cost: NDArray[np.float64], maximum: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of rows and columns whose costs together are least, none above a maximum.

    As DeepSORT's reference does it, a cost above the maximum counts as a little more than the maximum before pairs are
    chosen, so that no pair is given up to avoid one that is forbidden anyway.

    Args:
        cost: (n, m); infinite where a pair is out of the question.
        maximum: the highest cost of a pair.

    Returns:
        Rows and columns of the pairs, each (k,).
    """
    if not cost.size:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    rows, columns = linear_sum_assignment(np.where(cost <= maximum, cost, maximum + 1e-5))
    fits = cost[rows, columns] <= maximum
    return rows[fits].astype(np.int64), columns[fits].astype(np.int64)
