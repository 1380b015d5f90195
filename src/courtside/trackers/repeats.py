"""Pictures that show the one before over again, as a broadcast does that freezes for some frames.

A filter that is told of them learns that everything stopped, and then everybody is several frames of running away at
once. What is right is to wait: nothing new was seen, and time went on.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.trackers.still import standing

_SAME = ["label", *boxes_table.CORNERS]
_SURE = 0.6  # the score from which BoT-SORT and ByteTrack look at a box first


class Repeats:
    """What a tracker knew when a picture was new, for those that repeat it.

    Args:
        longest: so many repeats in a row are known as such; the next is taken for a new picture, because nothing may
            move for as long as one likes.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._classes: dict[str, int] = {}
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
        partners = standing(
            boxes_table.corners(before).astype(np.float64),
            self._numbers(before["label"]),
            boxes_table.corners(boxes).astype(np.float64),
            self._numbers(boxes["label"]),
            boxes["score"].to_numpy() >= _SURE,
        )
        if not partners.size:
            return None
        self._count += 1
        given = tracked.unique(_SAME).select(*_SAME, "track")
        known = before.select(_SAME).join(given, on=_SAME, how="left", maintain_order="left")
        identities = np.append(known["track"].fill_null(-1).to_numpy(), -1)
        tracks = pl.Series(identities[partners], dtype=pl.Int32)
        return boxes.with_columns(track=tracks).filter(tracks >= 0)

    def _numbers(self, labels: pl.Series) -> NDArray[np.int64]:
        return np.array([self._classes.setdefault(label, len(self._classes)) for label in labels], np.int64)
