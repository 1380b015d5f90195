"""Maps of how many boxes lie where, and of every pair of their coordinates, as inline SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from courtside.report.content_datasets import JointCounts, LabelShape

SHADES = 6
_WIDTH = 340
_HEIGHT = 232
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 8, 42
_SQUARE = 340
_MARGIN, _GAP, _FOOT = 52, 12, 34


@dataclass(frozen=True)
class _Frame:
    """A rectangle of the drawing, in pixels; ``upside_down`` where the vertical axis goes down, as in a picture."""

    left: float
    top: float
    width: float
    height: float
    upside_down: bool = False


def joint_chart(counts: JointCounts, ends: Mapping[str, float], *, title: str) -> Markup:
    """Draw a map of two coordinates; y goes down, as in the picture.

    Args:
        counts: boxes in each bin.
        ends: where each axis of the drawing ends, no sooner than that of the counts.
        title: what the chart shows, for those who cannot see it.
    """
    frame = _Frame(_LEFT, _TOP, _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM, counts.up == "y")
    base = frame.top + frame.height
    parts = [_cells(counts, ends, frame), _outline(frame)]
    for share in (0.0, 0.5, 1.0):
        x = frame.left + share * frame.width
        parts.append(_text("tick middle", x, base + 17, _percent(share * ends[counts.across])))
        y = frame.top + (share if frame.upside_down else 1 - share) * frame.height
        parts.append(_text("tick end", frame.left - 6, y + 3.5, _percent(share * ends[counts.up])))
    parts.append(_text("label middle", frame.left + frame.width / 2, _HEIGHT - 4, counts.across))
    parts.append(_sideways(11, frame.top + frame.height / 2, counts.up))
    return _svg(_WIDTH, _HEIGHT, title, parts)


def correlogram(
    axes: Sequence[str],
    shape: LabelShape,
    ends: Mapping[str, float],
    *,
    title: str,
) -> Markup:
    """Draw every coordinate by itself on the diagonal, and below it every pair.

    Args:
        axes: names of the coordinates, in order.
        shape: boxes in each bin of each coordinate and of each pair.
        ends: where each axis of the drawing ends, no sooner than that of the counts.
        title: what the chart shows, for those who cannot see it.
    """
    number = len(axes)
    side = (_SQUARE - _MARGIN - _GAP * (number - 1) - 2) / number
    height = (_SQUARE - _FOOT - _GAP * (number - 1) - 2) / number
    parts = []
    for row, up in enumerate(axes):
        for column, across in enumerate(axes[: row + 1]):
            frame = _Frame(
                _MARGIN + column * (side + _GAP), 2 + row * (height + _GAP), side, height, row > column and up == "y"
            )
            pair = shape.pair(across, up)
            if row == column:
                parts.append(_bars(shape.counts[up], frame, shape.ends[up] / ends[up]))
            elif pair:
                parts.append(_cells(pair, ends, frame))
            parts.append(_outline(frame))
            if row == number - 1:
                base = frame.top + frame.height
                parts.append(_text("tick", frame.left, base + 14, "0"))
                parts.append(_text("tick end", frame.left + side, base + 14, _percent(ends[across])))
                parts.append(_text("label middle", frame.left + side / 2, base + 29, across))
            if column == 0 and row:
                low, high = ("0", _percent(ends[up]))
                top, bottom = (low, high) if frame.upside_down else (high, low)
                parts.append(_text("tick end", frame.left - 5, frame.top + 9, top))
                parts.append(_text("tick end", frame.left - 5, frame.top + height - 1, bottom))
                parts.append(_sideways(11, frame.top + height / 2, up))
    return _svg(_SQUARE, _SQUARE, title, parts)


def shade(count: int, most: int) -> int:
    """Return how dark a bin is, 1 to :data:`SHADES`, logarithmic; 0 for an empty one."""
    if not count:
        return 0
    return max(1, math.ceil(SHADES * math.log1p(count) / math.log1p(most)))


def _cells(joint: JointCounts, ends: Mapping[str, float], frame: _Frame) -> Markup:
    """Draw the bins, a path a shade; neighbours of one shade in a row are one rectangle."""
    counts = joint.counts
    most = max((count for row in counts for count in row), default=0)
    wide = frame.width * joint.across_end / ends[joint.across] / max(1, len(counts[0]))
    high = frame.height * joint.up_end / ends[joint.up] / max(1, len(counts))
    paths: dict[int, list[str]] = {}
    for row, values in enumerate(counts):
        y = frame.top + row * high if frame.upside_down else frame.top + frame.height - (row + 1) * high
        for level, run in groupby(enumerate(values), key=lambda pair: shade(pair[1], most)):
            columns = [column for column, _ in run]
            if level:
                x, width = frame.left + columns[0] * wide, len(columns) * wide
                paths.setdefault(level, []).append(f"M{x:.1f} {y:.1f}h{width:.1f}v{high:.1f}h-{width:.1f}z")
    title = Markup("<title>{}</title>").format(f"most in one bin: {most:,} boxes")
    drawn = (
        Markup('<path class="heat h{}" d="{}"/>').format(level, "".join(found))
        for level, found in sorted(paths.items())
    )
    return Markup("<g>{}{}</g>").format(title, Markup("").join(drawn))


def _bars(counts: Sequence[int], frame: _Frame, share: float) -> Markup:
    """Draw the counts of one coordinate over a share of the frame's width."""
    most = max(counts, default=0) or 1
    wide = frame.width * share / max(1, len(counts))
    base = frame.top + frame.height
    steps = [
        f"M{frame.left + number * wide:.1f} {base:.1f}v-{count / most * frame.height * 0.94:.1f}h{wide:.1f}V{base:.1f}z"
        for number, count in enumerate(counts)
        if count
    ]
    return Markup('<path class="heat h4" d="{}"/>').format("".join(steps))


def _percent(share: float) -> str:
    return f"{100 * share:g}%" if share else "0"


def _outline(frame: _Frame) -> Markup:
    return Markup('<rect class="frame" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        frame.left, frame.top, frame.width, frame.height
    )


def _sideways(x: float, y: float, text: str) -> Markup:
    return Markup('<text class="label middle" transform="translate({} {:.0f}) rotate(-90)">{}</text>').format(
        x, y, text
    )


def _text(style: str, x: float, y: float, text: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(style, x, y, text)


def _svg(width: int, height: int, title: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        width, height, title, Markup("").join(parts)
    )
