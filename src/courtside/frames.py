"""The frames table: one row a frame of a source video, from its measures to its verdict and split.

Key ``(video, frame)``, the frame counted from 0 in the source video. Columns:

====================  =======  =====================================================================
column                type     meaning
====================  =======  =====================================================================
``video``             string   name of the video in ``params.yaml``
``frame``             int32    index in the source video, from 0
``clip``              int32    five-minute clip it lies in, from 0
``time_s``            float64  presentation time in seconds from the first frame
``shot``              int32    camera shot it belongs to, from 0
``replay_of``         int32    the earlier shot that its shot shows again; null where it shows something new
``blur``              float64  variance of the Laplacian of the luma (low is blurred)
``brightness``        float64  mean of the luma, 0–255
``variance``          float64  variance of the luma
``ssim_1``…``3``      float64  structural similarity to the first, second, third next frame, −1–1; null
                               where the video ends before
``hash``              binary   256-bit difference hash of the luma, 32 bytes
``verdict``           string   one of :data:`VERDICTS`; null before ``clean``
``split``             string   one of :data:`SPLITS`; null before ``split``
``ball_probability``  float64  that it shows a ball, as the ball filter says, 0–1; 0 or 1 where a person
                               sorted it; null where nobody was asked
====================  =======  =====================================================================
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from courtside.errors import UserError
from courtside.tables import Schema, conform, read_table, write_table

VERDICTS = ("usable", "blur", "dark", "bright", "empty", "duplicate", "without_ball")
SPLITS = ("train", "val", "test")

SCHEMA: Schema = {
    "video": pl.String,
    "frame": pl.Int32,
    "clip": pl.Int32,
    "time_s": pl.Float64,
    "shot": pl.Int32,
    "replay_of": pl.Int32,
    "blur": pl.Float64,
    "brightness": pl.Float64,
    "variance": pl.Float64,
    "ssim_1": pl.Float64,
    "ssim_2": pl.Float64,
    "ssim_3": pl.Float64,
    "hash": pl.Binary,
    "verdict": pl.String,
    "split": pl.String,
    "ball_probability": pl.Float64,
}
REQUIRED = frozenset({"video", "frame", "clip", "time_s", "shot", "blur", "brightness", "variance", "hash"})


def check(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table in the declared form, sorted by key.

    Raises:
        ValueError: when columns, types, verdicts, splits or keys break the schema.
    """
    result = conform(table, SCHEMA, REQUIRED, "frames").sort("video", "frame")
    for column, allowed in (("verdict", VERDICTS), ("split", SPLITS)):
        wrong = result.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(allowed))
        if wrong.height:
            raise ValueError(f"frames table: {column} {wrong[column][0]!r} is none of {', '.join(allowed)}")
    if result.filter(pl.col("frame") < 0).height:
        raise ValueError("frames table: a frame number is negative")
    if result.select(pl.struct("video", "frame").is_duplicated().any()).item():
        raise ValueError("frames table: a (video, frame) stands there twice")
    return result


def write(target: Path, table: pl.DataFrame) -> None:
    """Check the table and write it as Parquet, atomically."""
    write_table(target, check(table))


def read(source: Path) -> pl.DataFrame:
    """Read and check a frames table.

    Raises:
        UserError: when the file is missing, damaged or no frames table.
    """
    try:
        return check(read_table(source))
    except ValueError as error:
        raise UserError(f"{source}: {error}; delete it and run `dvc repro`") from None


def empty() -> pl.DataFrame:
    """Return a frames table without rows."""
    return pl.DataFrame(schema=SCHEMA)


def sure_backgrounds(table: pl.DataFrame, below: float | None) -> pl.DataFrame:
    """Return the training frames that show no ball for sure, so that a detector can learn from them what is none.

    Args:
        table: frames table with verdicts and splits.
        below: the ball filter gave them a lower probability of a ball, 0–1; None returns no frame.
    """
    if below is None:
        return table.clear()
    taken_out = (pl.col("verdict") == "without_ball") & (pl.col("split") == "train")
    return table.filter(taken_out & (pl.col("ball_probability") < below))
