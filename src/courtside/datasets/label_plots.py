"""Draws the labels of a dataset as Ultralytics' ``labels.jpg`` and ``labels_correlogram.jpg`` show them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import LogNorm
from numpy.typing import NDArray

from courtside.datasets.label_shares import AXES, ends
from courtside.metrics.plot_style import BLUES, INK, MUTED, PALETTE, new_figure, plain_axes, save

_BINS = 40
_MOST_OUTLINES = 1000


def plot_labels(shares: pl.DataFrame, labels: Sequence[str], folder: Path) -> list[Path]:
    """Draw the training boxes of a dataset into a folder.

    Args:
        shares: what :func:`courtside.datasets.label_shares.read_shares` returns.
        labels: the classes, in their order.
        folder: where ``labels.png`` and ``labels_correlogram.png`` go.

    Returns:
        Their paths.
    """
    train = shares.filter(pl.col("split") == "train")
    paths = [folder / "labels.png", folder / "labels_correlogram.png"]
    _distribution(train, labels, paths[0])
    _correlogram(train, paths[1])
    return paths


def _distribution(train: pl.DataFrame, labels: Sequence[str], path: Path) -> None:
    figure = new_figure(6.0, 5.6)
    (bars, outlines), (centres, sizes) = figure.subplots(2, 2)
    plain_axes(bars, "Boxes of each label", "", "", size=8)
    counts = [train.filter(pl.col("label") == label).height for label in labels]
    drawn = bars.barh(range(len(labels)), counts, color=[PALETTE[row % len(PALETTE)] for row in range(len(labels))])
    bars.bar_label(drawn, labels=[f"{count:,}" for count in counts], padding=3, fontsize=7, color=INK)
    bars.set_yticks(range(len(labels)), labels)
    bars.invert_yaxis()
    bars.set_xlim(0, max(counts, default=0) * 1.2 or 1.0)
    bars.grid(False, axis="y")
    plain_axes(outlines, "Their outlines, laid on each other", "", "", size=8)
    _outlines(outlines, train, labels)
    plain_axes(centres, "Where their centres lie", "x", "y", size=8)
    _joint(centres, train, "x", "y")
    plain_axes(sizes, "How large they are", "width", "height", size=8)
    _joint(sizes, train, "width", "height")
    save(figure, path)


def _outlines(axes: Axes, train: pl.DataFrame, labels: Sequence[str]) -> None:
    limit = 0.5
    for row, label in enumerate(labels):
        found = train.filter(pl.col("label") == label)
        some = found[:: max(1, -(-found.height // _MOST_OUTLINES))]
        half = some.select("width", "height").to_numpy() / 2
        signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        axes.add_collection(
            PolyCollection(
                list(half[:, None] * signs),
                facecolors="none",
                edgecolors=PALETTE[row % len(PALETTE)],
                linewidths=0.5,
                alpha=0.25,
            )
        )
    if train.height:
        limit = float(train.select(pl.max_horizontal("width", "height").max()).item()) * 0.55
    axes.set_xlim(-limit, limit)
    axes.set_ylim(limit, -limit)
    axes.set_xlabel("share of the picture", fontsize=8, color=INK)


def _correlogram(train: pl.DataFrame, path: Path) -> None:
    figure = new_figure(6.0, 6.0)
    grid = figure.subplots(len(AXES), len(AXES))
    for row, up in enumerate(AXES):
        for column, across in enumerate(AXES):
            axes: Axes = grid[row, column]
            if column > row:
                axes.set_visible(False)
                continue
            last, first = row == len(AXES) - 1, column == 0
            plain_axes(axes, "", across if last else "", up if first and row else "", size=8)
            if column == row:
                _single(axes, train[across].to_numpy(), across)
            else:
                _joint(axes, train, across, up)
            if not last:
                axes.tick_params(labelbottom=False)
            if not first or not row:
                axes.tick_params(labelleft=False)
    figure.suptitle("x, y, width and height of the training boxes, each against each", fontsize=9, color=INK)
    save(figure, path)


def _single(axes: Axes, values: NDArray[np.float64], axis: str) -> None:
    low, high = ends(values, axis)
    axes.hist(np.clip(values, low, high), bins=_BINS, range=(low, high), color=PALETTE[1])
    axes.set_xlim(low, high)


def _joint(axes: Axes, train: pl.DataFrame, across: str, up: str) -> None:
    """Draw a map of how many boxes are where; y goes down, as in the picture, and the shades are logarithmic."""
    values = [train[axis].to_numpy() for axis in (across, up)]
    limits = [ends(each, axis) for each, axis in zip(values, (across, up), strict=True)]
    counts, *edges = np.histogram2d(
        np.clip(values[0], *limits[0]), np.clip(values[1], *limits[1]), bins=_BINS, range=limits
    )
    if counts.max() > 0:
        shown = np.ma.masked_equal(counts.T, 0)
        axes.pcolormesh(*edges, shown, cmap=BLUES, norm=LogNorm(0.5, max(2.0, counts.max())), rasterized=True)
    else:
        axes.text(0.5, 0.5, "no boxes", transform=axes.transAxes, ha="center", va="center", color=MUTED, fontsize=8)
    axes.set_xlim(*limits[0])
    axes.set_ylim(*(limits[1][::-1] if up == "y" else limits[1]))
