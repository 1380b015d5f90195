"""How the repository's plots look: colours, type and grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from courtside.files import atomic_path

# Okabe & Ito (2008): told apart with any common kind of colour blindness. The pale yellow is left out.
PALETTE = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
INK, MUTED, GRID = "#1F2933", "#616E7C", "#E4E7EB"
BLUES = LinearSegmentedColormap.from_list("courtside", ["#F7FAFC", "#9CC3E6", "#0072B2", "#0B3C5D"])
_LINE_STYLES = ("-", "--", "-.", ":")
_DOTS_PER_INCH = 150


def new_figure(width_in: float, height_in: float) -> Figure:
    """Return an empty white figure; six inches are 900 pixels."""
    return Figure(figsize=(width_in, height_in), dpi=_DOTS_PER_INCH, layout="constrained", facecolor="white")


def line_style(row: int) -> dict[str, Any]:
    """Return colour, dash and width of the line of a label, counted from 0."""
    return {
        "color": PALETTE[row % len(PALETTE)],
        "linestyle": _LINE_STYLES[(row // len(PALETTE)) % len(_LINE_STYLES)],
        "linewidth": 1.8,
    }


def plain_axes(axes: Axes, title: str, x_name: str, y_name: str, *, size: float = 10.0) -> None:
    """Give axes a title at the left, the names of both directions, a faint grid and no box around it."""
    axes.set_title(title, fontsize=size + 1, color=INK, loc="left", pad=size - 1)
    axes.set_xlabel(x_name, color=INK, fontsize=size)
    axes.set_ylabel(y_name, color=INK, fontsize=size)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=MUTED, labelsize=size - 1, length=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GRID)


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG, atomically."""
    with atomic_path(path) as temporary:
        figure.savefig(temporary)
