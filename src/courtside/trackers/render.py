"""Draws boxes, identities and trails into the frames of a video."""

from __future__ import annotations

import colorsys
import itertools
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.trackers.tags import draw_tags, tag_of
from courtside.trackers.trails import Trails
from courtside.video.fit import Fit
from courtside.video.reader import read_frames
from courtside.video.retime import at_own_rate, at_rate
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
    labels = dict(trails.labels) if isinstance(trails, Trails) else {}
    labels |= dict(boxes.filter(pl.col("track").is_not_null()).select("track", "label").iter_rows())
    for track, points in trails.items():
        _draw_trail(drawn, points, color_of(labels.get(track, ""), track), thickness)
    for row in boxes.filter(pl.col("label").is_in(list(_LABEL_COLORS))).iter_rows(named=True):
        _uncover(drawn, image, row)
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
        tags.append((tag_of(row["label"], row["track"]), (x1, y1, x2, y2), color))
    draw_tags(drawn, tags)
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
    size: tuple[int, int] | None = None,
    rate: Fraction | int | None = None,
    beside: bool = False,
    report: Callable[[int, int], None] | None = None,
) -> None:
    """Write a video with its boxes drawn in, H.264 as a browser plays it.

    Args:
        source: the video that the boxes belong to.
        boxes: boxes table of that video; boxes without ``track`` are drawn grey.
        target: the MP4 to write; it appears when it is whole.
        trail_length: frames of the source that a trail reaches back.
        crf: quality of x264, 0–51, lower is better and larger.
        start: first frame.
        stop: frame after the last; to the end where not given.
        size: width and height of the picture, which is scaled evenly into it; None keeps the source's.
        rate: pictures a second, each the frame nearest in time; None keeps the source's.
        beside: show the source to the left of the drawn picture: the video is then twice as wide.
        report: called with frames done and frames in all.

    Raises:
        UserError: when the video cannot be read.
    """
    info = probe(source)
    end = info.frames if stop is None else min(stop, info.frames)
    of_frame = {key[0]: rows for key, rows in boxes_table.check(boxes).partition_by("frame", as_dict=True).items()}
    nothing = boxes_table.empty()
    width, height = size or (info.width, info.height)
    trails = Trails(trail_length)
    frames = read_frames(source, start, end)
    last_s = float(1 / info.frames_per_second)
    timed = at_own_rate(frames, start) if rate is None else at_rate(frames, rate, last_s)
    out_rate = info.frames_per_second if rate is None else rate
    with VideoWriter(target, width * (1 + beside), height, out_rate, crf=crf) as writer:
        for frame, times in timed:
            fit = Fit.of(frame.image.shape[1], frame.image.shape[0], width, height)
            # Drawn at the size that is shown: lines and letters are then sharp, whatever the source.
            rows = _moved(of_frame.get(frame.index, nothing), fit)
            trails.advance(frame.index, rows)
            if times:
                plain = fit.picture(frame.image)
                drawn = draw_tracks(plain, rows, trails)
                picture = np.concatenate([plain, drawn], axis=1) if beside else drawn
            for _ in range(times):
                writer.write(picture)
            if report is not None:
                report(frame.index - start + 1, end - start)


def _moved(boxes: pl.DataFrame, fit: Fit) -> pl.DataFrame:
    """Return the boxes of a frame as they lie where it is shown."""
    moved = fit.corners(boxes_table.corners(boxes))
    return boxes.with_columns(
        pl.Series(name, moved[:, column], dtype=pl.Float32) for column, name in enumerate(boxes_table.CORNERS)
    )


def _uncover(drawn: Image, image: Image, row: Mapping[str, float]) -> None:
    """Put back what is inside a box: paths end at the ball, not on it."""
    left, top = max(0, round(row["x1"])), max(0, round(row["y1"]))
    inside = np.s_[top : max(top, round(row["y2"])), left : max(left, round(row["x2"]))]
    drawn[inside] = image[inside]


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
