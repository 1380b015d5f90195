"""A tracker's output in MOTChallenge form: one text file a sequence, a line a box with its identity.

The columns are frame, identity, left, top, width, height, confidence, and after them nothing, three world coordinates
that are −1, or class and visibility as ground truth has them (Milan et al., "MOT16: A Benchmark for Multi-Object
Tracking", 2016, section 3). Frames count from 1 in the file, or from where the caller says, and from 0 in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from courtside import boxes
from courtside.errors import UserError
from courtside.formats.fields import Row, check_tracks_once, number, whole
from courtside.formats.mot import read_place
from courtside.formats.mot_columns import has_tracks_once, read_columns, split_lines

_UNNAMED = -1


def read_tracks(
    path: Path, video: str, labels: Mapping[int, str], *, first_frame: int = 1, source: str = "tracker"
) -> pl.DataFrame:
    """Read a tracker's output.

    Args:
        path: the file.
        video: name of the video in the table.
        labels: class number to label. Where there is only one label, it is that of lines without a class, too, which
            is class −1.
        first_frame: the number of the first frame in the file.
        source: who tracked, as the table says it.

    Returns:
        Boxes table, sorted by frame, with ``track``; ``score`` is the confidence where it lies within 0–1, which
        trackers do not agree on, and 1 elsewhere; ``visibility`` is null.

    Raises:
        UserError: on a missing file, a line that is no box, has no identity or a class that is none of ``labels``, with
            its number, or a track with two boxes on a frame.
    """
    known = dict(labels)
    if _UNNAMED not in known and len(set(known.values())) == 1:
        known[_UNNAMED] = next(iter(known.values()))
    columns = read_columns(path, first_frame)
    if columns is not None and (columns.identities >= 0).all() and np.isin(columns.classes, list(known)).all():
        scores = np.where((columns.seventh >= 0) & (columns.seventh <= 1), columns.seventh, 1.0)
        everything = np.ones(len(scores), dtype=np.bool_)
        label = pl.Series(columns.classes).replace_strict(known, return_dtype=pl.String)
        values: dict[str, object] = {"label": label, "score": scores, "track": columns.identities}
        table = columns.table(everything, video, source, values)
        if has_tracks_once(table):
            return table
    return _line_by_line(path, video, known, first_frame, source)


def _line_by_line(path: Path, video: str, labels: Mapping[int, str], first_frame: int, source: str) -> pl.DataFrame:
    rows, scores = [], []
    columns = "frame,id,left,top,width,height,confidence,class"
    for fields, where in split_lines(path, "the text file of a tracker's output", 6, columns):
        row, score = _row(fields, labels, where, first_frame)
        rows.append(row)
        scores.append(score)
    check_tracks_once(rows, path)
    table = pl.DataFrame(rows, schema={name: boxes.SCHEMA[name] for name in Row._fields}, orient="row")
    return boxes.check(
        table.with_columns(
            video=pl.lit(video, pl.String),
            source=pl.lit(source, pl.String),
            score=pl.Series(scores, dtype=pl.Float32),
        )
    )


def _row(fields: list[str], labels: Mapping[int, str], where: str, first_frame: int) -> tuple[Row, float]:
    frame, track, corners = read_place(fields, where, first_frame)
    if track < 0:
        raise UserError(f"{where}: the identity is {track}, but a tracker gives every box one; name a tracker's output")
    confidence = number(fields[6], "the confidence", where) if len(fields) > 6 else 1.0
    category = whole(fields[7], "the class", where) if len(fields) in (8, 9) else _UNNAMED
    if len(fields) == 9:
        number(fields[8], "the visibility", where)
    if category not in labels:
        names = ", ".join(f"{key}:{label}" for key, label in labels.items())
        said = "no class is named" if category == _UNNAMED else f"class {category} is unknown"
        raise UserError(f"{where}: {said}, but the classes are {names}; name it, or correct the file")
    return Row(frame, *corners, labels[category], track, None), confidence if 0 <= confidence <= 1 else 1.0
