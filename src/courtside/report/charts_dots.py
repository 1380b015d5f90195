"""A chart of rows with several dots each, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from courtside.report.charts import ticks

_WIDTH, _ROW = 340, 30
_LEFT, _RIGHT, _TOP, _BOTTOM = 140, 42, 6, 40


@dataclass(frozen=True)
class Dot:
    """A value of a row: who it is of, and the class that gives it colour."""

    name: str
    value: float
    style: str


@dataclass(frozen=True)
class DotRow:
    """A row: its name, what stands below it, and its dots, the most important last, whose value is written out."""

    name: str
    note: str
    dots: tuple[Dot, ...]


def dot_chart(rows: Sequence[DotRow], *, title: str, x_label: str, digits: int, end: float | None = None) -> Markup:
    """Draw one row below the other; who a dot is of is its tooltip.

    Args:
        rows: from top to bottom.
        title: what the chart shows, for those who cannot see it.
        x_label: name of the horizontal axis, which begins at 0.
        digits: decimals of the values.
        end: end of the axis; the highest value where None.
    """
    highest = max((dot.value for row in rows for dot in row.dots), default=0.0) or 1.0
    end = end or highest
    base = _TOP + _ROW * len(rows)
    span = _WIDTH - _RIGHT - _LEFT
    parts = []
    for tick in ticks(0.0, end, most=4):
        x = _LEFT + span * tick / end
        parts.append(Markup('<path class="grid" d="M{:.1f} {}V{}"/>').format(x, _TOP, base))
        parts.append(_text("tick middle", x, base + 16, f"{tick:g}"))
    parts.append(_text("label middle", _LEFT + span / 2, base + 34, x_label))
    for number, row in enumerate(rows):
        y = _TOP + _ROW * (number + 0.5)
        parts.append(Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(_LEFT, y, _WIDTH - _RIGHT))
        parts.append(_text("name end", _LEFT - 10, y - 1, row.name))
        parts.append(_text("tick end", _LEFT - 10, y + 12, row.note))
        parts += [
            Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="4"><title>{}</title></circle>').format(
                dot.style,
                _LEFT + span * min(1.0, dot.value / end),
                y,
                f"{dot.name}, {row.name}: {dot.value:.{digits}f}",
            )
            for dot in row.dots
        ]
        if row.dots:
            parts.append(_text("value", _WIDTH - _RIGHT + 8, y + 4, f"{row.dots[-1].value:.{digits}f}"))
    height = base + _BOTTOM
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, height, title, Markup("").join(parts)
    )


def _text(style: str, x: float, y: float, text: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(style, x, y, text)
