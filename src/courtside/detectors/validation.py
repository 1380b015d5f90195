"""Scores of detections on validation pictures that are not frames of a video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
import torch

from courtside import boxes
from courtside.metrics.detection import evaluate_detections


def score_boxes(
    found: Sequence[Mapping[str, torch.Tensor]], truth: Sequence[Mapping[str, torch.Tensor]], labels: Sequence[str]
) -> dict[str, float]:
    """Return ``precision``, ``recall``, ``mAP50`` and ``mAP50-95``; all 0 where no picture has a box.

    Precision and recall are those at the confidence of the best F1.

    Args:
        found: for each picture ``boxes`` (n, 4), x1, y1, x2, y2, ``labels`` (n,) from 1, and ``scores`` (n,), 0–1.
        truth: the same without scores.
        labels: what the classes are called.
    """
    true_boxes, found_boxes = (_table(entries, labels) for entries in (truth, found))
    if true_boxes.is_empty():
        return dict.fromkeys(("precision", "recall", "mAP50", "mAP50-95"), 0.0)
    frames = pl.DataFrame({"video": ["val"] * len(truth), "frame": np.arange(len(truth), dtype=np.int32)})
    scores = evaluate_detections(true_boxes, found_boxes, frames, labels)
    return {
        "precision": scores.precision,
        "recall": scores.recall,
        "mAP50": scores.mean_average_precision_50,
        "mAP50-95": scores.mean_average_precision_50_95,
    }


def _table(entries: Sequence[Mapping[str, torch.Tensor]], labels: Sequence[str]) -> pl.DataFrame:
    counts = [len(entry["boxes"]) for entry in entries]
    corners = torch.cat([entry["boxes"] for entry in entries]).numpy()
    columns = {name: corners[:, number] for number, name in enumerate(boxes.CORNERS)}
    table = pl.DataFrame(
        {
            "video": ["val"] * sum(counts),
            "frame": np.repeat(np.arange(len(entries), dtype=np.int32), counts),
            **columns,
            "label": [labels[int(number) - 1] for entry in entries for number in entry["labels"]],
            "score": torch.cat([entry.get("scores", torch.ones(len(entry["boxes"]))) for entry in entries]).numpy(),
            "source": ["val"] * sum(counts),
            "track": [None] * sum(counts),
            "visibility": [None] * sum(counts),
        },
        schema=boxes.SCHEMA,
    )
    return table.filter((pl.col("x2") > pl.col("x1")) & (pl.col("y2") > pl.col("y1")))
