"""Draws the scores of trackers under each condition as PNG, about 900 pixels wide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from courtside.metrics.plot_style import GRID, INK, MUTED, PALETTE, new_figure, plain_axes, save

_MARKS = "osD^vPX"


def condition_plot(tables: Mapping[str, pl.DataFrame], score: str, path: Path, *, title: str, name: str) -> None:
    """Draw one row a condition and one dot a tracker.

    Args:
        tables: of each tracker, what ``scores_by_condition`` or ``success_by_condition`` returns; the first one's
            counts stand beside the conditions. Conditions without a box are left out.
        score: the column that is drawn, 0–1.
        path: the PNG to write.
        title: what is above.
        name: what the score is called.
    """
    first = next(iter(tables.values())).filter(pl.col("boxes") > 0)
    rows = first["condition"].to_list()
    figure = new_figure(6.0, 1.9 + 0.42 * len(rows) + 0.22 * ((len(tables) + 1) // 2))
    axes = figure.add_subplot()
    plain_axes(axes, title, name, "", size=12)
    step = 0.5 / max(1, len(tables) - 1)
    for place in range(len(rows)):
        axes.axhline(place, color=GRID, linewidth=0.8)
    for number, (tracker, table) in enumerate(tables.items()):
        values = dict(table.select("condition", score).iter_rows())
        there = [place for place, row in enumerate(rows) if values.get(row) is not None]
        offset = (number * step - 0.25) if len(tables) > 1 else 0.0
        axes.plot(
            [values[rows[place]] for place in there],
            [place + offset for place in there],
            linestyle="",
            marker=_MARKS[(number // len(PALETTE)) % len(_MARKS)],
            markersize=7,
            color=PALETTE[number % len(PALETTE)],
            label=tracker,
        )
    counts = dict(first.select("condition", "boxes").iter_rows())
    axes.set_yticks(range(len(rows)), [f"{row.replace('_', ' ')}\n{counts[row]:,} boxes" for row in rows])
    axes.tick_params(axis="y", labelcolor=INK, labelsize=10)
    axes.grid(axis="y", visible=False)
    axes.set_xlim(0, 1.02)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    figure.legend(loc="outside lower left", ncols=2, fontsize=11, frameon=False, labelcolor=INK)
    axes.xaxis.label.set_color(MUTED)
    save(figure, path)
