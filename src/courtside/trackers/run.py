"""A tracker over a whole video."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.trackers.protocol import OfflineTracker, Scene, Tracker

_ROW = "row"


def track_boxes(
    boxes: pl.DataFrame,
    frames: Sequence[int] | range,
    tracker: Tracker,
    shots: Mapping[int, int] | Sequence[int] | None = None,
    *,
    features: NDArray[np.float32] | None = None,
    cameras: Mapping[int, NDArray[np.float64]] | None = None,
) -> pl.DataFrame:
    """Give the boxes of a video their identities.

    Args:
        boxes: boxes table of one video, with scores; boxes on frames that are not in ``frames`` are left out.
        frames: the frames to follow through, ascending, also those without a box.
        tracker: a fresh tracker.
        shots: the shot of each frame, as a mapping or in the order of ``frames``; the tracker forgets
            everything where it changes, since nothing that was followed lives through a cut.
        features: how the boxes look, (n, d) float32, a row a box in the order of ``boxes``.
        cameras: for frames, the affine map (2, 3) from the pixels of the previous of ``frames`` to theirs; that of a
            shot's first frame is not used.

    Returns:
        Boxes table of those that are tracked, ``track`` filled; of an offline tracker, what it says at the end of each
        shot.

    Raises:
        ValueError: when the boxes are of more than one video, the frames do not ascend, a frame has no shot, or there
            are not as many features as boxes.
    """
    if features is not None and len(features) != boxes.height:
        raise ValueError(f"{len(features)} features for {boxes.height} boxes")
    numbered = boxes.with_row_index(_ROW).sort("video", "frame", maintain_order=True)
    order = numbered[_ROW].to_numpy()
    table = boxes_table.check(boxes)
    if table["video"].n_unique() > 1:
        raise ValueError("boxes are tracked one video at a time")
    numbers = list(frames)
    if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
        raise ValueError("the frames to track through must ascend")
    shot_of = _shot_of(numbers, shots)
    rows_of = _rows_of(table["frame"].to_numpy())
    nothing = boxes_table.empty()
    tracked = [nothing]
    for _, group in itertools.groupby(numbers, key=lambda frame: shot_of[frame]):
        shot = list(group)
        if len(tracked) > 1:
            tracker.reset()
        found = []
        for place, frame in enumerate(shot):
            first, last = rows_of.get(frame, (0, 0))
            scene = Scene(
                None if features is None else features[order[first:last]],
                cameras.get(frame) if cameras and place else None,
            )
            found.append(tracker.update(table.slice(first, last - first) if last > first else nothing, scene))
        tracked += [tracker.finish(shot)] if isinstance(tracker, OfflineTracker) else found
    return boxes_table.check(pl.concat(tracked))


def end_at_cuts(truth: pl.DataFrame, shots: Mapping[int, int]) -> pl.DataFrame:
    """Return true tracks that end where the shot does.

    Nothing is followed through a cut, and who is who behind it is another question than that of tracking. With a track
    of its own for each shot the truth asks for no more than can be answered.

    Args:
        truth: boxes table of one video with ``track`` set.
        shots: the shot of each frame; boxes on other frames are left out.
    """
    shot = pl.col("frame").replace_strict(dict(shots), default=None, return_dtype=pl.Int32)
    within = truth.with_columns(shot=shot).filter(pl.col("shot").is_not_null())
    number = pl.struct("track", "shot").rank("dense").cast(pl.Int32)
    return within.with_columns(track=number).drop("shot")


def _rows_of(frames: NDArray[np.int32]) -> dict[int, tuple[int, int]]:
    """Return the first row of each frame and the row after its last, of ascending frames."""
    numbers, first, count = np.unique(frames, return_index=True, return_counts=True)
    return dict(zip(numbers.tolist(), zip(first.tolist(), (first + count).tolist(), strict=True), strict=True))


def _shot_of(frames: Sequence[int], shots: Mapping[int, int] | Sequence[int] | None) -> Mapping[int, int]:
    if shots is None:
        return dict.fromkeys(frames, 0)
    if not isinstance(shots, Mapping):
        return dict(zip(frames, (int(shot) for shot in shots), strict=True))
    missing = [frame for frame in frames if frame not in shots]
    if missing:
        raise ValueError(f"frame {missing[0]} has no shot")
    return shots
