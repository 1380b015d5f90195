"""What the labels of a dataset look like: how many of each class, where in the picture, and how large.

The published rounds are described by it: Ultralytics draws the same of the training images of every run, as
``labels.jpg`` (instances, centres, sizes) and ``labels_correlogram.jpg`` (every pair of x, y, width and height).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.formats.yolo import read_line
from courtside.tables import Schema

SHARES: Schema = {
    "split": pl.String,
    "image": pl.String,
    "label": pl.String,
    "x": pl.Float64,
    "y": pl.Float64,
    "width": pl.Float64,
    "height": pl.Float64,
}
AXES = ("x", "y", "width", "height")
PAIRS = tuple(combinations(AXES, 2))
BINS = 24
_RANGES = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_COVERED = 0.98


def read_shares(folder: Path, labels: Sequence[str]) -> pl.DataFrame:
    """Read the label files of a dataset folder.

    Args:
        folder: with ``labels/train`` and ``labels/val``, either of which may be missing or empty.
        labels: the classes in the order of their numbers.

    Returns:
        A row a box with the columns of :data:`SHARES`: its split, the name of its image, its label, and its centre and
        size as shares of the picture's width and height, 0–1.

    Raises:
        UserError: when a line is no box.
    """
    rows = []
    for split in ("train", "val"):
        for path in sorted((folder / "labels" / split).glob("*.txt")):
            for place, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                number, _, (x1, y1, x2, y2) = read_line(line.split(), f"{path}, line {place}")
                rows.append((split, path.stem, labels[number], (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1))
    return pl.DataFrame(rows, schema=SHARES, orient="row")


def ends(values: NDArray[np.float64], axis: str) -> tuple[float, float]:
    """Return the ends of an axis: 0–1 for centres, and for sizes a round value that nearly all are below."""
    if axis in ("x", "y") or not len(values):
        return 0.0, 1.0
    most = float(np.quantile(values, _COVERED))
    return 0.0, next((limit for limit in _RANGES if most <= limit), 1.0)


def describe(shares: pl.DataFrame, images: pl.DataFrame, labels: Sequence[str]) -> dict[str, Any]:
    """Count the labels of a dataset.

    Args:
        shares: what :func:`read_shares` returns.
        images: ``split`` and ``source`` (``human`` or ``teacher``) of each image.
        labels: the classes.

    Returns:
        Plain values for JSON: ``images`` of each split; ``human`` and ``teacher``, the training images of either
        source; ``background``, the training images without a box; ``boxes``, those of each label in ``train`` and
        ``val``.
    """
    train = images.filter(pl.col("split") == "train")
    boxes = shares.group_by("label", "split").len()
    counts = {(label, split): count for label, split, count in boxes.iter_rows()}
    taught = shares.filter(pl.col("split") == "train")
    return {
        "images": {split: images.filter(pl.col("split") == split).height for split in ("train", "val")},
        **{source: train.filter(pl.col("source") == source).height for source in ("human", "teacher")},
        "background": train.height - taught["image"].n_unique(),
        "boxes": {label: {split: counts.get((label, split), 0) for split in ("train", "val")} for label in labels},
    }


def distributions(shares: pl.DataFrame, labels: Sequence[str]) -> dict[str, Any]:
    """Count how the training boxes of each label are distributed over the picture and over sizes.

    Returns:
        Plain values for JSON, a label each that has a box: ``ends`` of each axis, where what lies beyond counts in the
        last of the bins; ``counts`` of each axis, a list of :data:`BINS`; ``median`` of each; and ``pairs``, a list of
        ``across``, ``up`` and ``counts``, where the outer list goes up and the inner one across.
    """
    train = shares.filter(pl.col("split") == "train")
    result: dict[str, Any] = {}
    for label in labels:
        rows = train.filter(pl.col("label") == label)
        if rows.is_empty():
            continue
        values = {axis: rows[axis].to_numpy() for axis in AXES}
        limits = {axis: ends(values[axis], axis) for axis in AXES}
        bins = {axis: _bins(values[axis], limits[axis]) for axis in AXES}
        result[label] = {
            "ends": {axis: list(limits[axis]) for axis in AXES},
            "counts": {axis: np.bincount(bins[axis], minlength=BINS).tolist() for axis in AXES},
            "median": {axis: float(np.median(values[axis])) for axis in AXES},
            "pairs": [
                {"across": across, "up": up, "counts": joint_counts(bins[across], bins[up]).tolist()}
                for across, up in PAIRS
            ],
        }
    return result


def joint_counts(across: NDArray[np.int64], up: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count pairs of bins, shape (:data:`BINS`, :data:`BINS`): the row is the bin up, the column the one across."""
    return np.bincount(up * BINS + across, minlength=BINS * BINS).reshape(BINS, BINS)


def _bins(values: NDArray[np.float64], limits: tuple[float, float]) -> NDArray[np.int64]:
    low, high = limits
    return np.clip(((values - low) / (high - low) * BINS).astype(np.int64), 0, BINS - 1)
