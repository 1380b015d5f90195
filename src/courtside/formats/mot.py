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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

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

# Broadcast rates are multiples of 1000/1001, which seqinfo.ini can only say as a rounded decimal.
_MAXIMUM_RATE_DENOMINATOR = 1001


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
    rows = []
    for place, line in enumerate(read_lines(path, "a MOTChallenge file like gt/gt.txt"), start=1):
        if not line.strip():
            continue
        row = _row(line.split(","), labels, f"{path}, line {place}")
        if row is not None and (row.visibility is None or row.visibility >= minimum_visibility):
            rows.append(row)
    check_tracks_once(rows, path)
    return human_boxes(video, rows)


def _row(fields: list[str], labels: Mapping[int, str], where: str) -> Row | None:
    if not 6 <= len(fields) <= 10:
        raise UserError(
            f"{where}: {len(fields)} fields, but MOTChallenge has 6 to 10 separated by commas "
            "(frame,id,left,top,width,height,flag,class,visibility); correct the line"
        )
    frame, track, (x1, y1, x2, y2) = read_place(fields, where)
    flag = number(fields[6], "the flag", where) if len(fields) > 6 else 1.0
    named = len(fields) in (8, 9)
    category = whole(fields[7], "the class", where) if named else -1
    seen = fields[8] if len(fields) == 9 else "-1"
    visibility = None if number(seen, "the visibility", where) == -1 else share(seen, "the visibility", where)
    if flag == 0 or category not in labels:
        return None
    return Row(frame, x1, y1, x2, y2, labels[category], track if track >= 0 else None, visibility)


def read_place(fields: Sequence[str], where: str) -> tuple[int, int, tuple[float, float, float, float]]:
    """Return frame, from 0, identity, and corners in pixels, of the first six fields of a line.

    Args:
        fields: frame, from 1, identity, left, top, width, height.
        where: file and line, for errors.

    Raises:
        UserError: when a field is no number, the frame is below 1 or the box has no area.
    """
    frame = whole(fields[0], "the frame", where)
    if frame < 1:
        raise UserError(f"{where}: frame {frame}, but MOTChallenge counts frames from 1; add 1 to every frame")
    track = whole(fields[1], "the identity", where)
    left, top, width, height = (
        number(text, name, where) for text, name in zip(fields[2:6], ("left", "top", "width", "height"), strict=True)
    )
    check_area(left, top, left + width, top + height, where)
    return frame - 1, track, (left, top, left + width, top + height)


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
    29.970029970 is 30000/1001 again.

    Raises:
        UserError: when the file is missing, has another form, or a value makes no sense.
    """
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string("\n".join(read_lines(path, "a seqinfo.ini")))
        section = parser["Sequence"]
        name, *texts = (section[key] for key in ("name", "frameRate", "seqLength", "imWidth", "imHeight"))
    except (configparser.Error, KeyError) as error:
        raise UserError(f"{path} is no seqinfo.ini of MOTChallenge ({error}); correct or delete it") from None
    rate = number(texts[0], "frameRate", str(path))
    frames, width, height = (
        whole(text, key, str(path)) for text, key in zip(texts[1:], ("seqLength", "imWidth", "imHeight"), strict=True)
    )
    fraction = Fraction(rate).limit_denominator(_MAXIMUM_RATE_DENOMINATOR)
    if fraction <= 0 or frames < 0 or width < 1 or height < 1:
        raise UserError(f"{path}: frameRate, imWidth and imHeight must be above 0, seqLength not below; correct it")
    return SequenceInfo(name, fraction, frames, width, height)
