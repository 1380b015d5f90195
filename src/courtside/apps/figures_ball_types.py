"""The figures of ten kinds of ball, beside the published ones, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from courtside import layout
from courtside.apps.markdown import table
from courtside.errors import UserError
from courtside.files import read_json
from courtside.tables import read_table

# Training loss, validation loss, error rate and accuracy by architecture, from the README of Sports-Ball-Recognizer.
PUBLISHED = {
    "resnet34": (0.052, 0.043, 0.011, 0.9887),
    "googlenet": (0.694, 0.811, 0.213, 0.7865),
    "vgg16": (0.472, 0.557, 0.176, 0.824),
    "mobilenet_v3_small": (0.920, 0.882, 0.250, 0.7491),
}
DOUBTS = 12


def ball_types(root: Path) -> str:
    """Return what became of the pictures, the classifiers beside the published ones, and the most doubtful pictures.

    Raises:
        UserError: when a report is missing, or no classifier was trained.
    """
    metrics = read_json(root / layout.report("classify", "metrics.json"))
    if metrics["top1"] is None:
        raise UserError(f"no classifier was trained ({metrics.get('reason')}); there are no figures to write")
    count = metrics["images"]["val"]
    parts = [_pictures(root), _compared(metrics, count), _by_class(metrics), _doubts(root)]
    return "\n\n".join(parts)


def _pictures(root: Path) -> str:
    facts = read_json(root / layout.LEARN_VIDEOS)
    annotated = read_json(root / layout.report("annotate", "metrics.json"))
    split = read_json(root / layout.report("split", "metrics.json"))
    listed = sum(fact["frames"] for fact in facts.values())
    damaged = sum(fact["damaged_frames"] for fact in facts.values())
    twins = split["twins"] or {"pictures": 0, "groups": 0}
    return (
        f"{listed} pictures, {damaged} of them damaged; a person dropped {annotated['dropped_frames']}. "
        f"{twins['pictures']} look like another one and stay on its side, in {twins['groups']} groups; "
        f"{split['doubtful']} look like one of another class. {split['sorted']['train']} to train, "
        f"{split['sorted']['val']} to validate."
    )


def _compared(metrics: Mapping[str, Any], count: int) -> str:
    rows = []
    for row in metrics["classifiers"]:
        published = PUBLISHED.get(row["architecture"])
        low, high = interval(round(row["accuracy"] * count), count)
        rows.append([f"`{row['name']}`", row["weights"] or "random", row["image_size"], row["epochs"]])
        rows[-1] += [row["train_loss"], row["val_loss"], row["error_rate"]]
        rows[-1] += [f"{row['accuracy']:.1%}", f"{low:.1%}–{high:.1%}"]
        rows[-1] += (
            ["/".join(f"{value:.3f}" for value in published[:3]), f"{published[3]:.2%}"] if published else [None] * 2
        )
    head = ["", "started from", "px", "epochs", "training loss", "validation loss", "error rate", "accuracy", "95 %"]
    return table([*head, "published losses and error", "published accuracy"], rows)


def _by_class(metrics: Mapping[str, Any]) -> str:
    best = next(row for row in metrics["classifiers"] if row["name"] == metrics["classifier"])
    rows = [[label, own["precision"], own["recall"]] for label, own in best["labels"].items()]
    return f"Of `{best['name']}`, which has the least validation loss:\n\n{table(['', 'precision', 'recall'], rows)}"


def _doubts(root: Path) -> str:
    items = read_table(root / layout.CLASSIFIED_ITEMS).sort("loss", descending=True, maintain_order=True)
    wrong = items.filter(pl.col("predicted") != pl.col("label")).head(DOUBTS)
    rows = list(wrong.select("label", "predicted", "split", "probability", "loss").iter_rows())
    return (
        f"The {len(rows)} pictures it doubts most:\n\n"
        f"{table(['folder', 'said to be', 'split', 'probability of that', 'loss of the folder'], rows)}"
    )


def interval(successes: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share; Wilson, "Probable Inference" (1927), equation of the score interval.

    Args:
        successes: 0 to ``count``.
        count: how many were tried, at least 1.
    """
    z = 1.959964
    share, square = successes / count, z * z / count
    centre = (share + square / 2) / (1 + square)
    half = z * math.sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return max(0.0, centre - half), min(1.0, centre + half)
