"""A box of one frame as a person sees and changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from courtside import boxes
from courtside.errors import UserError
from courtside.review.questions import Key


@dataclass(frozen=True)
class BoxOnFrame:
    """One box.

    Attributes:
        x1, y1, x2, y2: corners in pixels of the source frame, half-open, float32.
        label: what it holds.
        score: of the detector, 0–1; None for one that a person drew.
        rejected: whether a person has said that it is wrong.
        track: identity, where the box has one.
        visibility: share that can be seen, 0–1, where somebody said.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    label: str
    score: float | None = None
    rejected: bool = False
    track: int | None = None
    visibility: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the box as plain values."""
        return asdict(self)


def from_json(values: Mapping[str, Any], labels: Sequence[str], size: tuple[int, int] | None = None) -> BoxOnFrame:
    """Return a box from plain values, cut to the picture.

    Args:
        values: what :meth:`BoxOnFrame.to_json` returns.
        labels: what it may hold.
        size: width and height of the picture in pixels; None cuts nothing.

    Raises:
        UserError: when the label is none of those, or nothing is left of the box.
        KeyError, TypeError, ValueError: when the values are no box.
    """
    label = str(values["label"])
    if label not in labels:
        raise UserError(f"label {label!r} is none of {', '.join(labels)}")
    x1, y1, x2, y2 = (float(np.float32(values[corner])) for corner in boxes.CORNERS)
    if not np.isfinite([x1, y1, x2, y2]).all():
        raise ValueError("a corner is no number")
    if size is not None:
        x1, x2 = (min(max(x, 0.0), float(size[0])) for x in (x1, x2))
        y1, y2 = (min(max(y, 0.0), float(size[1])) for y in (y1, y2))
    if x1 >= x2 or y1 >= y2:
        raise UserError("the box lies outside of the picture; draw it again")
    score, track, visibility = values.get("score"), values.get("track"), values.get("visibility")
    return BoxOnFrame(
        x1,
        y1,
        x2,
        y2,
        label,
        None if score is None else float(score),
        bool(values.get("rejected", False)),
        None if track is None else int(track),
        None if visibility is None else float(visibility),
    )


def from_table(table: pl.DataFrame) -> dict[Key, tuple[BoxOnFrame, ...]]:
    """Return the boxes of each frame of a boxes table; those of a person are without a score."""
    columns = ("x1", "y1", "x2", "y2", "label", "score", "source", "track", "visibility")
    found: dict[Key, list[BoxOnFrame]] = {}
    for video, frame, x1, y1, x2, y2, label, score, source, track, visibility in table.select(
        "video", "frame", *columns
    ).iter_rows():
        told = None if source == "human" else score
        box = BoxOnFrame(x1, y1, x2, y2, label, told, track=track, visibility=visibility)
        found.setdefault(Key(video, frame), []).append(box)
    return {key: tuple(listed) for key, listed in found.items()}


def accepted(drawn: Sequence[BoxOnFrame]) -> tuple[BoxOnFrame, ...]:
    """Return the boxes that are not rejected, as a person's: without a score."""
    return tuple(replace(box, score=None) for box in drawn if not box.rejected)
