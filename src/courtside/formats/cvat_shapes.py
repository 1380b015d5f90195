"""The shapes of CVAT XML as the box around them, and their attributes with clear errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

from courtside.errors import UserError
from courtside.formats.fields import number
from courtside.formats.xml_stream import Element

Corners = tuple[float, float, float, float]


def corners_around(shape: Element, path: Path) -> Corners | None:
    """Return x1, y1, x2, y2 in pixels around a shape; None for one that no box can stand for.

    Raises:
        UserError: when an attribute is missing or no number.
    """
    read_shape = _SHAPES.get(shape.tag)
    return read_shape(shape, path) if read_shape else None


def attribute(element: Element, name: str, path: Path) -> str:
    """Return an attribute of an element; a UserError when it is missing."""
    if name not in element.attributes:
        raise UserError(f"{where(element, path)}: {name} is missing; export the labels again as CVAT 1.1")
    return element.attributes[name]


def where(element: Element, path: Path) -> str:
    """Return file, line and tag of an element, as errors name it."""
    return f"{path}, line {element.line}, <{element.tag}>"


def _box(shape: Element, path: Path) -> Corners:
    x1, y1, x2, y2 = (_number(shape, name, path) for name in ("xtl", "ytl", "xbr", "ybr"))
    degrees = number(shape.attributes.get("rotation", "0"), "rotation", where(shape, path))
    if not degrees:
        return x1, y1, x2, y2
    cosine, sine = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    half_width, half_height = (x2 - x1) / 2, (y2 - y1) / 2
    return _around(
        (x1 + x2) / 2,
        (y1 + y2) / 2,
        half_width * cosine + half_height * sine,
        half_width * sine + half_height * cosine,
    )


def _ellipse(shape: Element, path: Path) -> Corners:
    x, y, radius_x, radius_y = (_number(shape, name, path) for name in ("cx", "cy", "rx", "ry"))
    turn = math.radians(number(shape.attributes.get("rotation", "0"), "rotation", where(shape, path)))
    return _around(
        x,
        y,
        math.hypot(radius_x * math.cos(turn), radius_y * math.sin(turn)),
        math.hypot(radius_x * math.sin(turn), radius_y * math.cos(turn)),
    )


def _around(x: float, y: float, half_width: float, half_height: float) -> Corners:
    return x - half_width, y - half_height, x + half_width, y + half_height


def _polygon(shape: Element, path: Path) -> Corners:
    place = where(shape, path)
    points = [point.split(",") for point in attribute(shape, "points", path).split(";")]
    if any(len(point) != 2 for point in points):
        raise UserError(f"{place}: points must be x,y;x,y;…; export the labels again")
    xs = [number(point[0], "a point's x", place) for point in points]
    ys = [number(point[1], "a point's y", place) for point in points]
    return min(xs), min(ys), max(xs), max(ys)


def _mask(shape: Element, path: Path) -> Corners:
    left, top, width, height = (_number(shape, name, path) for name in ("left", "top", "width", "height"))
    return left, top, left + width, top + height


def _number(shape: Element, name: str, path: Path) -> float:
    return number(attribute(shape, name, path), name, where(shape, path))


_SHAPES: Mapping[str, Callable[[Element, Path], Corners]] = {
    "box": _box,
    "ellipse": _ellipse,
    "polygon": _polygon,
    "mask": _mask,
}
