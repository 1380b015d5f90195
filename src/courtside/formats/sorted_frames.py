"""Frames that a person sorted into classes: a CSV of ``frame,label``, or of ``frame,ball`` with the ball 1 or 0."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from courtside.errors import UserError
from courtside.files import write_text
from courtside.formats.fields import read_lines, whole

NO_BALL, BALL = LABELS = ("no_ball", "ball")
# What a person writes for a frame that is of no class, or of several, and should teach nothing.
DROPPED = "dropped"
SCHEMA = {"video": pl.String, "frame": pl.Int32, "label": pl.String}


def are_ball_or_none(labels: Sequence[str]) -> bool:
    """Return whether the classes are ball and no ball, in whatever order."""
    return sorted(labels) == sorted(LABELS)


def read(
    path: Path,
    video: str,
    labels: Sequence[str] = LABELS,
    *,
    images: Sequence[Path] | None = None,
    frames: int | None = None,
) -> pl.DataFrame:
    """Return a table of ``video``, ``frame`` (int32, from 0) and ``label`` (string), sorted by frame.

    Args:
        path: a CSV with the header ``frame,label``; or ``image,label``, where the video is a folder of images; or
            ``frame,ball``, where 1 stands for the label ``ball`` and 0 for ``no_ball``.
        video: what the column ``video`` says.
        labels: the classes that a label may be; ``dropped`` may stand in place of any.
        images: the sorted images of a video that is a folder: an image's place there is its frame.
        frames: number of frames of the video; None where nobody knows.

    Raises:
        UserError: on a missing file, another header, a frame that is no number, not in the video, or stands there
            twice, a label that is none of the classes, or a ball that is neither 1 nor 0.
    """
    lines = read_lines(path, "a CSV file with the columns frame,label")
    header = _fields(lines[0]) if lines else []
    if header not in (["frame", "label"], ["image", "label"], ["frame", "ball"]):
        raise UserError(
            f"{path}, line 1: the header is {','.join(header)!r}; write 'frame,label', or 'frame,ball' with 1 and 0"
        )
    meanings = _meanings(header[1], labels, f"{path}, line 1")
    places = {image.name: index for index, image in enumerate(images or ())}
    found: dict[int, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        where = f"{path}, line {number}"
        fields = _fields(line)
        if len(fields) != 2:
            raise UserError(f"{where}: {len(fields)} fields instead of {','.join(header)}; correct the line")
        if header[0] == "frame":
            frame = _frame(fields[0], frames, where)
        elif fields[0] in places:
            frame = places[fields[0]]
        else:
            raise UserError(f"{where}: there is no image {fields[0]!r} in the folder of {video}; correct the line")
        if fields[1] not in meanings:
            raise UserError(f"{where}: {header[1]} is {fields[1]!r}; write {_either(list(meanings))}")
        if frame in found:
            raise UserError(f"{where}: {header[0]} {fields[0]} stands there twice; delete one of the lines")
        found[frame] = meanings[fields[1]]
    rows = [(video, frame, label) for frame, label in sorted(found.items())]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def write(path: Path, table: pl.DataFrame) -> None:
    """Write the columns ``frame`` and ``label`` of the table, sorted by frame, atomically.

    Raises:
        ValueError: when the table holds more than one video.
    """
    if table["video"].n_unique() > 1:
        raise ValueError("a file of sorted frames holds one video; filter the table first")
    rows = table.sort("frame").select("frame", "label").iter_rows()
    write_text(path, "".join(["frame,label\n", *(f"{frame},{label}\n" for frame, label in rows)]))


def _meanings(column: str, labels: Sequence[str], where: str) -> dict[str, str]:
    """Return the label that each text in the second column stands for."""
    if column == "label":
        return {label: label for label in (*labels, DROPPED)}
    missing = [label for label in LABELS if label not in labels]
    if missing:
        raise UserError(
            f"{where}: the header is 'frame,ball', but the classes are {', '.join(labels)}; write 'frame,label'"
        )
    return {"1": BALL, "0": NO_BALL}


def _frame(text: str, frames: int | None, where: str) -> int:
    frame = whole(text, "the frame", where)
    if frame < 0:
        raise UserError(f"{where}: frame {frame} is negative; frames count from 0")
    if frames is not None and frame >= frames:
        raise UserError(f"{where}: frame {frame} is not in the video, whose {frames} frames count from 0")
    return frame


def _fields(line: str) -> list[str]:
    return [field.strip().strip('"') for field in line.split(",")]


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
