"""Draws boxes, identities and trails into the frames of a video."""

from __future__ import annotations

import colorsys
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.trackers.trails import Trails
from courtside.video.reader import read_frames
from courtside.video.source import probe
from courtside.video.writer import VideoWriter

Image = NDArray[np.uint8]
Color = tuple[int, int, int]

# The ball has one colour whatever its identity, so that the eye finds it; from Okabe & Ito (2008), as BGR.
_LABEL_COLORS: Mapping[str, Color] = {"ball": (0, 159, 230)}
_GOLDEN_ANGLE = 0.6180339887
# Positions are drawn to a sixteenth of a pixel, or slow objects would jump.
_SHIFT = 4
_LONGEST_GAP = 5
_SMALL_PX, _ROOM_PX = 20, 4
_OUTLINE: Color = (20, 20, 20)


def color_of(label: str, track: int | None) -> Color:
    """Return the colour of a box as BGR: fixed for a ball, by identity for others, grey without one."""
    if label in _LABEL_COLORS:
        return _LABEL_COLORS[label]
    if track is None:
        return (190, 190, 190)
    # The golden angle keeps the hues of neighbouring identities far apart, and clear of the ball's orange.
    hue = 0.16 + 0.84 * ((track * _GOLDEN_ANGLE) % 1.0)
    lightness = (0.5, 0.66, 0.8)[track % 3]
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, 0.75)
    return (round(blue * 255), round(green * 255), round(red * 255))


def draw_tracks(image: Image, boxes: pl.DataFrame, trails: Mapping[int, NDArray[np.float64]]) -> Image:
    """Draw the boxes of one frame, their labels and identities, and the trails.

    Args:
        image: BGR, shape (height, width, 3), uint8; it is left as it is.
        boxes: boxes table of the frame.
        trails: positions of each track, arrays (n, 3) of frame, x, y; see :class:`courtside.trackers.trails.Trails`.

    Returns:
        A new image of the same shape.
    """
    drawn = image.copy()
    thickness = max(2, round(min(image.shape[:2]) / 400))
    labels = dict(boxes.filter(pl.col("track").is_not_null()).select("track", "label").iter_rows())
    for track, points in trails.items():
        _draw_trail(drawn, points, color_of(labels.get(track, ""), track), thickness)
    tags = []
    for row in boxes.iter_rows(named=True):
        color = color_of(row["label"], row["track"])
        corners = (row["x1"], row["y1"], row["x2"], row["y2"])
        # A line as wide as the ball would hide it: a small box is drawn around, not over.
        room = _ROOM_PX if min(corners[2] - corners[0], corners[3] - corners[1]) < _SMALL_PX else 0
        x1, y1, x2, y2 = corners[0] - room, corners[1] - room, corners[2] + room, corners[3] + room
        start, end = _fixed(x1, y1), _fixed(x2, y2)
        cv2.rectangle(drawn, start, end, _OUTLINE, thickness + 2, cv2.LINE_AA, _SHIFT)
        cv2.rectangle(drawn, start, end, color, thickness, cv2.LINE_AA, _SHIFT)
        identity = "" if row["track"] is None else f" {row['track']}"
        tags.append((f"{row['label']}{identity}", (x1, y1, x2, y2), color))
    for text, corners, color in tags:
        _draw_tag(drawn, text, corners, color)
    return drawn


def render_video(
    source: Path,
    boxes: pl.DataFrame,
    target: Path,
    *,
    trail_length: int = 25,
    crf: int = 26,
    start: int = 0,
    stop: int | None = None,
    report: Callable[[int, int], None] | None = None,
) -> None:
    """Write a video with its boxes drawn in, H.264 as a browser plays it.

    Args:
        source: the video that the boxes belong to.
        boxes: boxes table of that video; boxes without ``track`` are drawn grey.
        target: the MP4 to write; it appears when it is whole.
        trail_length: frames that a trail reaches back.
        crf: quality of x264, 0–51, lower is better and larger.
        start: first frame.
        stop: frame after the last; to the end where not given.
        report: called with frames done and frames in all.

    Raises:
        UserError: when the video cannot be read.
    """
    info = probe(source)
    end = info.frames if stop is None else min(stop, info.frames)
    of_frame = {key[0]: rows for key, rows in boxes_table.check(boxes).partition_by("frame", as_dict=True).items()}
    nothing = boxes_table.empty()
    trails = Trails(trail_length)
    written = 0
    with VideoWriter(target, info.width, info.height, info.frames_per_second, crf=crf) as writer:
        for frame in read_frames(source, start, end):
            rows = of_frame.get(frame.index, nothing)
            trails.advance(frame.index, rows)
            drawn = draw_tracks(frame.image, rows, trails)
            if drawn.shape[:2] != (info.height, info.width):
                drawn = np.asarray(cv2.resize(drawn, (info.width, info.height)), dtype=np.uint8)
            # A damaged frame is left out by the reader: the next picture stands for it, or the rest would come early.
            while written <= frame.index - start:
                writer.write(drawn)
                written += 1
            if report is not None:
                report(frame.index - start + 1, end - start)


def _fixed(x: float, y: float) -> tuple[int, int]:
    # A box edge at 10.0 runs between pixels 9 and 10; OpenCV's coordinates are of pixel centres.
    return round((x - 0.5) * (1 << _SHIFT)), round((y - 0.5) * (1 << _SHIFT))


def _draw_trail(image: Image, points: NDArray[np.float64], color: Color, thickness: int) -> None:
    pieces = [
        (_fixed(x1, y1), _fixed(x2, y2), number / len(points))
        for number, ((before, x1, y1), (now, x2, y2)) in enumerate(itertools.pairwise(points), start=1)
        if now - before <= _LONGEST_GAP
    ]
    for outline in (True, False):
        for start, end, strength in pieces:
            width = max(1, round(thickness * (0.5 + 1.5 * strength)))
            ink = _OUTLINE if outline else color
            cv2.line(image, start, end, ink, width + 2 * outline, cv2.LINE_AA, _SHIFT)


def _draw_tag(image: Image, text: str, corners: tuple[float, float, float, float], color: Color) -> None:
    scale = max(0.4, min(image.shape[:2]) / 1350)
    (width, height), below = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, 1)
    pad = max(2, round(4 * scale))
    x1, y1, _, y2 = corners
    left = int(np.clip(round(x1), 0, max(0, image.shape[1] - width - 2 * pad)))
    total = height + below + 2 * pad
    top = round(y1) - total - 2
    if top < 0:
        top = min(round(y2) + 2, image.shape[0] - total)
    cv2.rectangle(image, (left, top), (left + width + 2 * pad, top + total), color, cv2.FILLED)
    luma = 0.114 * color[0] + 0.587 * color[1] + 0.299 * color[2]
    ink = (0, 0, 0) if luma > 110 else (255, 255, 255)
    baseline = (left + pad, top + pad + height)
    cv2.putText(image, text, baseline, cv2.FONT_HERSHEY_DUPLEX, scale, ink, 1, cv2.LINE_AA)
