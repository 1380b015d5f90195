"""One tracker of the ``trackers`` package a label, with identities that no two labels share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from supervision import Detections

from courtside import boxes as boxes_table


class LabelTrackers:
    """Follows each label by a tracker of its own, so that a ball never becomes a player.

    Args:
        create: makes the tracker of a label: one of the ``trackers`` package, which takes and returns
            ``supervision.Detections``.
    """

    def __init__(self, create: Callable[[str], Any]) -> None:
        self._create = create
        self._trackers: dict[str, Any] = {}
        self._identities: dict[tuple[str, int], int] = {}
        self._given = 0

    def update(self, boxes: pl.DataFrame) -> pl.DataFrame:
        """Give the boxes of the next frame their identities, from 1 upwards.

        Args:
            boxes: boxes table of one frame, or without rows.

        Returns:
            The rows that are tracked, in their order, with ``track`` filled.

        Raises:
            ValueError: when the boxes are of more than one frame.
        """
        if boxes.select("video", "frame").n_unique() > 1:
            raise ValueError("a tracker takes the boxes of one frame at a time")
        corners = boxes_table.corners(boxes)
        scores = boxes["score"].to_numpy().astype(np.float32)
        labels = boxes["label"].to_list()
        tracks: list[int | None] = [None] * boxes.height
        for label in sorted({*self._trackers, *labels}):
            rows = np.array([row for row, other in enumerate(labels) if other == label], dtype=np.int64)
            if label not in self._trackers:
                self._trackers[label] = self._create(label)
            given = Detections(xyxy=corners[rows], confidence=scores[rows], data={"row": rows})
            found = self._trackers[label].update(given)
            # The package drops and reorders boxes; the row number travels along to tell which is which.
            for row, number in zip(found.data.get("row", ()), found.tracker_id, strict=True):
                if number >= 0:
                    tracks[int(row)] = self._identity(label, int(number))
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
