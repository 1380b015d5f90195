"""MOTChallenge detections: ``det/det.txt``, a line a box with the detector's confidence and no identity.

The columns are frame, −1, left, top, width, height, confidence (Milan et al., "MOT16: A Benchmark for Multi-Object
Tracking", 2016, section 3); SoccerNet and the form of 2015 add three world coordinates, which are −1. Frames count from
1 in the file and from 0 in the table, pixels as in :mod:`courtside.formats.mot`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from courtside import boxes
from courtside.errors import UserError
from courtside.files import write_text
from courtside.formats.fields import decimal, edges_text, number, single_video
from courtside.formats.mot import read_place
from courtside.formats.mot_columns import read_columns, split_lines

_COLUMNS = ("frame", "x1", "y1", "x2", "y2", "score")


def read_detections(path: Path, video: str, label: str, source: str) -> pl.DataFrame:
    """Read detections.

    Args:
        path: the file, usually ``det/det.txt``.
        video: name of the video in the table.
        label: of every box, because the format names none.
        source: who detected them, as the table says it.

    Returns:
        Boxes table, sorted by frame; ``score`` is the file's, ``track`` and ``visibility`` are null. A tracker's output
        has the same form: its identities are passed over.

    Raises:
        UserError: on a missing file, or a line that is no box or whose confidence is not within 0–1, with its number.
    """
    columns = read_columns(path, least=7)
    if columns is not None and ((columns.seventh >= 0) & (columns.seventh <= 1)).all():
        everything = np.ones(len(columns.frames), dtype=np.bool_)
        values: dict[str, object] = {"label": np.full(len(columns.frames), label), "score": columns.seventh}
        return columns.table(everything, video, source, values)
    names = "frame,-1,left,top,width,height,confidence"
    rows = [
        _row(fields, where) for fields, where in split_lines(path, "a MOTChallenge file like det/det.txt", 7, names)
    ]
    table = pl.DataFrame(rows, schema={name: boxes.SCHEMA[name] for name in _COLUMNS}, orient="row")
    return boxes.check(table.with_columns(video=pl.lit(video), label=pl.lit(label), source=pl.lit(source)))


def _row(fields: list[str], where: str) -> tuple[int, float, float, float, float, float]:
    frame, _, corners = read_place(fields, where)
    confidence = number(fields[6], "the confidence", where)
    if not 0 <= confidence <= 1:
        raise UserError(
            f"{where}: the confidence is {confidence:g}, but must lie within 0 and 1; scale the detector's scores"
        )
    return frame, *corners, confidence


def write_detections(path: Path, boxes: pl.DataFrame) -> None:
    """Write a boxes table as detections, atomically; scores read back the same, corners within 1e-9 px.

    Label, source, track and visibility are not written: the format has no place for them.

    Args:
        path: the file, usually ``det/det.txt``.
        boxes: boxes table of one video.

    Raises:
        ValueError: when the table holds more than one video.
    """
    lines = []
    for frame, x1, y1, x2, y2, score in single_video(boxes).select(_COLUMNS).iter_rows():
        lines.append(f"{frame + 1},-1,{edges_text(x1, y1, x2, y2)},{decimal(score)}\n")
    write_text(path, "".join(lines))
