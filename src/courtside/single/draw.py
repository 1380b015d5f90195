"""The path of one object and where it mostly was, drawn on the picture of the court."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.files import atomic_path
from courtside.single.protocol import Image
from courtside.video.reader import read_selected
from courtside.video.source import probe

# Frames without a box over which a path is not drawn on.
_LONGEST_GAP = 5
_DARK: tuple[int, int, int] = (20, 20, 20)
# Under path and heat the court is darker and has less colour, so that both are seen on any floor.
_COURT_SHARE = 0.55


def court_picture(path: Path, samples: int = 25) -> Image:
    """Return the picture of a court without what moves on it: the median of frames spread over a video.

    It is sharp where the camera stands still; where it pans, take a frame instead.

    Args:
        path: a video file or a folder of images.
        samples: how many frames.

    Returns:
        BGR, shape (height, width, 3), uint8.
    """
    info = probe(path)
    wanted = np.unique(np.linspace(0, info.frames - 1, min(samples, info.frames)).round().astype(int))
    frames = [frame.image for frame in read_selected(path, wanted.tolist())]
    same = [frame for frame in frames if frame.shape == frames[0].shape]
    return np.asarray(np.median(np.stack(same), axis=0), dtype=np.uint8)


def path_picture(court: Image, boxes: pl.DataFrame) -> Image:
    """Draw the path of an object: from blue to red in time, a ring where it begins and a dot where it ends.

    Args:
        court: BGR, shape (height, width, 3), uint8; it is left as it is.
        boxes: boxes table of one object; where it has no box for long, the path has a gap.
    """
    drawn = _dimmed(court)
    if not boxes.height:
        return drawn
    thickness = max(2, round(min(court.shape[:2]) / 250))
    points = centres(boxes)
    frames = boxes["frame"].to_numpy()
    span = max(1, int(frames[-1] - frames[0]))
    shades = ((frames - frames[0]) * 255 // span).astype(np.uint8)
    colours = cv2.applyColorMap(shades[:, None], cv2.COLORMAP_TURBO)[:, 0].tolist()
    for outline in (True, False):
        for place, (before, now) in enumerate(itertools.pairwise(frames), start=1):
            if now - before <= _LONGEST_GAP:
                ink = _DARK if outline else colours[place]
                start, end = _fixed(points[place - 1]), _fixed(points[place])
                cv2.line(drawn, start, end, ink, thickness + 2 * outline, cv2.LINE_AA, 4)
    for ink, width in ((_DARK, thickness + 2), (colours[0], thickness)):
        cv2.circle(drawn, _fixed(points[0]), 3 * thickness << 4, ink, width, cv2.LINE_AA, 4)
    cv2.circle(drawn, _fixed(points[-1]), 3 * thickness << 4, _DARK, cv2.FILLED, cv2.LINE_AA, 4)
    cv2.circle(drawn, _fixed(points[-1]), 2 * thickness << 4, colours[-1], cv2.FILLED, cv2.LINE_AA, 4)
    return drawn


def heat_picture(court: Image, boxes: pl.DataFrame, spread_px: float | None = None) -> Image:
    """Draw how long an object was where: the density of its centres over the court, warmer where it was longer.

    Args:
        court: BGR, shape (height, width, 3), uint8; it is left as it is.
        boxes: boxes table of one object.
        spread_px: standard deviation of the kernel; None takes a fortieth of the picture's diagonal.
    """
    drawn = _dimmed(court)
    height, width = court.shape[:2]
    density = np.zeros((height, width), dtype=np.float32)
    for x, y in centres(boxes):
        if 0 <= x < width and 0 <= y < height:
            density[int(y), int(x)] += 1
    if not density.any():
        return drawn
    spread = float(np.hypot(width, height)) / 40 if spread_px is None else spread_px
    density = np.asarray(cv2.GaussianBlur(density, (0, 0), spread), dtype=np.float32)
    # The root, or one long rest would leave the rest of the path without colour.
    share = np.sqrt(density / density.max())
    warm = cv2.applyColorMap((share * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    weight = np.clip(share * 1.4, 0, 0.85)[..., None]
    return np.asarray(drawn * (1 - weight) + warm * weight, dtype=np.uint8)


def write_picture(path: Path, image: Image) -> None:
    """Write an image as PNG, atomically."""
    with atomic_path(path) as temporary:
        cv2.imwrite(str(temporary), image)


def centres(boxes: pl.DataFrame) -> NDArray[np.float64]:
    """Return the centres of boxes, x and y, shape (n, 2)."""
    corners = boxes_table.corners(boxes).astype(np.float64)
    return (corners[:, :2] + corners[:, 2:]) / 2


def _dimmed(court: Image) -> Image:
    grey = cv2.cvtColor(cv2.cvtColor(court, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return np.asarray(court * _COURT_SHARE + grey * (0.75 - _COURT_SHARE), dtype=np.uint8)


def _fixed(point: NDArray[np.float64]) -> tuple[int, int]:
    return round((float(point[0]) - 0.5) * 16), round((float(point[1]) - 0.5) * 16)
