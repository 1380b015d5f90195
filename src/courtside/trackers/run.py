"""A tracker over a whole video."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import polars as pl

from courtside import boxes as boxes_table
from courtside.trackers.protocol import Tracker


def track_boxes(
    boxes: pl.DataFrame,
    frames: Sequence[int] | range,
    tracker: Tracker,
    shots: Mapping[int, int] | Sequence[int] | None = None,
) -> pl.DataFrame:
    """Give the boxes of a video their identities.

    Args:
        boxes: boxes table of one video, with scores; boxes on frames that are not in ``frames`` are left out.
        frames: the frames to follow through, ascending, also those without a box.
        tracker: a fresh tracker.
        shots: the shot of each frame, as a mapping or in the order of ``frames``; the tracker forgets
            everything where it changes, since nothing that was followed lives through a cut.

    Returns:
        Boxes table of those that are tracked, ``track`` filled.

    Raises:
        ValueError: when the boxes are of more than one video, the frames do not ascend, or a frame has
            no shot.
    """
    table = boxes_table.check(boxes)
    if table["video"].n_unique() > 1:
        raise ValueError("boxes are tracked one video at a time")
    numbers = list(frames)
    if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
        raise ValueError("the frames to track through must ascend")
    shot_of = _shot_of(numbers, shots)
    of_frame = {key[0]: rows for key, rows in table.partition_by("frame", as_dict=True).items()}
    nothing = boxes_table.empty()
    tracked = [nothing]
    previous: int | None = None
    for frame in numbers:
        shot = shot_of[frame]
        if previous is not None and shot != previous:
            tracker.reset()
        previous = shot
        tracked.append(tracker.update(of_frame.get(frame, nothing)))
    return boxes_table.check(pl.concat(tracked))


def _shot_of(frames: Sequence[int], shots: Mapping[int, int] | Sequence[int] | None) -> Mapping[int, int]:
    if shots is None:
        return dict.fromkeys(frames, 0)
    if not isinstance(shots, Mapping):
        return dict(zip(frames, (int(shot) for shot in shots), strict=True))
    missing = [frame for frame in frames if frame not in shots]
    if missing:
        raise ValueError(f"frame {missing[0]} has no shot")
    return shots
