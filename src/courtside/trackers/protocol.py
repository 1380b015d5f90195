"""What every tracker is."""

from __future__ import annotations

from typing import Protocol

import polars as pl


class Tracker(Protocol):
    """Gives boxes an identity, frame by frame.

    Identities are unique for as long as the tracker lives: over labels, and over resets.
    """

    @property
    def name(self) -> str:
        """Name in the configuration."""
        ...

    def update(self, boxes: pl.DataFrame) -> pl.DataFrame:
        """Take the boxes of the next frame and return those of them that are tracked.

        Called once for each frame, in order, also for a frame without a box.

        Args:
            boxes: boxes table of one frame, with scores.

        Returns:
            Boxes table with some of the same rows, in their order, ``track`` filled, all else untouched.
        """
        ...

    def reset(self) -> None:
        """Forget what is being followed: the next frame belongs to another shot."""
        ...
