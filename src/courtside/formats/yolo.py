"""YOLO labels: a text file an image, a line a box of class, centre x, centre y, width, height.

Coordinates are shares of the picture's width and height, 0–1, with (0, 0) at its top-left corner
(Ultralytics, "Object Detection Datasets Overview"). A line of class and three or more points is a
polygon; it is read as the box around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.boxes import corners
from courtside.errors import UserError
from courtside.files import write_text
from courtside.formats.annotations import Annotations
from courtside.formats.fields import Row, check_area, human_boxes, number, read_lines, single_video, whole

# Tools round centre and size separately, so that an edge on the border may fall a little outside.
_OVERSHOOT = 0.01


def read_folder(
    labels: Path, images: Sequence[Path], sizes: Sequence[tuple[int, int]], video: str, classes: Mapping[int, str]
) -> Annotations:
    """Read the label files of a folder of images.

    The labels of ``images/a.jpg`` are in ``labels/a.txt``. An image without such a file was not
    looked at; one with an empty file was, and nothing is there. Files without an image are passed
    over, as ``classes.txt`` is.

    Args:
        labels: the folder of label files.
        images: the images, sorted; image *i* is frame *i*.
        sizes: width and height of each image, in pixels.
        video: name of the video in the table.
        classes: class number to label; boxes of other classes are left out. Several classes may have one label.

    Returns:
        Boxes with null track and visibility, and the frames a person looked at.

    Raises:
        UserError: when the folder is missing, no file belongs to an image, or a line is no box.
    """
    if not labels.is_dir():
        raise UserError(f"{labels} is no folder; name the folder of YOLO label files")
    rows: list[Row] = []
    frames = []
    for frame, (image, (width, height)) in enumerate(zip(images, sizes, strict=True)):
        path = labels / f"{image.stem}.txt"
        if not path.is_file():
            continue
        frames.append(frame)
        for place, line in enumerate(read_lines(path, "a YOLO label file"), start=1):
            if line.strip():
                row = _row(line.split(), frame, width, height, classes, f"{path}, line {place}")
                rows += [row] if row else []
    if not frames:
        raise UserError(f"{labels} holds no label file for any of {len(images)} images; IMAGE.jpg needs IMAGE.txt")
    return Annotations(human_boxes(video, rows), frames)


def _row(fields: list[str], frame: int, width: int, height: int, classes: Mapping[int, str], where: str) -> Row | None:
    category, shares, (x1, y1, x2, y2) = read_line(fields, where)
    if shares.min() < -_OVERSHOOT or shares.max() > 1 + _OVERSHOOT:
        raise UserError(f"{where}: a coordinate is not within 0 and 1; YOLO wants shares of the picture, not pixels")
    left, top, right, bottom = x1 * width, y1 * height, x2 * width, y2 * height
    check_area(left, top, right, bottom, where)
    if category not in classes:
        return None
    return Row(frame, left, top, right, bottom, classes[category], None, None)


def read_line(fields: Sequence[str], where: str) -> tuple[int, NDArray[np.float64], tuple[float, float, float, float]]:
    """Return what a line says, whether or not it makes sense.

    Args:
        fields: the line, split at its spaces.
        where: file and line, which starts the error.

    Returns:
        The class number, the coordinates as they stand there, and x1, y1, x2, y2 of the box or of the box around the
        polygon; all are shares of the picture's width and height.

    Raises:
        UserError: when the number of fields is that of no box, or one is no number.
    """
    is_polygon = len(fields) >= 7 and len(fields) % 2 == 1
    if len(fields) != 5 and not is_polygon:
        raise UserError(
            f"{where}: {len(fields)} fields, but a box has 5 (class, centre x, centre y, width, height) "
            "and a polygon an odd number from 7; correct the line"
        )
    category = whole(fields[0], "the class", where)
    shares = np.array([number(text, "a coordinate", where) for text in fields[1:]])
    if is_polygon:
        edges = shares[0::2].min(), shares[1::2].min(), shares[0::2].max(), shares[1::2].max()
    else:
        x, y, wide, high = shares
        edges = x - wide / 2, y - high / 2, x + wide / 2, y + high / 2
    return category, shares, (float(edges[0]), float(edges[1]), float(edges[2]), float(edges[3]))


def write_labels(path: Path, boxes: pl.DataFrame, width: int, height: int, classes: Sequence[str]) -> None:
    """Write the label file of one image, atomically; an image without a box gets an empty file.

    Boxes are cut at the picture's border, because trainers refuse an image with a coordinate
    outside of it; boxes wholly outside are left out. The format has no place for score, source,
    track and visibility.

    Args:
        path: the file.
        boxes: boxes table of one frame.
        width: of the image, in pixels.
        height: of the image, in pixels.
        classes: the labels in the order of their class numbers.

    Raises:
        ValueError: when a label is not among the classes, or the boxes lie on several frames.
    """
    table = single_video(boxes)
    if table["frame"].n_unique() > 1:
        raise ValueError("a YOLO label file holds one frame; filter the boxes table first")
    numbers = {label: place for place, label in enumerate(classes)}
    unknown = sorted(set(table["label"]) - set(numbers))
    if unknown:
        raise ValueError(f"no class for the labels {unknown}")
    size = np.array([width, height, width, height], dtype=np.float64)
    lines = []
    for label, edges in zip(table["label"].to_list(), corners(table).astype(np.float64) / size, strict=True):
        x1, y1, x2, y2 = np.clip(edges, 0, 1)
        if x1 < x2 and y1 < y2:
            values = ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)
            lines.append(f"{numbers[label]} {' '.join(_share(value) for value in values)}\n")
    write_text(path, "".join(lines))


def _share(value: float) -> str:
    """Return twelve significant digits without exponent: a billionth of a pixel."""
    return np.format_float_positional(value, precision=12, fractional=False, trim="-")
