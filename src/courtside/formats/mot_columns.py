"""The lines of a MOTChallenge file all at once, where all of them are as they should be.

Reading a million lines one by one takes half a minute, at once one second. Only reading them one by one says which line
is wrong and why, so the readers do that where this returns None.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes
from courtside.errors import UserError
from courtside.formats.fields import MAXIMUM, read_lines


@dataclass(frozen=True)
class Columns:
    """The fields of all lines, in the order of the file.

    Attributes:
        frames: shape (lines,), int64, from 0.
        identities: shape (lines,), int64.
        corners: shape (lines, 4), float64, pixels: x1, y1, x2, y2.
        seventh: shape (lines,), float64: the flag of truth, the confidence of detections and tracks; 1 without.
        classes: shape (lines,), int64; −1 without.
        visibilities: shape (lines,), float64; −1 without.
    """

    frames: NDArray[np.int64]
    identities: NDArray[np.int64]
    corners: NDArray[np.float64]
    seventh: NDArray[np.float64]
    classes: NDArray[np.int64]
    visibilities: NDArray[np.float64]

    def table(self, rows: NDArray[np.bool_], video: str, source: str, values: dict[str, object]) -> pl.DataFrame:
        """Return a boxes table of some of the lines.

        Args:
            rows: which lines, (lines,).
            video: name of the video.
            source: who says so.
            values: ``label``, and ``score``, ``track`` or ``visibility`` where they are not null, of these lines.
        """
        corners = {name: self.corners[rows, place] for place, name in enumerate(boxes.CORNERS)}
        columns = {"frame": self.frames[rows], **corners, **values}
        return boxes.check(
            pl.DataFrame(columns).with_columns(video=pl.lit(video, pl.String), source=pl.lit(source, pl.String))
        )


def read_columns(path: Path, first_frame: int = 1, least: int = 6) -> Columns | None:
    """Read a file whose lines all have the same 6 to 10 fields, each a usable number.

    Args:
        path: the file.
        first_frame: the number of the first frame in the file.
        least: how many fields a line needs.

    Returns:
        None where a line is otherwise, or a box of it could not be one.
    """
    values = _numbers(path)
    if values is None or not least <= values.shape[1] <= 10 or not (np.abs(values) <= MAXIMUM).all():
        return None
    named = values.shape[1] in (8, 9)
    classes = values[:, 7] if named else np.full(len(values), -1.0)
    seen = values[:, 8] if values.shape[1] == 9 else np.full(len(values), -1.0)
    left, top, width, height = values[:, 2:6].T
    corners = np.column_stack([left, top, left + width, top + height])
    narrow = corners.astype(np.float32)
    rules: Sequence[Callable[[], NDArray[np.bool_]]] = (
        lambda: (values[:, :2] == np.floor(values[:, :2])).all(axis=1) & (values[:, 0] >= first_frame),
        lambda: classes == np.floor(classes),
        lambda: (seen == -1) | ((seen >= 0) & (seen <= 1)),
        lambda: (narrow[:, 0] < narrow[:, 2]) & (narrow[:, 1] < narrow[:, 3]),
    )
    if not all(rule().all() for rule in rules):
        return None
    return Columns(
        values[:, 0].astype(np.int64) - first_frame,
        values[:, 1].astype(np.int64),
        corners,
        values[:, 6] if values.shape[1] > 6 else np.ones(len(values)),
        classes.astype(np.int64),
        seen,
    )


def split_lines(path: Path, expected: str, least: int, columns: str) -> Iterator[tuple[list[str], str]]:
    """Yield the fields of each line that is not empty, and where it stands.

    Args:
        path: the file.
        expected: what kind of file it should be.
        least: how many fields a line needs; the most are 10.
        columns: what they are.

    Raises:
        UserError: when the file cannot be read, or a line has too few fields, too many, or not as many as the first.
    """
    first: tuple[int, int] | None = None
    for place, line in enumerate(read_lines(path, expected), start=1):
        if not line.strip():
            continue
        fields, where = line.split(","), f"{path}, line {place}"
        if not least <= len(fields) <= 10:
            raise UserError(
                f"{where}: {len(fields)} fields, but there must be {least} to 10 separated by commas ({columns}); "
                "correct the line"
            )
        first = first or (len(fields), place)
        if len(fields) != first[0]:
            raise UserError(f"{where}: {len(fields)} fields, but line {first[1]} has {first[0]}; correct one of them")
        yield fields, where


def has_tracks_once(table: pl.DataFrame) -> bool:
    """Return whether no track of a label has two boxes on a frame of a boxes table of one video."""
    tracked = table.filter(pl.col("track").is_not_null())
    return not tracked.select(pl.struct("frame", "track", "label").is_duplicated().any()).item()


def _numbers(path: Path) -> NDArray[np.float64] | None:
    try:
        content = path.read_bytes().removeprefix(codecs.BOM_UTF8)
        table = pl.read_csv(io.BytesIO(content), has_header=False, quote_char=None, infer_schema=False)
        numbers = table.select(pl.all().str.strip_chars().cast(pl.Float64, strict=True))
    except (OSError, pl.exceptions.PolarsError):
        return None
    return None if any(numbers.null_count().row(0)) else numbers.to_numpy()
