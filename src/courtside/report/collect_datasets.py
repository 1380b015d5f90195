"""What the labels look like that a round learned from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from courtside import layout
from courtside.report.content_datasets import JointCounts, LabelCount, LabelShape, Taught
from courtside.report.reading import read_optional


def collect_taught(root: Path, name: str) -> Taught | None:
    """Read the description of a round's dataset, or return None where there is none.

    Raises:
        UserError: when it is damaged or another version wrote it.
    """
    metrics = read_optional(root / layout.report("dataset", f"{name}/metrics.json"), "boxes")
    if not metrics:
        return None
    shapes = read_optional(root / layout.report("dataset", f"{name}/labels.json"))
    boxes = metrics["boxes"] or {}
    return Taught(
        tuple(LabelCount(label, counts.get("train") or 0, counts.get("val") or 0) for label, counts in boxes.items()),
        metrics.get("background") or 0,
        tuple(_shape(label, values) for label, values in shapes.items()),
    )


def _shape(label: str, values: Mapping[str, Any]) -> LabelShape:
    ends = {axis: float(high) for axis, (_, high) in values["ends"].items()}
    return LabelShape(
        label,
        ends,
        {axis: tuple(counts) for axis, counts in values["counts"].items()},
        dict(values.get("median") or {}),
        tuple(
            JointCounts(
                pair["across"],
                pair["up"],
                ends[pair["across"]],
                ends[pair["up"]],
                tuple(tuple(row) for row in pair["counts"]),
            )
            for pair in values["pairs"]
        ),
    )
