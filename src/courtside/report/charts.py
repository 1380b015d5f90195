"""Line, interval, bar and histogram charts as inline SVG.

Colours and type come from the page's style sheet through classes, so that a chart follows the reader's
colour scheme; numbers stay in the markup as tooltips.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

from courtside.report.content import Points

_WIDTH = 340
_HEIGHT = 232
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 12, 42
_MOST_POINTS = 160
_CHARACTER_WIDTH = 6.8
_LINE_HEIGHT = 15.0
_SMALLEST_SPAN = 1e-9
_LABEL_ROOM = 104


@dataclass(frozen=True)
class Series:
    """A line: its name, its points, the class that gives it colour and dash, and a point of it that counts."""

    name: str
    points: Points
    style: str
    mark: tuple[float, float] | None = None


@dataclass(frozen=True)
class Interval:
    """A value with the ends of its interval, or None without one."""

    name: str
    value: float
    ends: tuple[float, float] | None
    style: str


@dataclass(frozen=True)
class Bar:
    """A bar made of parts: (class, name, amount); ``note`` stands at its end."""

    name: str
    note: str
    parts: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class _Axis:
    """A linear or logarithmic map from values to pixels."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = (math.log10(max(each, 1e-9)) for each in (value, low, high))
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    x_label: str,
    y_label: str,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    dots: bool = False,
) -> Markup:
    """Draw lines over each other.

    Args:
        series: the lines, the most important last, so that it lies on top.
        title: what the chart shows, for those who cannot see it.
        x_label: name of the horizontal axis.
        y_label: name of the vertical axis.
        x_range: ends of the horizontal axis; those of the data where None.
        y_range: ends of the vertical axis; from 0, or the lowest value below it, to the highest where None.
        dots: whether each point gets a dot with its numbers as a tooltip.
    """
    points = [point for each in series for point in each.points]
    xs, ys = [x for x, _ in points] or [0.0], [y for _, y in points] or [0.0]
    x_range = x_range or (min(xs), max(xs))
    y_range = y_range or _padded(min(0.0, *ys), max(ys))
    across, up = _axes(x_range, y_range)
    parts = [_grid(across, up, x_label, y_label)]
    for each in series:
        if len(each.points) > 1:
            parts.append(
                Markup('<path class="line {}" d="{}"><title>{}</title></path>').format(
                    each.style, _path(_thinned(each.points), across, up), each.name
                )
            )
        if dots or len(each.points) == 1:
            parts += [
                Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="2.6"><title>{}</title></circle>').format(
                    each.style, across(x), up(y), f"{each.name}, {x_label} {x:g}: {y:.3f}"
                )
                for x, y in each.points
            ]
        if each.mark:
            x, y = each.mark
            parts.append(
                Markup('<circle class="ring {}" cx="{:.1f}" cy="{:.1f}" r="4"><title>{}</title></circle>').format(
                    each.style, across(x), up(y), f"{each.name}, {y_label} {y:.3f} at {x_label} {x:.3f}"
                )
            )
    return _svg(_HEIGHT, title, parts)


def interval_chart(rows: Sequence[Interval], *, title: str, y_label: str) -> Markup:
    """Draw one value a column as a dot with its number, and the interval as a bar with whiskers."""
    ends = [end for row in rows for end in (row.ends or (row.value, row.value))] or [0.0, 1.0]
    low, high = min(ends), max(ends)
    margin = max(0.04, (high - low) * 0.25)
    across, up = _axes((0.0, float(len(rows))), (max(0.0, low - margin), min(1.0, high + margin)))
    centres = [across(number + 0.5) for number in range(len(rows))]
    parts = [_horizontal_grid(up, y_label), _column_names([row.name for row in rows], centres)]
    heights = [up(row.value) for row in rows]
    if len(rows) > 1:
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in zip(centres, heights, strict=True))
        parts.append(Markup('<path class="thread" d="{}"/>').format(path))
    for row, x, y in zip(rows, centres, heights, strict=True):
        text = f"{row.name}: {row.value:.3f}"
        if row.ends:
            top, bottom = up(row.ends[1]), up(row.ends[0])
            text += f", 95% interval {row.ends[0]:.3f}–{row.ends[1]:.3f}"
            whiskers = f"M{x:.1f} {bottom:.1f}V{top:.1f}M{x - 6:.1f} {bottom:.1f}h12M{x - 6:.1f} {top:.1f}h12"
            parts.append(Markup('<path class="line {} solid" d="{}"/>').format(row.style, whiskers))
        parts.append(
            Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="4.5"><title>{}</title></circle>').format(
                row.style, x, y, text
            )
        )
        parts.append(
            Markup('<text class="value" x="{:.1f}" y="{:.1f}">{}</text>').format(x + 9, y + 4, f"{row.value:.3f}")
        )
    return _svg(_HEIGHT, title, parts)


def ladder_chart(
    rows: Sequence[tuple[str, Sequence[float | None]]],
    columns: Sequence[tuple[str, str]],
    *,
    title: str,
    y_label: str,
) -> Markup:
    """Draw how several things change over a few columns, each line named at its right end.

    Args:
        rows: name and one value a column, None where there is none.
        columns: name of each column, and the class of its dots.
        title: what the chart shows, for those who cannot see it.
        y_label: name of the vertical axis.
    """
    values = [value for _, row in rows for value in row if value is not None] or [0.0, 1.0]
    margin = max(0.04, (max(values) - min(values)) * 0.12)
    right = _WIDTH - _LABEL_ROOM
    up = _Axis(max(0.0, min(values) - margin), min(1.0, max(values) + margin), _HEIGHT - _BOTTOM, _TOP)
    across = _Axis(0.0, max(1.0, len(columns) - 1.0), _LEFT + 24, right - 12)
    parts = [_horizontal_grid(up, y_label, end=right)]
    last: list[tuple[float, str]] = []
    for name, row in rows:
        points = tuple((float(x), y) for x, y in enumerate(row) if y is not None)
        if not points:
            continue
        if len(points) > 1:
            parts.append(Markup('<path class="line r2 solid" d="{}"/>').format(_path(points, across, up)))
        parts += [
            Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="3.6"><title>{}</title></circle>').format(
                columns[int(x)][1], across(x), up(y), f"{name}, {columns[int(x)][0]}: {y:.3f}"
            )
            for x, y in points
        ]
        last.append((up(points[-1][1]), f"{name} {points[-1][1]:.3f}"))
    parts += [_text("value", right + 2, y + 4, text) for y, text in _apart(last)]
    parts.append(_column_names([name for name, _ in columns], [across(number) for number in range(len(columns))]))
    return _svg(_HEIGHT, title, parts)


def stacked_bar_chart(bars: Sequence[Bar], *, title: str, unit: str = "frames") -> Markup:
    """Draw one bar a row, all equally long and as wide as the page lets them, divided by the share of their parts."""
    row_height = 44
    parts: list[Markup] = []
    for number, bar in enumerate(bars):
        y = number * row_height
        total = sum(amount for _, _, amount in bar.parts)
        parts.append(Markup('<text class="name" x="0" y="{}">{}</text>').format(y + 14, bar.name))
        parts.append(Markup('<text class="tick end" x="100%" y="{}">{}</text>').format(y + 14, bar.note))
        done = 0
        for style, name, amount in bar.parts:
            if not amount:
                continue
            text = f"{bar.name}, {name}: {amount:,} of {total:,} {unit} ({amount / total:.1%})"
            parts.append(
                Markup(
                    '<rect class="{}" x="{:.3f}%" y="{}" width="{:.3f}%" height="16"><title>{}</title></rect>'
                ).format(style, 100 * done / total, y + 21, 100 * amount / total, text)
            )
            done += amount
    return Markup('<svg class="bars" width="100%" height="{}" role="img" aria-label="{}">{}</svg>').format(
        len(bars) * row_height, title, Markup("").join(parts)
    )


def histogram(
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    title: str,
    x_label: str,
    thresholds: Sequence[float] = (),
    logarithmic: bool = False,
) -> Markup:
    """Draw how many values fall into which bin, with the thresholds as marked lines.

    Args:
        edges: ascending borders of the bins.
        counts: values in each bin, one fewer than ``edges``.
        title: what the chart shows, for those who cannot see it.
        x_label: name of the horizontal axis.
        thresholds: where to draw a line.
        logarithmic: whether the horizontal axis is; the edges must then be above 0.
    """
    start, end = _LEFT, _WIDTH - _RIGHT
    across = _Axis(edges[0], edges[-1], start, end, logarithmic)
    up = _Axis(0.0, max(counts) * 1.12 or 1.0, _HEIGHT - _BOTTOM, _TOP)
    parts = [_horizontal_grid(up, "frames", whole=True)]
    marks = _powers(edges[0], edges[-1]) if logarithmic else ticks(edges[0], edges[-1])
    parts += [_text("tick middle", across(mark), _HEIGHT - _BOTTOM + 17, f"{mark:g}") for mark in marks]
    parts.append(_text("label middle", (start + end) / 2, _HEIGHT - 4, x_label))
    for low, high, amount in zip(edges[:-1], edges[1:], counts, strict=True):
        if amount:
            x, height = across(low), up(0) - up(amount)
            parts.append(
                Markup(
                    '<rect class="bin" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
                ).format(
                    x,
                    up(amount),
                    max(across(high) - x - 0.8, 0.8),
                    height,
                    f"{low:.3g}–{high:.3g}: {amount:,} frames",
                )
            )
    for threshold in thresholds:
        x = across(threshold)
        on_the_right = x < (start + end) / 2
        parts.append(Markup('<path class="threshold" d="M{:.1f} {}V{}"/>').format(x, _TOP, _HEIGHT - _BOTTOM))
        side = "start" if on_the_right else "end"
        parts.append(_text(f"value {side}", x + (5 if on_the_right else -5), _TOP + 9, f"{threshold:g}"))
    return _svg(_HEIGHT, title, parts)


def _axes(x_range: tuple[float, float], y_range: tuple[float, float]) -> tuple[_Axis, _Axis]:
    return _Axis(*x_range, _LEFT, _WIDTH - _RIGHT), _Axis(*y_range, _HEIGHT - _BOTTOM, _TOP)


def _grid(across: _Axis, up: _Axis, x_label: str, y_label: str) -> Markup:
    base = _HEIGHT - _BOTTOM
    whole = across.high > 1  # epochs; whatever else is drawn across is a share
    marks = [_text("tick middle", across(x), base + 17, f"{x:g}") for x in ticks(across.low, across.high, whole=whole)]
    label = _text("label middle", (across.start + across.end) / 2, _HEIGHT - 4, x_label)
    return Markup("").join([_horizontal_grid(up, y_label), *marks, label])


def _apart(labels: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Move labels down until none covers another, then all up again if the last has left the chart."""
    placed: list[tuple[float, str]] = []
    for y, text in sorted(labels):
        placed.append((max(y, placed[-1][0] + _LINE_HEIGHT) if placed else y, text))
    beyond = max(0.0, placed[-1][0] - (_HEIGHT - _BOTTOM)) if placed else 0.0
    return [(y - beyond, text) for y, text in placed]


def _horizontal_grid(up: _Axis, y_label: str, *, whole: bool = False, end: float = _WIDTH - _RIGHT) -> Markup:
    parts = []
    for tick in ticks(up.low, up.high, whole=whole):
        y = up(tick)
        parts.append(Markup('<path class="grid" d="M{} {:.1f}H{}"/>').format(_LEFT, y, end))
        parts.append(_text("tick end", _LEFT - 6, y + 3.5, _short(tick) if whole else f"{tick:g}"))
    middle = (up.start + up.end) / 2
    parts.append(
        Markup('<text class="label middle" transform="translate(11 {:.0f}) rotate(-90)">{}</text>').format(
            middle, y_label
        )
    )
    return Markup("").join(parts)


def _column_names(names: Sequence[str], centres: Sequence[float]) -> Markup:
    """Write names under their columns; names that would run into each other take turns on two lines."""
    room = min((after - before for before, after in pairwise(centres)), default=float(_WIDTH))
    crowded = any(len(name) * _CHARACTER_WIDTH > room for name in names)
    most = max(3, int(room * (1 + crowded) / _CHARACTER_WIDTH))
    base = _HEIGHT - _BOTTOM + 17
    return Markup("").join(
        _text("tick middle", x, base + _LINE_HEIGHT * (number % 2 if crowded else 0), _shortened(name, most))
        for number, (name, x) in enumerate(zip(names, centres, strict=True))
    )


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _svg(height: int, title: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, height, title, Markup("").join(parts)
    )


def _text(style: str, x: float, y: float, text: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(style, x, y, escape(text))


def _path(points: Points, across: _Axis, up: _Axis) -> str:
    return "M" + "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in points)


def _thinned(points: Points) -> Points:
    """Keep every n-th point and the last, so that a curve of a thousand points stays small."""
    step = math.ceil(len(points) / _MOST_POINTS)
    return points if step == 1 else (*points[:-1:step], points[-1])


def _padded(low: float, high: float) -> tuple[float, float]:
    return low, high + (high - low) * 0.08 if high > low else low + 1.0


def ticks(low: float, high: float, *, whole: bool = False, most: int = 5) -> list[float]:
    """Return round values within the range, ends included, about as many as ``most``."""
    span = high - low
    if span <= _SMALLEST_SPAN * max(abs(low), abs(high), _SMALLEST_SPAN):
        return [low]
    power = 10.0 ** math.floor(math.log10(span / most))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if span / (power * factor) <= most + 1e-9)
    if whole:
        step = float(max(1, math.ceil(step)))
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _powers(low: float, high: float) -> list[float]:
    return [10.0**power for power in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]


def _short(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 10_000 else f"{value:,.0f}"
