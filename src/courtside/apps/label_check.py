"""``courtside labels check``: what is wrong with a tree of images and YOLO labels, down to the line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from courtside.errors import UserError
from courtside.formats import yolo, yolo_tree
from courtside.formats.fields import read_lines

# Kinds of problems, in the order of the report.
KINDS = (
    "images without labels",
    "labels without an image",
    "unreadable images",
    "unreadable label files",
    "unreadable lines",
    "wrong class ids",
    "zero-size boxes",
    "boxes out of frame",
    "duplicate boxes",
    "images that share a label file",
)
# Tools round centres and sizes to four digits and more: less than this is no box that somebody drew outside.
_TOLERANCE_PIXELS = 1.0
# Two boxes are one when they agree to a millionth of the picture, the digits that most tools write.
_DIGITS = 6


@dataclass
class Findings:
    """What a check has counted.

    Attributes:
        problems: of each kind.
        images: in all.
        labelled: images with a label file.
        empty: images whose label file holds no box.
        boxes: of each class number, the wrong ones left out.
    """

    problems: Counter[str] = field(default_factory=Counter)
    images: int = 0
    labelled: int = 0
    empty: int = 0
    boxes: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class Problem:
    """One problem: its kind, and a line on what and where."""

    kind: str
    text: str


def check(
    root: Path,
    images: Path | None,
    classes: Mapping[int, str] | None,
    found: Findings,
    *,
    background: bool,
    report: Callable[[int], None],
) -> Iterator[Problem]:
    """Yield every problem of a tree, and count into ``found``.

    A box counts as out of frame when an edge lies more than a pixel outside.

    Args:
        root: the tree, as :func:`courtside.formats.yolo_tree.folders` reads it.
        images: the tree of images, when it is another one.
        classes: class number to name; None where nobody knows, then any number from 0 is right.
        found: what is counted.
        background: whether an image without a label file is no problem.
        report: called with the number of images done.

    Raises:
        UserError: when there is no tree.
    """
    for problem in _problems(root, images, classes, found, background, report):
        found.problems[problem.kind] += 1
        yield problem


def _problems(
    root: Path,
    images: Path | None,
    classes: Mapping[int, str] | None,
    found: Findings,
    background: bool,
    report: Callable[[int], None],
) -> Iterator[Problem]:
    for folder in yolo_tree.folders(root, images):
        for label in folder.orphans:
            yield Problem("labels without an image", f"{label}: no image is called {label.stem}")
            yield from _lines(label, None, classes, Findings())
        stems: set[str] = set()
        for image in folder.images:
            found.images += 1
            report(found.images)
            if image.stem in stems:
                yield Problem("images that share a label file", f"{image}: {image.stem}.txt is another image's too")
                continue
            stems.add(image.stem)
            size = None
            try:
                size = yolo_tree.image_size(image)
            except UserError as error:
                yield Problem("unreadable images", str(error))
            label = folder.label(image)
            if label.is_file():
                found.labelled += 1
                before = found.boxes.total()
                yield from _lines(label, size, classes, found)
                found.empty += found.boxes.total() == before
            elif not background:
                yield Problem("images without labels", f"{image}: {label} does not exist")


def _lines(
    label: Path, size: tuple[int, int] | None, classes: Mapping[int, str] | None, found: Findings
) -> Iterator[Problem]:
    """Yield the problems of one label file; without the picture's size, boxes out of frame by a thousandth."""
    try:
        lines = read_lines(label, "a YOLO label file")
    except UserError as error:
        yield Problem("unreadable label files", str(error))
        return
    seen: dict[tuple[float, ...], int] = {}
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{label}, line {place}"
        try:
            category, shares, (x1, y1, x2, y2) = yolo.read_line(line.split(), where)
        except UserError as error:
            yield Problem("unreadable lines", str(error))
            continue
        if category < 0 or (classes is not None and category not in classes):
            known = "a number from 0" if classes is None else ", ".join(map(str, classes))
            yield Problem("wrong class ids", f"{where}: class {category} is none of {known}")
        else:
            found.boxes[category] += 1
        if not (np.float32(x1) < np.float32(x2) and np.float32(y1) < np.float32(y2)):
            yield Problem("zero-size boxes", f"{where}: the box is {x2 - x1:g} wide and {y2 - y1:g} high")
        width, height = size or (1000, 1000)
        outside = max(-x1 * width, -y1 * height, (x2 - 1) * width, (y2 - 1) * height)
        if outside > _TOLERANCE_PIXELS:
            by = f"{outside:.1f} px" if size else f"{outside / 10:.1f}% of the picture"
            yield Problem("boxes out of frame", f"{where}: an edge lies {by} outside")
        key = (category, *(round(float(share), _DIGITS) for share in shares))
        if key in seen:
            yield Problem("duplicate boxes", f"{where}: the box of line {seen[key]} once more")
        seen.setdefault(key, place)
