"""Draws the places where a tracker lost something, as large as an eye needs it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import polars as pl

from courtside.files import atomic_path, write_json
from courtside.trackers.render import Image, draw_tracks
from courtside.video.reader import read_selected

ABOUT = "losses.json"
WIDTH, HEIGHT = 480, 320
_JPEG_QUALITY = 85
# The picture is at least so many times as high as what was lost, and never more than so much enlarged.
_ROOM = 2.5
_MOST_ENLARGED = 3.0
_LOST: tuple[int, int, int] = (60, 40, 235)
_OUTLINE: tuple[int, int, int] = (255, 255, 255)
_SHOWN = ("condition", "video", "frame", "label", "track")


def write_losses(
    target: Path, tracker: str, lost: pl.DataFrame, tracks: Mapping[str, pl.DataFrame], videos: Mapping[str, Path]
) -> None:
    """Write a JPEG of each loss and ``losses.json`` into a folder that appears whole or not at all.

    Args:
        target: the folder.
        tracker: whose losses they are.
        lost: what :func:`courtside.metrics.condition_tables.first_losses` returns.
        tracks: boxes tables with identities, by video.
        videos: where the videos are.
    """
    entries = []
    with atomic_path(target) as folder:
        folder.mkdir()
        for row in lost.iter_rows(named=True):
            for frame in read_selected(videos[row["video"]], [row["frame"]]):
                here = tracks[row["video"]].filter(pl.col("frame") == frame.index)
                name = f"{row['condition']}.jpg"
                picture = loss_picture(frame.image, row, here)
                cv2.imwrite(str(folder / name), picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
                entries.append({"file": name, **{key: row[key] for key in _SHOWN}})
        write_json(folder / ABOUT, {"tracker": tracker, "losses": entries})


def loss_picture(image: Image, lost: Mapping[str, Any], tracks: pl.DataFrame) -> Image:
    """Draw the surroundings of a true box that was lost, with what the tracker holds there.

    Args:
        image: the frame, BGR, shape (height, width, 3), uint8; it is left as it is.
        lost: the corners ``x1, y1, x2, y2`` of the true box, pixels of the frame.
        tracks: boxes table of the frame as the tracker has it.

    Returns:
        BGR, shape (:data:`HEIGHT`, :data:`WIDTH`, 3), uint8: the lost box in red and white, the tracker's as in its
        video.
    """
    height, width = image.shape[:2]
    box_width, box_height = lost["x2"] - lost["x1"], lost["y2"] - lost["y1"]
    scale = min(_MOST_ENLARGED, HEIGHT / (_ROOM * box_height), WIDTH / (_ROOM * box_width))
    scale = max(scale, WIDTH / width, HEIGHT / height)  # no larger than the frame
    wide, high = WIDTH / scale, HEIGHT / scale
    left = min(max((lost["x1"] + lost["x2"] - wide) / 2, 0.0), width - wide)
    top = min(max((lost["y1"] + lost["y2"] - high) / 2, 0.0), height - high)
    x, y = round(left), round(top)
    around = image[y : y + round(high), x : x + round(wide)]
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    picture = np.asarray(cv2.resize(around, (WIDTH, HEIGHT), interpolation=interpolation), dtype=np.uint8)
    starts = {"x1": x, "y1": y, "x2": x, "y2": y}
    shown = tracks.with_columns(
        ((pl.col(column) - start) * scale).cast(pl.Float32) for column, start in starts.items()
    ).filter((pl.col("x2") > 0) & (pl.col("y2") > 0) & (pl.col("x1") < WIDTH) & (pl.col("y1") < HEIGHT))
    drawn = draw_tracks(picture, shown, {})
    corners = [round((lost[column] - start) * scale) for column, start in starts.items()]
    for ink, thickness in ((_OUTLINE, 5), (_LOST, 3)):
        cv2.rectangle(drawn, (corners[0], corners[1]), (corners[2], corners[3]), ink, thickness, cv2.LINE_AA)
    return drawn
