"""Frames that a person sorted into ball and no ball: a CSV of ``frame,ball``, the ball 1 or 0."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from courtside.errors import UserError
from courtside.files import write_text
from courtside.formats.fields import read_lines, whole

SCHEMA = {"video": pl.String, "frame": pl.Int32, "ball": pl.Boolean}


def read(path: Path, video: str) -> pl.DataFrame:
    """Return a table of ``video``, ``frame`` (int32, from 0) and ``ball`` (boolean), sorted by frame.

    Raises:
        UserError: on a missing file, another header, a frame that is no number or stands there twice,
            or a ball that is neither 1 nor 0.
    """
    lines = read_lines(path, "a CSV file with the columns frame,ball")
    header = [field.strip().strip('"') for field in lines[0].split(",")] if lines else []
    if header != ["frame", "ball"]:
        raise UserError(f"{path}, line 1: the header is {','.join(header)!r}; write 'frame,ball'")
    found: dict[int, bool] = {}
    for place, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        where = f"{path}, line {place}"
        fields = [field.strip().strip('"') for field in line.split(",")]
        if len(fields) != 2:
            raise UserError(f"{where}: {len(fields)} fields instead of frame,ball; correct the line")
        frame = whole(fields[0], "the frame", where)
        if frame < 0:
            raise UserError(f"{where}: frame {frame} is negative; frames count from 0")
        if fields[1] not in ("0", "1"):
            raise UserError(f"{where}: ball is {fields[1]!r}; write 1 for a ball and 0 for none")
        if frame in found:
            raise UserError(f"{where}: frame {frame} stands there twice; delete one of the lines")
        found[frame] = fields[1] == "1"
    rows = [(video, frame, ball) for frame, ball in sorted(found.items())]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def write(path: Path, table: pl.DataFrame) -> None:
    """Write the columns ``frame`` and ``ball`` of the table, sorted by frame, atomically.

    Raises:
        ValueError: when the table holds more than one video.
    """
    if table["video"].n_unique() > 1:
        raise ValueError("a file of sorted frames holds one video; filter the table first")
    rows = table.sort("frame").select("frame", pl.col("ball").cast(pl.Int8)).iter_rows()
    write_text(path, "".join(["frame,ball\n", *(f"{frame},{ball}\n" for frame, ball in rows)]))
