"""The figures of classifiers, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from courtside import layout
from courtside.apps.markdown import table
from courtside.files import read_json
from courtside.report.reading import read_of_split

ROWS = (
    ("parameters", "parameters"),
    ("epochs", "epochs"),
    ("training loss", "train_loss"),
    ("validation loss", "val_loss"),
    ("error rate", "error_rate"),
    ("accuracy", "accuracy"),
    ("images/s", "images_per_s"),
)


def classifiers(root: Path) -> str:
    """Return what the classifiers of frames reach below ``root``.

    Raises:
        UserError: when the report of the stage is missing.
    """
    metrics = read_json(root / layout.report("classify", "metrics.json"))
    if metrics["top1"] is None:
        return f"Not trained: {metrics.get('reason') or 'too few sorted frames of both kinds'}."
    parts = [_compared(metrics)]
    if metrics["confusion"] is not None:
        parts += [_filter(metrics)]
    if measured := read_of_split(root, root / layout.report("classify", "by_source.json")):
        parts += ["#### On videos they have never seen", *_by_source(measured)]
    return "\n\n".join(parts)


def _compared(metrics: Mapping[str, Any]) -> str:
    rows: Sequence[Mapping[str, Any]] = metrics["classifiers"]
    images = metrics["images"]
    lines = [[name, *(_cell(key, row[key]) for row in rows)] for name, key in ROWS]
    for label in metrics["labels"]:
        for key in ("precision", "recall"):
            lines.append([f"{label}: {key}", *(row["labels"][label][key] for row in rows)])
    head = table(["on validation frames", *(f"`{row['name']}`" for row in rows)], lines)
    used = f" `{metrics['classifier']}` has the least validation loss and is used." if len(rows) > 1 else ""
    text = f"{images['train']} frames to train, {images['val']} to validate, both sorted by hand.{used}"
    matrices = [f"`{row['name']}`\n\n{_matrix(row, metrics['labels'])}" for row in rows]
    note = "Confusions, rows predicted, columns true: frames, and their share of the true."
    return "\n\n".join([text, head, note, *matrices])


def _cell(key: str, value: float) -> str | float:
    if key == "images_per_s":
        return f"{value:.0f}"
    return f"{value:,}" if isinstance(value, int) else value


def _matrix(row: Mapping[str, Any], labels: Sequence[str]) -> str:
    lines = [
        [label, *(f"{count} ({share:.0%})" for count, share in zip(counts, shares, strict=True))]
        for label, counts, shares in zip(labels, row["matrix"], row["normalized"], strict=True)
    ]
    return table(["", *labels], lines)


def _filter(metrics: Mapping[str, Any]) -> str:
    confusion, decision = metrics["confusion"], metrics["filter"]
    cells = [metrics["threshold"], metrics["top1"], metrics["precision"], metrics["recall"]]
    cells += [confusion[key] for key in ("tp", "fp", "fn", "tn")]
    head = ["the filter keeps from", "top-1", "precision", "recall", "tp", "fp", "fn", "tn"]
    acts = (
        f"The filter took {decision['taken_out']} frames out"
        if decision["applied"]
        else "The filter takes no frame out"
    )
    return f"{table(head, [cells])}\n\n{acts}: {decision['reason']}."


def _by_source(measured: Mapping[str, Any]) -> list[str]:
    labels, always = measured["labels"], measured["always"]
    text = (
        f"{measured['frames']} sorted frames of {measured['shots']} shots, {len(measured['folds'])} trainings, each "
        f"without one group of videos. Always saying `{always['label']}` would be right for {always['accuracy']:.1%}. "
        "In brackets: 95 % intervals, by shots."
    )
    rows = measured["classifiers"]
    lines = [
        ["accuracy on known videos", *(row["seen_accuracy"] for row in rows)],
        ["accuracy on unseen ones", *(_with(row["accuracy"], row["accuracy_interval"]) for row in rows)],
    ]
    for label in labels:
        for key in ("precision", "recall"):
            own = [row["labels"][label] for row in rows]
            lines.append([f"{label}: {key}", *(_with(scores[key], scores[f"{key}_interval"]) for scores in own)])
    parts = [text, table(["", *(f"`{row['name']}`" for row in rows)], lines)]
    for row in rows:
        filtered = "filter" in row["videos"][0]
        head = [f"`{row['name']}` without", *labels, "accuracy"]
        head += ["the filter would act", "empty frames out", "balls lost"] if filtered else []
        by_video = []
        for video in row["videos"]:
            by_video.append([video["video"], *(video["counts"][label] for label in labels), video["accuracy"]])
            if filtered:
                own = video["filter"]
                by_video[-1] += ["yes" if own["acts"] else "no", own["empty_out"], own["balls_out"]]
        parts.append(table(head, by_video))
    return parts


def _with(score: float, interval: Sequence[float] | None) -> str:
    return f"{score:.3f} ({interval[0]:.3f}–{interval[1]:.3f})" if interval else f"{score:.3f}"
