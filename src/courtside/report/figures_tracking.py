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
                dots=True,
            ),
        )
        for name, steps in compared.weights.items()
    ]


def _series(score: str, style: str, steps: tuple[WeightStep, ...]) -> Series:
    known = [(step.overlap_weight, step.scores.get(score)) for step in steps]
    return Series(score, tuple((weight, float(value)) for weight, value in known if value is not None), style)
