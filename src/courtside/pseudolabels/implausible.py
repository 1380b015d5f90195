"""Drops boxes that cannot be what they claim: wrong shape, doubles, two things at once, too many; and mends sizes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.pseudolabels.limits import per_label

_ROW = "_row"


def remove_misshapen(
    boxes: pl.DataFrame,
    *,
    maximum_aspect_ratio: float,
    aspect_ratio_of_label: Mapping[str, float] | None = None,
    minimum_side_px: float = 0.0,
    maximum_side_px: float = float("inf"),
) -> pl.DataFrame:
    """Drop boxes of an impossible shape or size.

    Args:
        boxes: boxes table.
        maximum_aspect_ratio: longest allowed side over shorter side, 1 or more.
        aspect_ratio_of_label: the same for single labels; a ball is rounder than a player, though motion
            blur draws it out.
        minimum_side_px: shortest allowed shorter side.
        maximum_side_px: longest allowed longer side.
    """
    width, height = pl.col("x2") - pl.col("x1"), pl.col("y2") - pl.col("y1")
    longer, shorter = pl.max_horizontal(width, height), pl.min_horizontal(width, height)
    return boxes.filter(
        longer <= per_label(maximum_aspect_ratio, aspect_ratio_of_label) * shorter,
        shorter >= minimum_side_px,
        longer <= maximum_side_px,
    )


def remove_overlapping(
    boxes: pl.DataFrame,
    maximum_overlap: float,
    of_label: Mapping[str, float] | None = None,
    keep: Literal["larger", "surer"] = "surer",
) -> pl.DataFrame:
    """Of two boxes of one label that cover nearly the same, keep the larger or the surer.

    The overlap is the intersection over the area of the smaller box, so that a box around half a ball is
    found inside the box around the whole of it, which non-maximum suppression by IoU leaves in place.

    Args:
        boxes: boxes table.
        maximum_overlap: two boxes that overlap by more than this are one, 0–1.
        of_label: the same for single labels; players stand before each other, so 1 keeps all of theirs.
        keep: ``larger``, as published, or ``surer``, the one with the higher score.
    """
    numbered = boxes.with_row_index(_ROW).with_columns(_limit=per_label(maximum_overlap, of_label))
    group = pl.struct("video", "frame", "label").rank("dense").alias("_group")
    crowded = numbered.filter(pl.len().over("video", "frame", "label") > 1).with_columns(group).sort("_group")
    corners, limits = boxes_table.corners(crowded).astype(np.float64), crowded["_limit"].to_numpy()
    scores, rows = crowded["score"].to_numpy(), crowded[_ROW].to_numpy()
    starts = np.unique(crowded["_group"].to_numpy(), return_index=True)[1]
    dropped = [
        rows[start + position]
        for start, stop in pairwise([*starts, len(rows)])
        for position in _covered(corners[start:stop], scores[start:stop], limits[start], keep)
    ]
    stays = np.ones(boxes.height, dtype=np.bool_)
    stays[dropped] = False
    return boxes.filter(stays)


def keep_one_label(boxes: pl.DataFrame, labels: Collection[str], maximum_overlap: float) -> pl.DataFrame:
    """Of boxes around the same thing that call it by two names, keep the surest.

    Non-maximum suppression works label by label, so a detector that cannot tell a referee from a player says both.

    Args:
        boxes: boxes table.
        labels: of these, a thing can only be one; boxes of others stay.
        maximum_overlap: two boxes of different labels that overlap by more (intersection over union) are around the
            same thing, 0–1.
    """
    numbered = boxes.with_row_index(_ROW).filter(pl.col("label").is_in(list(labels)))
    several = numbered.filter(pl.col("label").n_unique().over("video", "frame") > 1)
    frame = pl.struct("video", "frame").rank("dense").alias("_group")
    ordered = several.with_columns(frame).sort("_group", "score", descending=[False, True], maintain_order=True)
    corners, names = boxes_table.corners(ordered).astype(np.float64), ordered["label"].to_numpy()
    rows = ordered[_ROW].to_numpy()
    starts = np.unique(ordered["_group"].to_numpy(), return_index=True)[1]
    stays = np.ones(boxes.height, dtype=np.bool_)
    for start, stop in pairwise([*starts, len(rows)]):
        here = corners[start:stop]
        same = (boxes_table.iou(here, here) > maximum_overlap) & (names[start:stop, None] != names[None, start:stop])
        kept: list[int] = []
        for place in range(len(here)):  # the surest first
            if same[place, kept].any():
                stays[rows[start + place]] = False
            else:
                kept.append(place)
    return boxes.filter(stays)


def resize(boxes: pl.DataFrame, factors: Mapping[str, float]) -> pl.DataFrame:
    """Multiply the sides of boxes, around their middle.

    Args:
        boxes: boxes table.
        factors: of labels; boxes of others stay as they are.
    """
    factor = pl.col("label").replace_strict(dict(factors), default=1.0, return_dtype=pl.Float64)
    corners = {}
    for low, high in (("x1", "x2"), ("y1", "y2")):
        more = (pl.col(high) - pl.col(low)) / 2 * (factor - 1)
        corners[low], corners[high] = (pl.col(low) - more).clip(0), pl.col(high) + more
    return boxes_table.check(boxes.with_columns(**corners).cast(dict.fromkeys(corners, pl.Float32)))


def keep_best(boxes: pl.DataFrame, maximum_counts: Mapping[str, int]) -> pl.DataFrame:
    """Keep, in every frame, no more boxes of a label than the game has; those with the highest scores.

    Args:
        boxes: boxes table.
        maximum_counts: the most boxes a frame can hold of a label; labels that are not named have no limit.
    """
    if not maximum_counts:
        return boxes
    limit = pl.col("label").replace_strict(dict(maximum_counts), default=None, return_dtype=pl.Int64)
    rank = pl.col("score").rank("ordinal", descending=True).over("video", "frame", "label")
    return boxes.filter(limit.is_null() | (rank <= limit))


def _covered(
    corners: NDArray[np.float64], scores: NDArray[np.float32], limit: float, keep: Literal["larger", "surer"]
) -> list[int]:
    """Return which of the boxes overlap a larger, or surer, one that stays by more than the limit."""
    area = (corners[:, 2:] - corners[:, :2]).prod(axis=1)
    upper = np.minimum(corners[:, None, 2:], corners[None, :, 2:])
    lower = np.maximum(corners[:, None, :2], corners[None, :, :2])
    share = np.clip(upper - lower, 0, None).prod(axis=2) / np.minimum(area[:, None], area[None, :])
    # float32 holds limits such as 0.8 slightly off; a share of just the limit must not depend on that.
    over = share > limit + 1e-6
    if not (np.triu(over, 1)).any():
        return []
    kept: list[int] = []
    dropped: list[int] = []
    for row in np.lexsort((-scores, -area) if keep == "larger" else (-area, -scores)).tolist():
        (dropped if over[row, kept].any() else kept).append(row)
    return dropped
