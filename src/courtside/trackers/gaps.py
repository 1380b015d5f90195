"""Boxes for the frames between those on which a track was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from courtside import boxes as boxes_table
from courtside.motion import MotionModel, smooth

PLAYER = MotionModel(jerk=0.004, position_noise=0.06, size_noise=0.08, size_drift=0.02)
REACH = 12  # frames on either side of a gap that say where the object was in it
SOURCE = "interpolated"


def fill_gaps(
    tracked: pl.DataFrame, frames: Sequence[int], longest: Mapping[str, int], model: MotionModel = PLAYER
) -> pl.DataFrame:
    """Add boxes to tracks that have gaps, on the path smoothed through the boxes around them.

    Args:
        tracked: boxes table of one shot of one video, ``track`` filled.
        frames: the frames of the shot, ascending; only on them may a box be missing.
        longest: for each label, the number of frames without a box up to which a gap is filled.
        model: how objects move.

    Returns:
        The boxes table with boxes of source ``interpolated`` added; their score is the mean of those on both sides of
        the gap.
    """
    order = {frame: place for place, frame in enumerate(frames)}
    added = []
    for (track, label), rows in tracked.sort("frame").group_by(["track", "label"], maintain_order=True):
        most = longest.get(str(label), 0)
        seen = rows["frame"].to_list()
        if not most or order[seen[-1]] - order[seen[0]] + 1 == len(seen):
            continue
        corners, scores = boxes_table.corners(rows).astype(np.float64), rows["score"].to_list()
        for place in range(1, len(seen)):
            missing = frames[order[seen[place - 1]] + 1 : order[seen[place]]]
            if not 0 < len(missing) <= most:
                continue
            near = slice(max(place - REACH, 0), place + REACH)
            path = smooth(np.array(seen[near], float), corners[near], np.array(missing, float), model)
            score = (scores[place - 1] + scores[place]) / 2
            video = rows["video"][0]
            added += [
                (video, frame, *box, label, score, SOURCE, track, None)
                for frame, box in zip(missing, path.corners.tolist(), strict=True)
            ]
    if not added:
        return tracked
    return boxes_table.check(pl.concat([tracked, pl.DataFrame(added, schema=boxes_table.SCHEMA, orient="row")]))
