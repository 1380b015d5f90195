"""Tiles of a picture to learn from, beside the whole of it: small balls at the size they have in the video."""

from __future__ import annotations

import polars as pl

from courtside import boxes as boxes_table
from courtside.video.tiling import Region, regions

VISIBLE_SHARE = 0.5
"""An object that a tile cuts is in the tile where at least so much of its area is."""


def tiles_to_learn(
    boxes: pl.DataFrame, number: int, width: int, height: int, side: int, overlap: int
) -> list[tuple[Region, pl.DataFrame]]:
    """Return the tiles of a picture that are worth learning from, with their boxes in pixels of the tile.

    After Akyon et al. 2022 ("Slicing Aided Hyper Inference and Fine-tuning for Small Object Detection", section 3):
    the tiles that :class:`courtside.detectors.tiles.TiledDetector` looks at, those with an object. One without any goes
    along, another one on the next picture, so that crowd and floor are seen at this size too.

    Args:
        boxes: boxes table of the picture.
        number: of the picture; it says which of the empty tiles goes along.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        side: of a tile, in pixels.
        overlap: of neighbours, in pixels.

    Returns:
        Tiles as x1, y1, x2, y2, row by row, and their boxes; none where one tile would be the whole picture.
    """
    cut = [(region, _inside(boxes, region)) for region in regions(width, height, side, overlap)]
    empty = [region for region, inside in cut if inside.is_empty()]
    chosen = empty[number % len(empty)] if empty else None
    return [(region, inside) for region, inside in cut if inside.height or region == chosen]


def _inside(boxes: pl.DataFrame, region: Region) -> pl.DataFrame:
    x1, y1, x2, y2 = region
    area = (pl.col("x2") - pl.col("x1")) * (pl.col("y2") - pl.col("y1"))
    cut = boxes.with_columns(
        area.alias("_area"),
        (pl.col("x1", "x2").clip(x1, x2) - x1).cast(pl.Float32),
        (pl.col("y1", "y2").clip(y1, y2) - y1).cast(pl.Float32),
    )
    kept = cut.filter(area > 0, area >= VISIBLE_SHARE * pl.col("_area"))
    return boxes_table.check(kept.drop("_area"))
