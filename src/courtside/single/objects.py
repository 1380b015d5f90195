"""Which objects of a video are followed from their first box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from courtside import boxes as boxes_table


def longest_objects(
    truth: pl.DataFrame,
    labels: Sequence[str],
    shots: Mapping[int, int] | None = None,
    *,
    count: int = 1,
    minimum_visibility: float = 0.8,
) -> list[pl.DataFrame]:
    """Return of each label the objects that are longest in one shot.

    An object begins with the first box on which it can be seen well: nobody would give a tracker a box of something
    hidden, and what it learned there would be something else.

    Args:
        truth: boxes table of one video with ``track`` set.
        labels: whose.
        shots: the shot of each frame; no tracker lives through a cut. None takes one shot.
        count: how many of each label, where there are so many.
        minimum_visibility: share of an object that its first box shows at least, 0–1.

    Returns:
        Boxes tables of one object in one shot each, two boxes and more, the longest of a label first.
    """
    shot = pl.lit(0) if shots is None else pl.col("frame").replace_strict(dict(shots), default=None)
    table = boxes_table.check(truth).with_columns(shot=shot).filter(pl.col("shot").is_not_null())
    chosen = []
    for label in labels:
        found = []
        for _, rows in sorted(
            table.filter(pl.col("label") == label).partition_by("track", "shot", as_dict=True).items()
        ):
            seen = rows.filter(pl.col("visibility").is_null() | (pl.col("visibility") >= minimum_visibility))
            if seen.height:
                kept = rows.filter(pl.col("frame") >= seen["frame"][0]).drop("shot")
                if kept.height > 1:
                    found.append(kept)
        chosen += sorted(found, key=lambda rows: -rows.height)[:count]
    return chosen
