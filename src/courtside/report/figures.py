"""The page's charts, drawn from its content."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from courtside.frames import VERDICTS
from courtside.report.charts import (
    Bar,
    Interval,
    Series,
    histogram,
    interval_chart,
    ladder_chart,
    line_chart,
    stacked_bar_chart,
)
from courtside.report.content import Cleaning, ClipCounts, Content, Curves, Round
from courtside.report.numbers import share

VERDICT_NAMES = {
    "usable": "Usable",
    "blur": "Blur",
    "dark": "Dark",
    "bright": "Bright",
    "empty": "Empty",
    "duplicate": "Duplicates",
    "without_ball": "Without ball",
}
_UNIT = (0.0, 1.0)
_EARLIER = 5
_MOST_DOTS = 30


def round_style(content: Content, name: str) -> str:
    """Return the class of a round's lines: the final one stands out, the others fade with their distance."""
    others = [each.name for each in content.rounds if each.name != content.final_round]
    return "r0" if name == content.final_round else f"r{min(_EARLIER, len(others) - others.index(name))}"


def cleaning_bars(cleaning: Cleaning) -> Markup:
    """Draw what became of the frames of each video."""
    totals = [video.total for video in cleaning.videos]
    return stacked_bar_chart(
        [_bar(total) for total in (*totals, cleaning.total)],
        title="Share of the frames of each video by verdict",
    )


def seen_verdicts(cleaning: Cleaning) -> list[tuple[str, str]]:
    """Return class and name of the verdicts that occur, for the legend."""
    return [(f"v-{verdict}", VERDICT_NAMES[verdict]) for verdict in VERDICTS if cleaning.total.verdicts[verdict]]


def _bar(counts: ClipCounts) -> Bar:
    parts = tuple((f"v-{verdict}", VERDICT_NAMES[verdict], counts.verdicts[verdict] or 0) for verdict in VERDICTS)
    return Bar(counts.name, f"{share(counts.verdicts['usable'], counts.total)} usable", parts)


def histograms(cleaning: Cleaning) -> list[Markup]:
    """Draw how the measures are distributed."""
    return [
        histogram(
            measure.edges,
            measure.counts,
            title=f"Distribution of {measure.name} over all frames",
            x_label=measure.name,
            thresholds=measure.thresholds,
            logarithmic=measure.logarithmic,
        )
        for measure in cleaning.measures
    ]


def scores_by_round(content: Content) -> list[tuple[str, Markup]]:
    """Draw mAP50 of each round with its interval, and the average precision of each label by round."""
    rows = [
        Interval(each.name, float(each.overall.map50), each.interval, round_style(content, each.name))
        for each in content.rounds
        if each.overall.map50 is not None
    ]
    charts = []
    if rows:
        charts.append(("mAP50, with its 95% interval", interval_chart(rows, title="mAP50 by round", y_label="mAP50")))
    by_label = [(label, [_map50(each, label) for each in content.rounds]) for label in labels(content)]
    if any(value is not None for _, row in by_label for value in row):
        columns = [(each.name, round_style(content, each.name)) for each in content.rounds]
        chart = ladder_chart(by_label, columns, title="AP50 of each label by round", y_label="AP50")
        charts.append(("AP50 of each label", chart))
    return charts


def _map50(each: Round, label: str) -> float | None:
    return next((scores.map50 for scores in each.labels if scores.label == label), None)


def labels(content: Content) -> list[str]:
    """Return the labels that any round was scored on, in order."""
    return list(dict.fromkeys(scores.label for each in content.rounds for scores in each.labels))


CURVES = (
    ("precision_over_recall", "recall", "precision"),
    ("f1_over_confidence", "confidence", "F1"),
    ("precision_over_confidence", "confidence", "precision"),
    ("recall_over_confidence", "confidence", "recall"),
)


def curve_labels(content: Content) -> list[str]:
    """Return what there are curves of: ``all`` first, then the labels."""
    known = dict.fromkeys(curves.label for each in content.rounds for curves in each.curves)
    return sorted(known, key=lambda name: name != "all")


def curve_charts(content: Content, label: str) -> list[tuple[str, Markup]]:
    """Draw the curves of a label, or of ``all``, all rounds over each other, one chart a kind.

    Where F1 is best and where precision reaches 1 is ringed on the curves of all labels, or of the only one.
    """
    charts = []
    for kind, x_label, y_label in CURVES:
        series = [
            Series(each.name, points, round_style(content, each.name), _mark(content, each, label, kind))
            for each in _final_last(content)
            if (curves := _curves_of(each, label)) and (points := getattr(curves, kind))
        ]
        if series:
            chart = line_chart(
                series,
                title=f"{y_label} over {x_label}, {label}, all rounds",
                x_label=x_label,
                y_label=y_label,
                x_range=_UNIT,
                y_range=_UNIT,
            )
            charts.append((f"{y_label[0].upper()}{y_label[1:]} over {x_label}", chart))
    return charts


def _mark(content: Content, each: Round, label: str, kind: str) -> tuple[float, float] | None:
    if label != curve_labels(content)[0]:
        return None
    if kind == "f1_over_confidence" and each.confidence is not None and each.overall.f1 is not None:
        return (float(each.confidence), float(each.overall.f1))
    if kind == "precision_over_confidence" and each.full_precision is not None:
        return (float(each.full_precision), 1.0)
    return None


def _curves_of(each: Round, label: str) -> Curves | None:
    return next((curves for curves in each.curves if curves.label == label), None)


def _final_last(content: Content) -> Iterable[Round]:
    return sorted(content.rounds, key=lambda each: each.name == content.final_round)


@dataclass(frozen=True)
class ChartRow:
    """Charts that share a legend: its (name, class) pairs, and a name and a chart for each round."""

    name: str
    legend: tuple[tuple[str, str], ...]
    charts: tuple[tuple[str, Markup], ...]


def training_charts(content: Content) -> list[ChartRow]:
    """Draw loss by epoch, and validation mAP by epoch, a chart a round each."""
    rows = []
    for name, y_label, lines in (
        ("loss", "loss", (("training", "train_loss", "r1"), ("validation", "val_loss", "r0"))),
        ("validation mAP", "mAP", (("mAP50-95", "map50_95", "r1"), ("mAP50", "map50", "r0"))),
    ):
        charts = []
        for each in content.rounds:
            found = [(title, getattr(each.training, key), style) for title, key, style in lines if each.training]
            series = [Series(title, points, style) for title, points, style in found if points]
            if series:
                chart = line_chart(
                    series,
                    title=f"{name} by epoch, {each.name}",
                    x_label="epoch",
                    y_label=y_label,
                    y_range=_UNIT if y_label == "mAP" else None,
                    dots=max(len(one.points) for one in series) <= _MOST_DOTS,
                )
                charts.append((each.name, chart))
        if charts:
            rows.append(ChartRow(name, tuple((title, style) for title, _, style in lines), tuple(charts)))
    return rows


LOSS_LINES = (("training", "train", "r1"), ("validation", "val", "r0"))


def loss_charts(content: Content) -> list[ChartRow]:
    """Draw each part of the loss by epoch, a chart a round each."""
    names = dict.fromkeys(part.name for each in content.rounds if each.training for part in each.training.parts)
    legend = tuple((title, style) for title, _, style in LOSS_LINES)
    rows = []
    for name in names:
        charts = []
        for each in content.rounds:
            part = next((one for one in each.training.parts if one.name == name), None) if each.training else None
            series = [Series(title, getattr(part, key), style) for title, key, style in LOSS_LINES if part]
            series = [one for one in series if one.points]
            if series:
                chart = line_chart(
                    series,
                    title=f"{name} loss by epoch, {each.name}",
                    x_label="epoch",
                    y_label=f"{name} loss",
                    dots=max(len(one.points) for one in series) <= _MOST_DOTS,
                )
                charts.append((each.name, chart))
        if charts:
            rows.append(ChartRow(name, legend, tuple(charts)))
    return rows
