"""The charts of trackers side by side."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from courtside.report.charts import Series, line_chart
from courtside.report.charts_dots import Dot, DotRow, dot_chart
from courtside.report.content_tracking import ComparedTrackers, ConditionRow, Number, WeightStep
from courtside.report.numbers import count

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


def condition_charts(compared: ComparedTrackers) -> list[tuple[str, Markup]]:
    """Draw what every tracker finds and confuses under each condition, the best one in colour."""
    best = compared.judged[0]
    return [
        (
            "Recall",
            dot_chart(
                _condition_rows(compared, lambda row: row.recall),
                title=f"Recall under each condition, {best} in colour",
                x_label="share of the true boxes found",
                digits=2,
                end=1.0,
            ),
        ),
        (
            "Identity switches",
            dot_chart(
                _condition_rows(compared, lambda row: row.switches_per_thousand),
                title=f"Identity switches under each condition, {best} in colour",
                x_label="switches in a thousand true boxes",
                digits=1,
            ),
        ),
    ]


def _condition_rows(compared: ComparedTrackers, score: Callable[[ConditionRow], Number]) -> list[DotRow]:
    names = [*compared.judged[1:], compared.judged[0]]
    rows = []
    for under in compared.under:
        known = [(name, score(compared.row(name, under.condition))) for name in names]
        dots = tuple(
            Dot(name, float(value), "r0" if name == names[-1] else "r3") for name, value in known if value is not None
        )
        rows.append(DotRow(under.name, f"{count(under.boxes)} boxes", dots))
    return rows


def _series(score: str, style: str, steps: tuple[WeightStep, ...]) -> Series:
    known = [(step.overlap_weight, step.scores.get(score)) for step in steps]
    return Series(score, tuple((weight, float(value)) for weight, value in known if value is not None), style)


def _around(steps: tuple[WeightStep, ...]) -> tuple[float, float]:
    """Return ends a little beyond the values: what looks change is small."""
    values = [float(value) for step in steps for score, _ in _SCORES if (value := step.scores.get(score)) is not None]
    return (min(values) - 0.02, max(values) + 0.02) if values else (0.0, 1.0)
