"""Draws how a training went, epoch by epoch: every loss, and the scores on the validation images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.ticker import MaxNLocator

from courtside.metrics.losses import loss_names
from courtside.metrics.plot_style import INK, PALETTE, new_figure, plain_axes, save

_SCORES = ("precision", "recall", "mAP50", "mAP50-95")
_MOST_DOTS = 30


def training_plot(epochs: Sequence[Mapping[str, float | None]], path: Path) -> None:
    """Draw one panel a loss, training and validation in each, and one of the scores on the validation images.

    Args:
        epochs: ``epoch`` from 1, the losses ``train_NAME_loss`` and ``val_NAME_loss``, and precision, recall, mAP50 and
            mAP50-95, 0–1; what an epoch lacks is left out. At least one epoch.
        path: the PNG to write.
    """
    panels: list[tuple[str, list[tuple[str, str]]]] = []
    for name in loss_names(epochs):
        key = f"{name}_loss" if name else "loss"
        panels.append((f"{name} loss".strip(), [("training", f"train_{key}"), ("validation", f"val_{key}")]))
    panels.append(("on the validation images", [(key, key) for key in _SCORES]))
    columns = 2 if len(panels) in (2, 4) else min(3, len(panels))
    rows = -(-len(panels) // columns)
    figure = new_figure(6.0, 2.3 * rows)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (title, lines) in zip(grid, panels, strict=False):
        plain_axes(axes, title, "epoch", "", size=8)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=1))
        highest = 0.0
        for row, (name, key) in enumerate(lines):
            points = [(float(epoch["epoch"] or 0), value) for epoch in epochs if (value := epoch.get(key)) is not None]
            if points:
                marker = "o" if len(epochs) <= _MOST_DOTS else ""
                style = {"color": PALETTE[row], "marker": marker, "markersize": 3, "linewidth": 1.4}
                axes.plot(*zip(*points, strict=True), label=name, **style)
                highest = max(highest, *(value for _, value in points))
        axes.set_xlim(0.5, max(float(epoch["epoch"] or 0) for epoch in epochs) + 0.5)
        axes.set_ylim(0, 1.03 if lines[0][1] in _SCORES else highest * 1.08 or 1.0)
        if axes.lines:
            axes.legend(frameon=False, fontsize=7, labelcolor=INK)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    save(figure, path)
