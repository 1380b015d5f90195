"""Sorted frames as examples to train on and to validate with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.classifiers.pictures import store
from courtside.classifiers.protocol import Examples

KEY = ["video", "frame"]
MINIMUM_EXAMPLES: Mapping[str, int] = {"train": 10, "val": 5}
"""Sorted frames of each class below which no classifier is trained. What a filter needs beyond, its own figures say."""
_SIDES = {"train": "training", "val": "validation"}


def choose(frames: pl.DataFrame, sorted_frames: pl.DataFrame, labels: Sequence[str]) -> pl.DataFrame:
    """Return the sorted frames that are usable and have a side.

    Args:
        frames: frames table with verdicts and splits.
        sorted_frames: ``video``, ``frame``, ``label``.
        labels: the classes; frames of other labels are left out.

    Returns:
        Table with ``video``, ``frame``, ``shot``, ``split`` (train or val) and ``label``, sorted by key.
    """
    usable = frames.filter((pl.col("verdict") == "usable") & pl.col("split").is_in(list(MINIMUM_EXAMPLES)))
    known = sorted_frames.filter(pl.col("label").is_in(list(labels)))
    return usable.join(known, on=KEY, how="inner").select(*KEY, "shot", "split", "label").sort(KEY)


def lacking(examples: pl.DataFrame, labels: Sequence[str]) -> str | None:
    """Say in a sentence without a full stop why no classifier can be trained, or return None where one can."""
    for split, least in MINIMUM_EXAMPLES.items():
        counts = dict(examples.filter(pl.col("split") == split).group_by("label").len().iter_rows())
        for label in labels:
            count = counts.get(label, 0)
            if count < least:
                return f"of {_SIDES[split]} {count} usable frames are sorted as {label}, and it takes {least}"
    return None


def read(
    examples: pl.DataFrame,
    paths: Mapping[str, Path],
    labels: Sequence[str],
    image_size: int,
    target: Path,
    report: Callable[[int, int], None] | None = None,
) -> tuple[Examples, pl.DataFrame]:
    """Read the pictures of examples from their videos.

    Args:
        examples: see :func:`choose`.
        paths: where each video is.
        labels: the classes, in their order.
        image_size: side of the pictures in pixels.
        target: the ``.npy`` file they are kept in.
        report: called with frames done and frames in all.

    Returns:
        All examples, and their rows of the table in the same order: those that could be decoded.
    """
    pictures, known = store(examples, paths, image_size, target, report)
    return Examples(pictures, np.arange(known.height), class_numbers(known["label"], labels)), known


def part(examples: Examples, chosen: NDArray[np.bool_]) -> Examples:
    """Return the examples where ``chosen``, shape (n,), is true."""
    return Examples(examples.pictures, examples.rows[chosen], examples.classes[chosen])


def class_numbers(labels_of_frames: pl.Series, labels: Sequence[str]) -> NDArray[np.int64]:
    """Return the position of each label in ``labels``, (n,) int64."""
    numbers = {label: number for number, label in enumerate(labels)}
    return np.array([numbers[label] for label in labels_of_frames], dtype=np.int64)
