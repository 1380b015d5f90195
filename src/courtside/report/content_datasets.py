"""What the page says of the labels that a round learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class JointCounts:
    """How many boxes lie in each bin of two axes.

    Attributes:
        across, up: ``x``, ``y``, ``width`` or ``height``.
        across_end, up_end: where the axes end; they begin at 0, and what lies beyond is in the last bin.
        counts: rows go up, columns across.
    """

    across: str
    up: str
    across_end: float
    up_end: float
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class LabelShape:
    """Where the training boxes of a label lie, and how large they are, as shares of the picture.

    Attributes:
        label: its name.
        ends: where each axis ends.
        counts: boxes in each bin of ``x``, ``y``, ``width`` and ``height``.
        median: of each axis.
        pairs: every pair of axes.
    """

    label: str
    ends: Mapping[str, float]
    counts: Mapping[str, tuple[int, ...]]
    median: Mapping[str, float]
    pairs: tuple[JointCounts, ...]

    def pair(self, across: str, up: str) -> JointCounts | None:
        """Return the joint counts of two axes."""
        return next((each for each in self.pairs if (each.across, each.up) == (across, up)), None)


@dataclass(frozen=True)
class LabelCount:
    """Boxes of a label, in training and validation images."""

    label: str
    train: int
    val: int


@dataclass(frozen=True)
class Taught:
    """The labels of a round's dataset.

    Attributes:
        labels: boxes of each label.
        background: training images without a box.
        shapes: of the labels that have a training box.
    """

    labels: tuple[LabelCount, ...]
    background: int
    shapes: tuple[LabelShape, ...]

    @property
    def boxes(self) -> int:
        """Training boxes of all labels."""
        return sum(each.train for each in self.labels)

    def train_boxes(self, label: str) -> int | None:
        """Return the training boxes of a label; None where the dataset does not know it."""
        return next((each.train for each in self.labels if each.label == label), None)

    def shape(self, label: str) -> LabelShape | None:
        """Return the shape of a label, or None where it has no training box."""
        return next((each for each in self.shapes if each.label == label), None)
