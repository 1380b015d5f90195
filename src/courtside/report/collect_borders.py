"""The frames just on either side of each threshold of the cleaning, so that a person can move it by eye."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import frames, layout
from courtside.files import read_json
from courtside.report.content import Border
from courtside.report.content_pictures import Picture
from courtside.report.embed import encode_picture
from courtside.report.settings import PageSettings
from courtside.video.reader import read_selected

EACH_SIDE = 3
"""Frames shown on each side of a threshold."""
APART = 25
"""Frames of a video that lie nearer together than this are too alike to show both."""
WIDTH = 260
"""Width of a picture, in pixels."""
QUALITY = 72

# Threshold, its measure, whether what lies below is removed.
_FILTERS = (
    ("blur_below", "blur", True),
    ("dark_below", "brightness", True),
    ("bright_above", "brightness", False),
    ("empty_below", "variance", True),
    ("duplicate_above", "ssim_1", False),
)
_PAIRED = "ssim_1"
_Chosen = tuple[str, int, float]
_Pixels = Mapping[tuple[str, int], NDArray[np.uint8]]


def collect_borders(root: Path, settings: PageSettings) -> tuple[Border, ...]:
    """Choose the frames nearest to each threshold and embed them.

    Each filter is shown by itself: a frame on its border may have been removed by another. Of similarity both
    frames are shown, side by side. A video that is no longer there shows nothing.

    Args:
        root: the repository.
        settings: the plan behind the reports; its thresholds.
    """
    paths = {name: path for name in settings.videos if (path := _video(root, name))}
    tables = [frames.read(root / layout.clean(name)) for name in paths if (root / layout.clean(name)).is_file()]
    if not tables:
        return ()
    table = pl.concat(tables)
    chosen = {
        key: nearest(table, column, float(settings.thresholds[key]))
        for key, column, _ in _FILTERS
        if key in settings.thresholds
    }
    pixels = _read(paths, chosen)
    borders = []
    for key, column, low_goes in _FILTERS:
        below, above = (
            tuple(picture for each in side if (picture := _picture(pixels, each, column)))
            for side in chosen.get(key, ([], []))
        )
        if below or above:
            removed, kept = (below, above) if low_goes else (above, below)
            borders.append(Border(key, float(settings.thresholds[key]), removed, kept))
    return tuple(borders)


def nearest(table: pl.DataFrame, column: str, threshold: float) -> tuple[list[_Chosen], list[_Chosen]]:
    """Return the frames whose measure is nearest below, and nearest at or above, a threshold.

    Args:
        table: frames table of one or more videos.
        column: the measure.
        threshold: where the sides part.

    Returns:
        Two lists of (video, frame, value), nearest first, at most :data:`EACH_SIDE` each, no two of them within
        :data:`APART` frames of one video.
    """
    known = table.select("video", "frame", value=pl.col(column)).filter(
        pl.col("value").is_not_null() & pl.col("value").is_finite()
    )
    sides = (
        known.filter(pl.col("value") < threshold).sort("value", descending=True, maintain_order=True),
        known.filter(pl.col("value") >= threshold).sort("value", maintain_order=True),
    )
    below, above = (_spread(side.iter_rows()) for side in sides)
    return below, above


def _spread(rows: Iterable[_Chosen]) -> list[_Chosen]:
    kept: list[_Chosen] = []
    for video, frame, value in rows:
        if all(video != other or abs(frame - place) >= APART for other, place, _ in kept):
            kept.append((video, frame, value))
        if len(kept) == EACH_SIDE:
            break
    return kept


def _video(root: Path, name: str) -> Path | None:
    facts = root / layout.extract_facts(name)
    path = root / str(read_json(facts)["path"]) if facts.is_file() else None
    return path if path is not None and path.exists() else None


def _read(
    paths: Mapping[str, Path], chosen: Mapping[str, tuple[list[_Chosen], list[_Chosen]]]
) -> dict[tuple[str, int], NDArray[np.uint8]]:
    """Return the pixels of what is shown, shrunk, by video and frame."""
    wanted: dict[str, set[int]] = {}
    for key, column, _ in _FILTERS:
        for video, number, _ in itertools.chain(*chosen.get(key, ())):
            wanted.setdefault(video, set()).update((number, number + 1) if column == _PAIRED else (number,))
    pixels = {}
    for video, numbers in wanted.items():
        for frame in read_selected(paths[video], sorted(numbers)):
            height, width = frame.image.shape[:2]
            size = (min(WIDTH, width), max(1, round(height * min(WIDTH, width) / width)))
            shrunk = cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA)
            pixels[video, frame.index] = np.asarray(shrunk, dtype=np.uint8)
    return pixels


def _picture(pixels: _Pixels, chosen: _Chosen, column: str) -> Picture | None:
    video, number, value = chosen
    shown = [pixels.get((video, each)) for each in ((number, number + 1) if column == _PAIRED else (number,))]
    images = [image for image in shown if image is not None]
    if len(images) < len(shown):
        return None  # damaged since
    caption = f"{video} {number}: {value:.4g}"
    return encode_picture(np.hstack(images), caption, width=2 * WIDTH, quality=QUALITY)
