"""Reads what the classifiers of frames reach, on validation frames and on videos they have never seen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from courtside import layout
from courtside.report.content import Classifier
from courtside.report.content_classifiers import (
    BallFilter,
    BySource,
    ComparedClassifier,
    FilterOnVideo,
    Interval,
    LabelScore,
    UnseenScores,
    UnseenVideo,
)
from courtside.report.reading import read_of_split, read_optional


def collect_classifier(root: Path) -> Classifier | None:
    """Read the scores of the classifiers, or None where the stage did not run."""
    metrics = read_optional(root / layout.report("classify", "metrics.json"), "top1")
    if not metrics:
        return None
    confusion = metrics.get("confusion") or {}
    used = metrics.get("classifier")
    acted = metrics.get("filter")
    return Classifier(
        metrics.get("top1"),
        metrics.get("precision"),
        metrics.get("recall"),
        confusion.get("tp"),
        confusion.get("fp"),
        confusion.get("fn"),
        confusion.get("tn"),
        metrics.get("images") or {},
        metrics.get("threshold"),
        metrics.get("reason") or "",
        tuple(_compared(row, used) for row in metrics.get("classifiers") or ()),
        BallFilter(acted["applied"], acted["reason"], acted["taken_out"]) if acted else None,
        _by_source(root),
    )


def _compared(row: Mapping[str, Any], used: str | None) -> ComparedClassifier:
    return ComparedClassifier(
        name=row["name"],
        architecture=row["architecture"],
        used=row["name"] == used,
        parameters=row["parameters"],
        epochs=row["epochs"],
        train_loss=row["train_loss"],
        val_loss=row["val_loss"],
        error_rate=row["error_rate"],
        accuracy=row["accuracy"],
        images_per_s=row["images_per_s"],
        labels=_labels(row["labels"]),
        counts=tuple(map(tuple, row["matrix"])),
        shares=tuple(map(tuple, row["normalized"])),
        run_id=row.get("mlflow_run_id"),
    )


def _labels(labels: Mapping[str, Mapping[str, Any]]) -> tuple[LabelScore, ...]:
    return tuple(
        LabelScore(
            label,
            scores["precision"],
            scores["recall"],
            scores["support"],
            _interval(scores.get("precision_interval")),
            _interval(scores.get("recall_interval")),
        )
        for label, scores in labels.items()
    )


def _by_source(root: Path) -> BySource | None:
    """Read what `courtside classify by-source` left; what was measured on an earlier split is out of date."""
    path = root / layout.report("classify", "by_source.json")
    measured = read_of_split(root, path, "folds", "frames", "shots", "always", "classifiers")
    if not measured:
        return None
    return BySource(
        len(measured["folds"]),
        measured["frames"],
        measured["shots"],
        measured["always"]["label"],
        measured["always"]["accuracy"],
        tuple(_unseen(row) for row in measured["classifiers"]),
    )


def _unseen(row: Mapping[str, Any]) -> UnseenScores:
    return UnseenScores(
        row["name"],
        row["seen_accuracy"],
        row["accuracy"],
        _interval(row["accuracy_interval"]),
        _labels(row["labels"]),
        tuple(
            UnseenVideo(
                each["video"],
                each["frames"],
                each["counts"],
                each["accuracy"],
                _filter(each.get("filter")),
            )
            for each in row["videos"]
        ),
    )


def _filter(values: Mapping[str, Any] | None) -> FilterOnVideo | None:
    return FilterOnVideo(values["acts"], values["balls_out"], values["empty_out"]) if values else None


def _interval(ends: list[float] | None) -> Interval:
    return (ends[0], ends[1]) if ends else None
