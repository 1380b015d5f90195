"""The rounds on real video without a human label: COCO's *sports ball* first, then what it was sure of, twice.

``python bench/real_zero_shot.py --data FOLDER`` lets the YOLOv5n of COCO look at the four clips of bench/real_run.py as
it is, refines what it found, and trains a YOLOv5n of one class on that, which looks again, and so on. No picture was
labelled by hand; the truth of the clips judges the labels and is used for nothing else. The settings of the refinement
are those of bench/real_run.py. Figures go to ``bench/results/real_zero_shot.json`` and docs/real_run.md. Weights and
detections are kept in ``--work``: a killed run goes on where it was.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import clean
import polars as pl
from real_run import (
    BALL,
    CLIPS,
    ROOT,
    SETTINGS,
    Material,
    Plan,
    best_threshold,
    fit_settings,
    look,
    mean_f1,
    read_material,
    rounded,
    score,
    score_table,
)

from courtside.apps.markdown import replace_section
from courtside.datasets.write import write_dataset
from courtside.detectors.build import build_detector, pretrained_detector
from courtside.detectors.weights import load_weights
from courtside.errors import UserError
from courtside.files import write_json
from courtside.progress import Progress
from courtside.pseudolabels.confidence import keep_confident
from courtside.pseudolabels.pipeline import refine

FIRST = Plan("zero_shot", 1024, (1024,), 0, 0.0)
PLANS = (
    Plan("yolo_n_first", 640, (1024,), 10, 0.001),
    Plan("yolo_n_second", 640, (1024,), 4, 0.0005),
)
TAUGHT_EVERY = 2  # neighbours are alike
VALIDATED_EVERY = 16  # to choose the best epoch by, though it only says how well the teacher is imitated


def train(plan: Plan, work: Path, material: Material, labels: pl.DataFrame, start: Path, *, first: bool) -> Path:
    """Train a round on the labels of the one before; return its weights."""
    weights = work / f"{plan.name}.pt"
    if not weights.is_file():
        shown = labels.select("video", "frame").unique().filter(pl.col("frame") % TAUGHT_EVERY == 0)
        validates = pl.col("frame") % VALIDATED_EVERY == 0
        split = pl.when(validates).then(pl.lit("val")).otherwise(pl.lit("train"))
        chosen = shown.with_columns(split=split, source=pl.lit("teacher")).sort("video", "frame")
        dataset = work / f"dataset_{plan.name}"
        if not dataset.is_dir():
            with Progress(f"dataset {plan.name}", total=chosen.height, unit="images") as progress:
                write_dataset(dataset, chosen, labels, material.videos, BALL, jpeg_quality=92, report=progress.update)
        detector = build_detector("yolov5n", BALL, plan.image_size, load_weights(start))
        with Progress(f"train {plan.name}", total=1, unit="batches") as progress:
            settings = fit_settings(plan, first=first)
            detector.fit(dataset, settings, work / f"fit_{plan.name}", lambda epoch: None, progress.update)
        detector.save(weights)
    return weights


def run(material: Material, work: Path) -> list[dict[str, Any]]:
    """Run the rounds; return a row for each way of making labels."""
    rows: list[dict[str, Any]] = []

    def add(plan: Plan, how: str, scores: Mapping[str, Mapping[str, float | int]]) -> None:
        rows.append({"round": plan.name, "how": how, "mean_f1": mean_f1(scores), "clips": dict(scores)})
        print(f"{plan.name}, {how}: mean F1 {mean_f1(scores):.3f}", flush=True)

    weights = work / f"{FIRST.name}.pt"
    if not weights.is_file():
        coco = load_weights(material.initial)
        pretrained_detector("yolov5n_anchors", BALL, FIRST.image_size, coco, {"sports ball": "ball"}).save(weights)
    labels, before = pl.DataFrame(), None
    for number, plan in enumerate((FIRST, *PLANS)):
        if number:
            start = material.initial if number == 1 else work / f"{PLANS[number - 2].name}.pt"
            weights = train(plan, work, material, labels, start, first=number == 1)
        seen = look(weights, plan.looks[-1], work, material)
        add(plan, "threshold 0.4", score(keep_confident(seen, 0.4), material))
        add(plan, "best threshold of each clip", best_threshold(seen, material))
        refined = refine(seen, material.clips, SETTINGS).boxes
        add(plan, "refined", score(refined, material))
        if before is not None:
            carried = refine(seen, material.clips, replace(SETTINGS, carry=True), before).boxes
            add(plan, "refined, and the labels before where it has none", score(carried, material))
        labels = before = refined.with_columns(source=pl.lit(plan.name))
    return rows


def main() -> None:
    """Run the rounds, print and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with video/, video_truth/, weights/ …")
    parser.add_argument("--work", type=Path, default=ROOT / ".courtside/real_zero_shot", help="(default: %(default)s)")
    options = parser.parse_args()
    try:
        material = read_material(options.data)
        options.work.mkdir(parents=True, exist_ok=True)
        rows = run(material, options.work)
    except UserError as error:
        sys.exit(f"error: {error}")
    rows = [
        {**row, "mean_f1": round(row["mean_f1"], 4), "clips": {name: rounded(row["clips"][name]) for name in CLIPS}}
        for row in rows
    ]
    result = {**clean.origin(), "rows": rows, "ratios": {}}
    write_json(ROOT / "bench/results/real_zero_shot.json", result)
    text = (
        f"{result['date']}, commit {result['commit']}, {result['machine']}. F1 at IoU 0.5 (precision, recall; mean IoU "
    )
    replace_section(ROOT / "docs/real_run.md", "real_zero_shot", f"{text}of the right ones).\n\n{score_table(rows)}")


if __name__ == "__main__":
    main()
