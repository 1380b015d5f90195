"""What each round was trained on, what it reaches, and how good the labels it made are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from courtside import layout
from courtside.metrics.bootstrap import paired_interval
from courtside.metrics.losses import loss_names
from courtside.metrics.remarks import remark_on_gain, remarks_on_labels, remarks_on_test
from courtside.report.collect_datasets import collect_taught
from courtside.report.content import (
    Audit,
    Confusion,
    Curves,
    Gain,
    Loss,
    Number,
    Points,
    PseudoLabels,
    Round,
    Scores,
    Step,
    Training,
)
from courtside.report.reading import read_optional, read_report
from courtside.report.settings import PlannedRound

_SPLITS = ("train", "val")


def collect_round(root: Path, planned: PlannedRound) -> Round:
    """Read one round.

    Raises:
        UserError: when its evaluation is missing.
    """
    metrics = read_report(root / layout.report("evaluate", f"{planned.name}/metrics.json"), "mAP50")
    trained = read_optional(root / layout.report("train", f"{planned.name}/metrics.json"))
    curves = read_optional(root / layout.report("evaluate", f"{planned.name}/curves.json"))
    epochs = trained.get("epochs")
    confusion = metrics.get("confusion") or {}
    images = trained.get("images") or {}
    interval = metrics.get("mAP50_interval")
    return Round(
        name=planned.name,
        detector=str(trained.get("detector") or planned.detector),
        teacher=str(trained.get("teacher") or planned.teacher),
        overall=_scores("all", metrics),
        interval=(float(interval[0]), float(interval[1])) if interval and None not in interval else None,
        confidence=metrics.get("confidence"),
        labels=tuple(_scores(label, values) for label, values in (metrics.get("labels") or {}).items()),
        true_positives=confusion.get("tp"),
        false_positives=confusion.get("fp"),
        false_negatives=confusion.get("fn"),
        test_images=metrics.get("images"),
        train_images=images.get("train"),
        val_images=images.get("val"),
        human_images=trained.get("human_images"),
        confusion=_confusion(metrics.get("confusion_matrix")),
        curves=tuple(_curves(label, values) for label, values in _with_mean(curves).items()),
        training=_training(epochs or []),
        epochs=None if epochs is None else len(epochs),
        full_precision=metrics.get("full_precision_confidence"),
        taught=collect_taught(root, planned.name),
        remarks=tuple(remarks_on_test(planned.name, metrics, trained)),
    )


def with_gains(root: Path, rounds: Sequence[Round]) -> tuple[Round, ...]:
    """Compare each round with the one before it, and with the first.

    The scores of the test sets drawn for either are compared draw by draw, where both were drawn from the same frames
    with the same seed.
    """
    drawn = [read_optional(root / layout.report("evaluate", f"{each.name}/resamples.json")) for each in rounds]

    def gain(before: int, after: int) -> Gain | None:
        first, second = rounds[before].overall.map50, rounds[after].overall.map50
        if first is None or second is None:
            return None
        return Gain(rounds[before].name, second - first, _paired(drawn[before], drawn[after]))

    compared = list(rounds[:1])
    for number, each in enumerate(rounds[1:], start=1):
        latest = gain(number - 1, number)
        remarks = (remark_on_gain(latest.other, latest.difference, latest.interval),) if latest else ()
        whole = replace(each, gain=latest, since_first=gain(0, number), remarks=(*each.remarks, *remarks))
        compared.append(whole)
    return tuple(compared)


def _paired(first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the interval of the difference; None where the draws are missing or are not the same."""
    if not first or not second or any(first.get(key) != second.get(key) for key in ("seed", "groups")):
        return None
    before, after = (np.array(each.get("mAP50") or [], dtype=np.float64) for each in (first, second))
    return paired_interval(before, after) if before.shape == after.shape else None


def collect_pseudo_labels(root: Path, name: str) -> PseudoLabels | None:
    """Read the audit of the labels a round made, or None where it made none."""
    metrics = read_optional(root / layout.report("label", f"{name}/metrics.json"))
    if not metrics:
        return None
    frames = metrics.get("frames") or {}
    comparison = metrics.get("comparison") or {}
    interval = ((metrics.get("intervals") or {}).get("after") or {}).get("f1")
    low, high = comparison.get("low"), comparison.get("high")
    return PseudoLabels(
        name,
        _audit(metrics.get("before") or {}),
        _audit(metrics.get("after") or {}),
        tuple(
            Step(
                str(step["name"]),
                *(step.get(key) for key in ("removed", "added", "moved", "precision", "recall", "f1")),
            )
            for step in metrics.get("steps") or []
        ),
        metrics.get("accepted"),
        frames.get("labelled"),
        frames.get("audited"),
        f1_interval=(interval[0], interval[1]) if interval and None not in interval else None,
        rejected=bool(metrics.get("rejected")),
        champion=metrics.get("champion"),
        compared_with=comparison.get("with"),
        difference=comparison.get("difference"),
        difference_interval=None if low is None or high is None else (low, high),
        remarks=tuple(remarks_on_labels(name, metrics)),
    )


def _scores(label: str, values: Mapping[str, Any]) -> Scores:
    return Scores(
        label,
        values.get("AP50", values.get("mAP50")),
        values.get("AP50-95", values.get("mAP50-95")),
        values.get("precision"),
        values.get("recall"),
        values.get("f1"),
    )


def _audit(values: Mapping[str, Any]) -> Audit:
    return Audit(*(values.get(key) for key in ("precision", "recall", "f1", "mean_iou", "boxes")))


def _confusion(values: Mapping[str, Any] | None) -> Confusion | None:
    if not values:
        return None
    counts = tuple(tuple(row) for row in values.get("raw", values.get("counts")) or ())
    return Confusion(tuple(values["labels"]), counts, _shares(counts, values.get("normalized")))


def _shares(
    counts: tuple[tuple[Number, ...], ...], given: Sequence[Sequence[Number]] | None
) -> tuple[tuple[Number, ...], ...]:
    if given is not None:
        return tuple(tuple(row) for row in given)
    sums = [sum(count or 0 for count in column) for column in zip(*counts, strict=True)]
    return tuple(
        tuple((count or 0) / total if total else None for count, total in zip(row, sums, strict=True)) for row in counts
    )


def _with_mean(curves: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the mean of the labels, as ``all``, where the file has none and the labels share their points."""
    if "all" in curves or len(curves) < 2:
        return curves
    first, *others = curves.values()
    points, means = ("recall", "confidence"), ("precision", "f1", "precision_at_confidence", "recall_at_confidence")
    if any(values.get(key) != first.get(key) for values in others for key in points):
        return curves
    mean = {
        key: [sum(column) / len(column) for column in zip(*(values[key] for values in curves.values()), strict=True)]
        for key in means
        if all(values.get(key) for values in curves.values())
    }
    return {"all": {key: first.get(key) for key in points} | mean, **curves}


def _curves(label: str, values: Mapping[str, Any]) -> Curves:
    confidence = values.get("confidence") or []
    return Curves(
        label,
        _points(values.get("recall") or [], values.get("precision") or []),
        _points(confidence, values.get("f1") or []),
        _points(confidence, values.get("precision_at_confidence") or []),
        _points(confidence, values.get("recall_at_confidence") or []),
    )


def _training(epochs: Sequence[Mapping[str, Any]]) -> Training | None:
    if not epochs:
        return None
    numbers = [epoch["epoch"] for epoch in epochs]
    parts = loss_names(epochs)
    return Training(
        train_loss=_points(numbers, [_loss(epoch, "train") for epoch in epochs]),
        val_loss=_points(numbers, [_loss(epoch, "val") for epoch in epochs]),
        map50=_points(numbers, [epoch.get("mAP50") for epoch in epochs]),
        map50_95=_points(numbers, [epoch.get("mAP50-95") for epoch in epochs]),
        parts=tuple(
            Loss(
                name,
                *(_points(numbers, [epoch.get(f"{split}_{name}_loss") for epoch in epochs]) for split in _SPLITS),
            )
            for name in parts
            if len(parts) > 1
        ),
    )


def _loss(epoch: Mapping[str, Any], split: str) -> Number:
    """Return the loss of a split: the one named so, or the sum of its parts (``train_box_loss`` and so on)."""
    if f"{split}_loss" in epoch:
        whole: Number = epoch[f"{split}_loss"]
        return whole
    parts = [value for key, value in epoch.items() if key.startswith(f"{split}_") and key.endswith("_loss")]
    return sum(parts) if parts and None not in parts else None


def _points(xs: Sequence[Number], ys: Sequence[Number]) -> Points:
    pairs = zip(xs, ys, strict=False)
    return tuple((float(x), float(y)) for x, y in pairs if x is not None and y is not None)
