"""Draws success and precision of trackers of a single object as PNG, about 900 pixels wide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from courtside.metrics.plot_style import INK, MUTED, line_style, new_figure, plain_axes, save
from courtside.metrics.single_tracking import DISTANCES_PX, OVERLAPS, PRECISION_AT_PX, SingleScores


def success_plot(scores: Mapping[str, SingleScores], path: Path) -> None:
    """Draw the share of frames above each overlap, a line a tracker, best first; AUC in the legend."""
    curves = {name: (part.success, f"{part.auc:.3f}", part.auc) for name, part in scores.items()}
    _plot(curves, OVERLAPS, path, "Success (OPE)", "Overlap (IoU) above", "AUC")


def precision_plot(scores: Mapping[str, SingleScores], path: Path) -> None:
    """Draw the share of frames within each centre distance, a line a tracker, best first; at 20 px in the legend."""
    curves = {
        name: (part.precision, f"{part.precision_20px:.1%}", part.precision_20px) for name, part in scores.items()
    }
    _plot(curves, DISTANCES_PX, path, "Precision (OPE)", "Centre within (pixels)", "at 20 px", PRECISION_AT_PX)


def _plot(
    curves: Mapping[str, tuple[NDArray[np.float64], str, float]],
    places: NDArray[np.float64],
    path: Path,
    title: str,
    x_name: str,
    score_name: str,
    marked: float | None = None,
) -> None:
    figure = new_figure(6.0, 4.4)
    axes = figure.add_subplot()
    plain_axes(axes, title, x_name, "Share of frames")
    best_first = sorted(curves.items(), key=lambda item: -item[1][2])
    # A tracker has one colour in all plots, whatever its rank.
    colours = {name: row for row, name in enumerate(curves)}
    for name, (curve, text, _) in best_first:
        axes.plot(places, curve, label=f"{name}  ({text})", **line_style(colours[name]))
    if marked is not None:
        axes.axvline(marked, color=MUTED, linewidth=1, linestyle=":")
    axes.set_xlim(places[0], places[-1])
    axes.set_ylim(0, 1.02)
    legend = axes.legend(
        title=score_name,
        fontsize=9,
        frameon=False,
        labelcolor=INK,
        loc="upper left",
        bbox_to_anchor=(0, -0.16),
        ncols=2,
    )
    legend.get_title().set_color(MUTED)
    legend.get_title().set_fontsize(9)
    save(figure, path)
