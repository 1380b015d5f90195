"""MOTChallenge text: one line a box, and ``seqinfo.ini`` beside it.

The columns of ground truth are frame, identity, left, top, width, height, flag, class, visibility
(Milan et al., "MOT16: A Benchmark for Multi-Object Tracking", 2016, section 3 and table 5).
Frames count from 1 in the file and from 0 in the table. Left and top are continuous coordinates
with (0, 0) at the top-left corner of the picture. What real files teach beyond the paper:

- a flag of 0 says "not to be counted": such lines are left out; 1 and −1 are kept,
- the ten-column form of 2015 ends in world coordinates instead of class and visibility: class −1,
- a line without class, or with class −1, is of class −1, which the mapping may name,
- a visibility of −1, or none, is null; an identity below 0 is null.
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from courtside.errors import UserError
from courtside.files import write_text
from courtside.formats.fields import (
    Row,
    check_area,
    check_tracks_once,
    decimal,
    edges_text,
    human_boxes,
    number,
    read_lines,
    share,
    single_video,
    whole,
)
from courtside.formats.mot_columns import Columns, has_tracks_once, read_columns, split_lines

# Broadcast rates are multiples of 1000/1001, which seqinfo.ini can only say as a rounded decimal.
_MAXIMUM_RATE_DENOMINATOR = 1001
# What is above is a time base or a slip of the finger: 90000 is no rate, and four days at 30 a second no sequence.
_MAXIMUM_RATE = 1000
_MAXIMUM_FRAMES = 10**7


@dataclass(frozen=True)
class SequenceInfo:
    """What ``seqinfo.ini`` says of a sequence; width and height in pixels."""

    name: str
    frames_per_second: Fraction
    frames: int
    width: int
    height: int


def read_ground_truth(
    path: Path, video: str, labels: Mapping[int, str], minimum_visibility: float = 0.0
) -> pl.DataFrame:
    """Read ground truth as a boxes table with source ``human`` and score 1.

    Args:
        path: the file, usually ``gt/gt.txt``.
        video: name of the video in the table.
        labels: class number to label; lines of other classes are left out.
        minimum_visibility: 0–1; boxes seen less are left out, those of unknown visibility stay.

    Returns:
        Boxes table, sorted by frame.

    Raises:
        UserError: on a missing file or a line that is no box, with its number.
    """
    columns = read_columns(path)
    table = None if columns is None else _all_at_once(columns, video, labels, minimum_visibility)
    return _line_by_line(path, video, labels, minimum_visibility) if table is None else table


def counted_classes(path: Path) -> list[int]:
    """Return the class numbers of the lines that count, ascending; errors as for :func:`read_ground_truth`."""
    columns = read_columns(path)
    if columns is not None:
        return [int(category) for category in np.unique(columns.classes[columns.seventh != 0])]
    return sorted({line.category for line in _lines(path) if line.counts})


def _all_at_once(
    columns: Columns, video: str, labels: Mapping[int, str], minimum_visibility: float
) -> pl.DataFrame | None:
    """Return what :func:`_line_by_line` does; None where a track has two boxes, which that tells of."""
    seen, tracks = columns.visibilities, columns.identities
    rows = (columns.seventh != 0) & np.isin(columns.classes, list(labels))
    rows &= (seen == -1) | (seen >= minimum_visibility)
    table = columns.table(
        rows,
        video,
        "human",
        {
            "label": pl.Series(columns.classes[rows]).replace_strict(dict(labels), return_dtype=pl.String),
            "score": np.ones(int(rows.sum())),
            "track": pl.Series(tracks[rows]).set(pl.Series(tracks[rows] < 0), None),
            "visibility": pl.Series(seen[rows]).set(pl.Series(seen[rows] == -1), None),
        },
    )
    return table if has_tracks_once(table) else None


def _line_by_line(path: Path, video: str, labels: Mapping[int, str], minimum_visibility: float) -> pl.DataFrame:
    rows = [
        Row(line.frame, *line.corners, labels[line.category], line.track, line.visibility)
        for line in _lines(path)
        if line.counts
        and line.category in labels
        and (line.visibility is None or line.visibility >= minimum_visibility)
    ]
    check_tracks_once(rows, path)
    return human_boxes(video, rows)


class _Line(NamedTuple):
    frame: int
    track: int | None
    corners: tuple[float, float, float, float]
    counts: bool
    category: int
    visibility: float | None


def _lines(path: Path) -> Iterator[_Line]:
    columns = "frame,id,left,top,width,height,flag,class,visibility"
    for fields, where in split_lines(path, "a MOTChallenge file like gt/gt.txt", 6, columns):
        yield _line(fields, where)


def _line(fields: list[str], where: str) -> _Line:
    frame, track, corners = read_place(fields, where)
    flag = number(fields[6], "the flag", where) if len(fields) > 6 else 1.0
    category = whole(fields[7], "the class", where) if len(fields) in (8, 9) else -1
    seen = fields[8] if len(fields) == 9 else "-1"
    visibility = None if number(seen, "the visibility", where) == -1 else share(seen, "the visibility", where)
    return _Line(frame, track if track >= 0 else None, corners, flag != 0, category, visibility)


def read_place(
    fields: Sequence[str], where: str, first_frame: int = 1
) -> tuple[int, int, tuple[float, float, float, float]]:
    """Return frame, from 0, identity, and corners in pixels, of the first six fields of a line.

    Args:
        fields: frame, identity, left, top, width, height.
        where: file and line, for errors.
        first_frame: the number of the first frame in the file.

    Raises:
        UserError: when a field is no number, the frame is before the first or the box has no area.
    """
    frame = whole(fields[0], "the frame", where)
    if frame < first_frame:
        counts = "MOTChallenge counts frames" if first_frame == 1 else "frames were said to count"
        raise UserError(
            f"{where}: frame {frame}, but {counts} from {first_frame}; add {first_frame - frame} to every frame"
        )
    track = whole(fields[1], "the identity", where)
    left, top, width, height = (
        number(text, name, where) for text, name in zip(fields[2:6], ("left", "top", "width", "height"), strict=True)
    )
    check_area(left, top, left + width, top + height, where)
    return frame - first_frame, track, (left, top, left + width, top + height)


def write_ground_truth(path: Path, boxes: pl.DataFrame, label_ids: Mapping[str, int]) -> None:
    """Write a boxes table as ground truth, atomically; corners read back within 1e-9 px.

    Score and source are not written: the format has no place for them. A null track or visibility is −1.

    Args:
        path: the file, usually ``gt/gt.txt``.
        boxes: boxes table of one video.
        label_ids: label to class number.

    Raises:
        ValueError: when a label has no number, or the table holds more than one video.
    """
    table = single_video(boxes)
    unknown = sorted(set(table["label"]) - set(label_ids))
    if unknown:
        raise ValueError(f"no class number for the labels {unknown}")
    columns = table.select("frame", "track", "x1", "y1", "x2", "y2", "label", "visibility")
    lines = []
    for frame, track, x1, y1, x2, y2, label, visibility in columns.iter_rows():
        identity = -1 if track is None else track
        seen = "-1" if visibility is None else decimal(visibility)
        lines.append(f"{frame + 1},{identity},{edges_text(x1, y1, x2, y2)},1,{label_ids[label]},{seen}\n")
    write_text(path, "".join(lines))


def write_sequence_info(
    path: Path, name: str, frames_per_second: Fraction | float, frames: int, width: int, height: int
) -> None:
    """Write ``seqinfo.ini``, atomically; width and height in pixels."""
    rate = Fraction(frames_per_second)
    frame_rate = str(rate) if rate.denominator == 1 else f"{float(rate):.9f}".rstrip("0")
    write_text(
        path,
        f"[Sequence]\nname={name}\nimDir=img1\nframeRate={frame_rate}\nseqLength={frames}\n"
        f"imWidth={width}\nimHeight={height}\nimExt=.jpg\n",
    )


def read_sequence_info(path: Path) -> SequenceInfo:
    """Read ``seqinfo.ini``.

    The frame rate is taken as the nearest fraction with a denominator of at most 1001, so that
    29.970029970 is 30000/1001 again, which may also stand there so.

    Raises:
        UserError: when the file is missing, has another form, or a value makes no sense.
    """
    section = _section(path)
    values = {}
    for key in ("seqLength", "imWidth", "imHeight"):
        values[key] = whole(section[key], key, str(path))
        least = 0 if key == "seqLength" else 1
        if not least <= values[key] <= _MAXIMUM_FRAMES:
            raise UserError(
                f"{path}: {key} is {values[key]}, but must lie within {least} and {_MAXIMUM_FRAMES}; correct the file"
            )
    return SequenceInfo(section["name"], _rate(section["frameRate"], path), *values.values())


def _section(path: Path) -> Mapping[str, str]:
    text = "\n".join(read_lines(path, "a seqinfo.ini"))
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text, path.name)
    except configparser.Error as error:
        raise UserError(f"{path} is no seqinfo.ini of MOTChallenge ({error}); correct or delete it") from None
    if not parser.has_section("Sequence"):
        raise UserError(f"{path} has no line [Sequence], as MOTChallenge has; correct or delete it")
    section = parser["Sequence"]
    for key in ("name", "frameRate", "seqLength", "imWidth", "imHeight"):
        if key not in section:
            raise UserError(
                f"{path} does not say {key}, as MOTChallenge does below [Sequence]; add it or delete the file"
            )
    return section


def _rate(text: str, path: Path) -> Fraction:
    above, slash, below = text.partition("/")
    rate = Fraction(number(above, "frameRate", str(path)))
    if slash:
        divisor = Fraction(number(below, "the divisor of frameRate", str(path)))
        rate = rate / divisor if divisor else Fraction(0)
    if not 0 < rate.limit_denominator(_MAXIMUM_RATE_DENOMINATOR) <= _MAXIMUM_RATE:
        raise UserError(
            f"{path}: frameRate is {text!r}, but a video has more than 0 and at most {_MAXIMUM_RATE} frames a second; "
            "correct the file"
        )
    return rate.limit_denominator(_MAXIMUM_RATE_DENOMINATOR)
