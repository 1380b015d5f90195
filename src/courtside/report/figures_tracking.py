"""The charts of trackers side by side."""

from __future__ import annotations

from markupsafe import Markup

from courtside.report.charts import Series, line_chart
from courtside.report.content_tracking import ComparedTrackers, WeightStep

_SCORES = (("HOTA", "r0"), ("IDF1", "r1"), ("MOTA", "r2"))


def weight_charts(compared: ComparedTrackers) -> list[tuple[str, Markup]]:
    """Draw, for each tracker, its scores over the weight of overlap against looks."""
    return [
        (
            f"{name}: " + ", ".join(score for score, _ in _SCORES),
            line_chart(
                [_series(score, style, steps) for score, style in _SCORES],
                title=f"Scores of {name} by the weight of overlap",
                x_label="α",
                y_label="score",
                x_range=(0.0, 1.0),
                y_range=_around(steps),
                dots=True,
            ),
        )
        for name, steps in compared.weights.items()
    ]


def _series(score: str, style: str, steps: tuple[WeightStep, ...]) -> Series:
    known = [(step.overlap_weight, step.scores.get(score)) for step in steps]
    return Series(score, tuple((weight, float(value)) for weight, value in known if value is not None), style)


def _around(steps: tuple[WeightStep, ...]) -> tuple[float, float]:
    """Return ends a little beyond the values: what looks change is small."""
    values = [float(value) for step in steps for score, _ in _SCORES if (value := step.scores.get(score)) is not None]
    return (min(values) - 0.02, max(values) + 0.02) if values else (0.0, 1.0)
