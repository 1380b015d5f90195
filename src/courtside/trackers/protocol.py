"""What every tracker is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import polars as pl
from numpy.typing import NDArray


@dataclass(frozen=True)
class Scene:
    """What is known of a frame besides its boxes.

    Attributes:
        features: how the boxes look, (n, d) float32, a row a box in their order, each of length 1; None where nobody
            looked.
        camera: how the picture moved: (2, 3) float64, the affine map from the previous frame's pixels to this frame's;
            None where nobody measured it, and on the first frame of a shot.
    """

    features: NDArray[np.float32] | None = None
    camera: NDArray[np.float64] | None = None


NOTHING = Scene()


def check_one_frame(boxes: pl.DataFrame) -> None:
    """Check what a tracker is given.

    Raises:
        ValueError: when the boxes are of more than one frame.
    """
    frames = boxes["frame"].to_numpy()
    if len(frames) and ((frames != frames[0]).any() or boxes["video"].n_unique() > 1):
        raise ValueError("a tracker takes the boxes of one frame at a time")


class Tracker(Protocol):
    """Gives boxes an identity, frame by frame.

    Identities are unique for as long as the tracker lives: over labels, and over resets.
    """

    @property
    def name(self) -> str:
        """Name in the configuration."""
        ...

    def update(self, boxes: pl.DataFrame, scene: Scene = NOTHING) -> pl.DataFrame:
        """Take the boxes of the next frame and return those of them that are tracked.

        Called once for each frame, in order, also for a frame without a box.

        Args:
            boxes: boxes table of one frame, with scores.
            scene: what else is known of the frame; a tracker that has no use for it ignores it.

        Returns:
            Boxes table with some of the same rows, in their order, ``track`` filled, all else untouched.
        """
        ...

    def reset(self) -> None:
        """Forget what is being followed: the next frame belongs to another shot."""
        ...


@runtime_checkable
class OfflineTracker(Tracker, Protocol):
    """A tracker that says at the end of a shot what it now knows of the whole of it."""

    def finish(self, frames: Sequence[int]) -> pl.DataFrame:
        """Return the tracks of the shot that ended, in the place of all that :meth:`update` returned for it.

        Called after the last frame of a shot and before :meth:`reset`.

        Args:
            frames: the frames that were given since the last reset, ascending.

        Returns:
            Boxes table with ``track`` filled; boxes may be moved, left out or added (``source`` ``interpolated``).
        """
        ...
