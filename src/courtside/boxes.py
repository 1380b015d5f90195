"""The boxes table: one row a box on a frame, whoever drew it.

Key ``(video, frame)``, as in :mod:`courtside.frames`; a frame has any number of boxes. Columns:

===================  =======  ======================================================================
column               type     meaning
===================  =======  ======================================================================
``video``            string   name of the video in ``params.yaml``
``frame``            int32    index in the source video, from 0
``x1, y1, x2, y2``   float32  pixels of the source frame, half-open: pixel *i* covers *i* to *i* + 1,
                              the top-left corner of the picture is (0, 0), the width is ``x2 − x1``
``label``            string   ``ball``, ``player``, ``referee``, …
``score``            float32  confidence, 0–1; 1 for human labels
``source``           string   who says so: ``human``, a round's name, ``interpolated``, ``carried``
``track``            int32    identity through the video; null until tracked
``visibility``       float32  share of the object that can be seen, 0–1; null where nobody said
===================  =======  ======================================================================

``visibility`` is there because truth in MOTChallenge form carries it and every honest score has to
say how much of an object must be seen before missing it counts.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.errors import UserError
from courtside.tables import Schema, conform, read_table, write_table

CORNERS = ("x1", "y1", "x2", "y2")

SCHEMA: Schema = {
    "video": pl.String,
    "frame": pl.Int32,
    "x1": pl.Float32,
    "y1": pl.Float32,
    "x2": pl.Float32,
    "y2": pl.Float32,
    "label": pl.String,
    "score": pl.Float32,
    "source": pl.String,
    "track": pl.Int32,
    "visibility": pl.Float32,
}
INTERPOLATED = "interpolated"
"""The source of a box that nobody saw, between two that were seen."""
REQUIRED = frozenset({"video", "frame", *CORNERS, "label", "score", "source"})


def check(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table in the declared form, sorted by video and frame (the order within a frame stays).

    Raises:
        ValueError: when columns, types or values break the schema: a coordinate that is not finite,
            a box without area, a score or visibility outside 0–1, a negative frame.
    """
    result = conform(table, SCHEMA, REQUIRED, "boxes").sort("video", "frame", maintain_order=True)
    finite = pl.all_horizontal(pl.col(corner).is_finite() for corner in CORNERS)
    rules = {
        "a coordinate is not finite": finite,
        "a box has no area": (pl.col("x2") > pl.col("x1")) & (pl.col("y2") > pl.col("y1")),
        "a score is not within 0–1": pl.col("score").is_between(0, 1),
        "a visibility is not within 0–1": pl.col("visibility").is_null() | pl.col("visibility").is_between(0, 1),
        "a frame number is negative": pl.col("frame") >= 0,
    }
    # All of them in one pass, because tables are checked often and seldom wrong.
    verdicts = result.select(rule.all().alias(message) for message, rule in rules.items()).row(0)
    for (message, rule), right in zip(rules.items(), verdicts, strict=True):
        if not right:
            row = result.filter(~rule).row(0, named=True)
            raise ValueError(f"boxes table: {message} ({row['video']}, frame {row['frame']}, {row['label']})")
    return result


def write(target: Path, table: pl.DataFrame) -> None:
    """Check the table and write it as Parquet, atomically."""
    write_table(target, check(table))


def read(source: Path) -> pl.DataFrame:
    """Read and check a boxes table.

    Raises:
        UserError: when the file is missing, damaged or no boxes table.
    """
    try:
        return check(read_table(source))
    except ValueError as error:
        raise UserError(f"{source}: {error}; delete it and run `dvc repro`") from None


def empty() -> pl.DataFrame:
    """Return a boxes table without rows."""
    return pl.DataFrame(schema=SCHEMA)


def corners(table: pl.DataFrame) -> NDArray[np.float32]:
    """Return the corners as an array of shape (boxes, 4), float32, in the order x1, y1, x2, y2."""
    # A column at a time: a select takes five times as long, and trackers ask for a few boxes on every frame.
    return np.stack([table[name].to_numpy() for name in CORNERS], axis=1).astype(np.float32, copy=False)


def iou(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the intersection over union of every pair of boxes.

    Args:
        first: corners of shape (n, 4), in pixels.
        second: corners of shape (m, 4), in pixels.

    Returns:
        Array of shape (n, m), float64, 0–1.
    """
    a = np.asarray(first, dtype=np.float64).reshape(-1, 1, 4)
    b = np.asarray(second, dtype=np.float64).reshape(1, -1, 4)
    overlap = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0, None)
    intersection = overlap[..., 0] * overlap[..., 1]
    area_a = (a[..., 2] - a[..., 0]) * (a[..., 3] - a[..., 1])
    area_b = (b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1])
    union: NDArray[np.float64] = area_a + area_b - intersection
    result: NDArray[np.float64] = np.divide(intersection, union, out=np.zeros_like(union), where=union > 0)
    return result
