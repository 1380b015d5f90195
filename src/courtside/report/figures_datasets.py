"""The charts of the labels that rounds learned from."""

from __future__ import annotations

from markupsafe import Markup

from courtside.report.charts import Bar, stacked_bar_chart
from courtside.report.charts_joint import correlogram, joint_chart
from courtside.report.content import Content
from courtside.report.numbers import plural

AXES = ("x", "y", "width", "height")
_STYLES = 6


def taught_labels(content: Content) -> list[str]:
    """Return the labels that any round learned from, in order."""
    return list(dict.fromkeys(each.label for one in content.rounds if one.taught for each in one.taught.labels))


def label_style(content: Content, label: str) -> str:
    """Return the class that gives a label its colour: the first stands out."""
    return f"l{min(_STYLES - 1, taught_labels(content).index(label))}"


def label_bars(content: Content) -> Markup:
    """Draw which labels the training boxes of each round have."""
    bars = [
        Bar(
            each.name,
            plural(each.taught.boxes, "box"),
            tuple((label_style(content, count.label), count.label, count.train) for count in each.taught.labels),
        )
        for each in content.rounds
        if each.taught and each.taught.boxes
    ]
    return stacked_bar_chart(bars, title="Share of the training boxes of each round by label", unit="boxes")


def label_maps(content: Content, label: str, across: str, up: str) -> list[tuple[str, Markup]]:
    """Draw where the boxes of a label lie, or how large they are, a chart a round."""
    charts = []
    for each in content.rounds:
        shape = each.taught.shape(label) if each.taught else None
        pair = shape.pair(across, up) if shape else None
        if shape and pair:
            title = f"{across} and {up} of the {label} boxes that {each.name} learned from"
            charts.append((each.name, joint_chart(pair, _ends(content, label), title=title)))
    return charts


def correlograms(content: Content, label: str) -> list[tuple[str, Markup]]:
    """Draw each of x, y, width and height of a label against each, a chart a round."""
    charts = []
    for each in content.rounds:
        shape = each.taught.shape(label) if each.taught else None
        if shape:
            title = f"Correlogram of the {label} boxes that {each.name} learned from"
            charts.append((each.name, correlogram(AXES, shape, _ends(content, label), title=title)))
    return charts


def _ends(content: Content, label: str) -> dict[str, float]:
    """Return where the axes end on which all rounds have room."""
    shapes = [shape for each in content.rounds if each.taught and (shape := each.taught.shape(label))]
    return {axis: max(shape.ends[axis] for shape in shapes) for axis in AXES}
