"""Fields of text files as numbers, and numbers as text that loses nothing; what is wrong is a UserError."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from courtside import boxes
from courtside.errors import UserError

# What the int32 columns of the boxes table hold.
MAXIMUM = 2**31 - 1


class Row(NamedTuple):
    """One box as a reader finds it; corners in pixels."""

    frame: int
    x1: float
    y1: float
    x2: float
    y2: float
    label: str
    track: int | None
    visibility: float | None


def human_boxes(video: str, rows: Sequence[Row]) -> pl.DataFrame:
    """Return the boxes table of what a person drew: source ``human``, score 1."""
    schema = {name: boxes.SCHEMA[name] for name in Row._fields}
    table = pl.DataFrame(list(rows), schema=schema, orient="row")
    return boxes.check(
        table.with_columns(
            pl.lit(video).alias("video"), pl.lit(1.0, dtype=pl.Float32).alias("score"), pl.lit("human").alias("source")
        )
    )


def read_lines(path: Path, expected: str) -> list[str]:
    """Return the lines of a UTF-8 file; ``expected`` names the kind of file in the error.

    Raises:
        UserError: when the file is missing, a folder, or no text.
    """
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; name {expected}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is no UTF-8 text; name {expected}") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); name {expected}") from None


def number(text: str, name: str, where: str) -> float:
    """Return a finite number.

    Args:
        text: the field.
        name: what the field is called in the error.
        where: file and line or element, which starts the error.

    Raises:
        UserError: when the field is no finite number.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or abs(value) > MAXIMUM:
        raise UserError(f"{where}: {name} is {text.strip()!r}, which is no usable number; correct the file")
    return value


def whole(text: str, name: str, where: str) -> int:
    """Return a whole number, which may be written as ``7.0``; arguments and errors as for :func:`number`."""
    value = number(text, name, where)
    if value != int(value):
        raise UserError(f"{where}: {name} is {text.strip()!r}, but must be a whole number; correct the file")
    return int(value)


def share(text: str, name: str, where: str) -> float:
    """Return a number within 0–1; arguments and errors as for :func:`number`."""
    value = number(text, name, where)
    if not 0 <= value <= 1:
        raise UserError(f"{where}: {name} is {text.strip()!r}, but must lie within 0 and 1; correct the file")
    return value


def check_area(x1: float, y1: float, x2: float, y2: float, where: str) -> None:
    """Raise a UserError when the box has no area in the precision of the boxes table (float32)."""
    if not (np.float32(x1) < np.float32(x2) and np.float32(y1) < np.float32(y2)):
        raise UserError(f"{where}: the box has no area (from {x1:g}, {y1:g} to {x2:g}, {y2:g}); correct or delete it")


def trailing_number(name: str, where: str) -> int:
    """Return the frame number in an image name: the digits its stem ends in (``frame_000123.jpg`` is 123).

    Raises:
        UserError: when the stem ends in no digit.
    """
    stem = Path(name).stem
    digits = stem[len(stem.rstrip("0123456789")) :]
    if not digits:
        raise UserError(
            f"{where}: image name {name!r} does not end in a frame number; name images like frame_000123.jpg"
        )
    return whole(digits, "the frame number", where)


def image_frames(names: Sequence[tuple[str, str]], images: Sequence[Path] | None) -> list[int]:
    """Return the frame of each image name.

    Args:
        names: image name, and where it stands for the error.
        images: the images of a video that is a folder, sorted: the image's place there is its frame.
            None: the frame is the number the name ends in.

    Raises:
        UserError: when a name is not among the images, holds no number, or two names mean one frame.
    """
    places = None if images is None else {path.name: index for index, path in enumerate(images)}
    seen: dict[int, str] = {}
    for name, where in names:
        if places is None:
            frame = trailing_number(name, where)
        else:
            # Names may come from Windows, and with the folder they were uploaded from.
            base = name.replace("\\", "/").rsplit("/", 1)[-1]
            if base not in places:
                raise UserError(f"{where}: image {name!r} is not in the video's folder; name the labels of this folder")
            frame = places[base]
        if frame in seen:
            raise UserError(
                f"{where}: images {seen[frame]!r} and {name!r} are both frame {frame}; label one video a file"
            )
        seen[frame] = name
    return list(seen)


def check_tracks_once(rows: Sequence[Row], path: Path) -> None:
    """Raise a UserError when a track of a label has two boxes on one frame."""
    seen = set()
    for row in rows:
        if row.track is None:
            continue
        key = (row.frame, row.track, row.label)
        if key in seen:
            raise UserError(
                f"{path}: track {row.track} has two boxes labelled {row.label!r} on frame {row.frame} (from 0); "
                "delete one of them"
            )
        seen.add(key)


def single_video(table: pl.DataFrame) -> pl.DataFrame:
    """Return the checked boxes table.

    Raises:
        ValueError: when it breaks the schema, or holds more than one video.
    """
    result = boxes.check(table)
    if result["video"].n_unique() > 1:
        raise ValueError("a label file holds one video; filter the boxes table first")
    return result


def decimal(value: float) -> str:
    """Return the shortest decimal, without exponent, that reads back as the same float32."""
    return np.format_float_positional(np.float32(value), unique=True, trim="-")


def left_top_size(x1: float, y1: float, x2: float, y2: float) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Return left, top, width, height as short decimals whose sums read back as the same corners, within 1e-9 px."""
    left, top, right, bottom = (Decimal(decimal(corner)) for corner in (x1, y1, x2, y2))
    return left, top, right - left, bottom - top


def edges_text(x1: float, y1: float, x2: float, y2: float) -> str:
    """Return ``left,top,width,height`` as MOTChallenge writes a box; see :func:`left_top_size`."""
    return ",".join(f"{value:f}" for value in left_top_size(x1, y1, x2, y2))
