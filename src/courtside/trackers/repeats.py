"""Pictures that show the one before over again, as a broadcast does that freezes for some frames.

A filter that is told of them learns that everything stopped, and then everybody is several frames of running away at
once. What is right is to wait: nothing new was seen, and time went on.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.trackers.association import assign

# A third of a pixel of a player's width: in video that moves, half the boxes of a frame are never so still.
_SAME_PLACE = 0.99
_SAME_OBJECT = 0.8


def repeats(before: NDArray[np.float32], now: NDArray[np.float32]) -> bool:
    """Return whether at least half the boxes of a frame stand where those of a frame before did.

    Args:
        before: (n, 4) corners in pixels, of all labels.
        now: (m, 4) of the same; as often as a picture is compressed anew, some weak boxes come and go.
    """
    if not len(before) or not len(now):
        return False
    still = boxes_table.iou(before, now).max(axis=0) >= _SAME_PLACE
    return 2 * int(still.sum()) >= max(len(before), len(now))


class Repeats:
    """What a tracker knew when a picture was new, for those that repeat it.

    Args:
        longest: so many repeats in a row are known as such; the next is taken for a new picture, because nothing may
            move for as long as one likes.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self.forget()

    def forget(self) -> None:
        """Begin anew: no picture was seen."""
        self._seen: tuple[pl.DataFrame, pl.DataFrame] | None = None
        self._count = 0

    def remember(self, boxes: pl.DataFrame, tracked: pl.DataFrame) -> None:
        """Take the boxes of a new picture, and those of them that are tracked."""
        self._seen, self._count = (boxes, tracked), 0

    def carried(self, boxes: pl.DataFrame) -> pl.DataFrame | None:
        """Return the boxes of a frame with the identities they had in the picture it repeats; None of a new one."""
        if self._count >= self._longest or self._seen is None:
            return None
        before, tracked = self._seen
        if not repeats(boxes_table.corners(before), boxes_table.corners(boxes)):
            return None
        self._count += 1
        return _with_identities(tracked, boxes)


def _with_identities(tracked: pl.DataFrame, boxes: pl.DataFrame) -> pl.DataFrame:
    """Return those boxes that stand where a tracked one of their label does."""
    overlap = boxes_table.iou(boxes_table.corners(tracked), boxes_table.corners(boxes))
    alike = tracked["label"].to_numpy()[:, None] == boxes["label"].to_numpy()
    rows, columns = assign(np.where(alike, 1.0 - overlap, np.inf), 1.0 - _SAME_OBJECT)
    numbers: list[int | None] = [None] * boxes.height
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        numbers[column] = tracked["track"][row]
    return boxes.with_columns(track=pl.Series(numbers, dtype=pl.Int32)).filter(pl.col("track").is_not_null())
