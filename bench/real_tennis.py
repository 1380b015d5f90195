"""A tennis ball in a broadcast: what a detector finds that learned from a few frames of the match, held out or beside.

``python bench/real_tennis.py --data FOLDER`` teaches a YOLOv5n of COCO on the labelled frames of ``detection/tennis``
and lets it look at the sequences of ``tracking/tennis_ball``, which are other frames of the same match; :data:`LEARNED`
says which detector learned from what. Figures go to ``bench/results/real_tennis.json`` and docs/real_run.md; weights
and detections stay in ``--work``, and a call that finds them there trains nothing.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import clean
import polars as pl
from real_run import BALL, THRESHOLDS, rounded

from courtside import boxes
from courtside.apps.markdown import replace_section, table
from courtside.datasets.write import write_dataset
from courtside.detectors.build import build_detector, load_detector
from courtside.detectors.detect import detect
from courtside.detectors.protocol import FitSettings
from courtside.detectors.weights import load_weights
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.formats.labels import read_labels
from courtside.progress import Progress
from courtside.pseudolabels.audit import count, figures
from courtside.pseudolabels.confidence import keep_confident
from courtside.video.images import list_images, sizes

ROOT = Path(__file__).resolve().parent.parent
SEQUENCES = ("tennis_0070_0123", "tennis_0139_0166", "tennis_0347_0433")
LEARNED: dict[str, Callable[[int], bool]] = {
    "another part of the match": lambda number: number >= 574,
    "all": lambda _: True,
}
IMAGE_SIZE = 1280
VALIDATES = 7  # every so manieth frame


def settings(epochs: int, workers: int) -> FitSettings:
    """Return how it is trained: no mosaic, which would halve a ball of eleven pixels."""
    return FitSettings(
        epochs=epochs,
        batch=8,
        optimizer="AdamW",
        lr0=0.001,
        lrf=0.05,
        warmup_epochs=1.0,
        freeze=0,
        mosaic=0.0,
        scale=0.3,
        rectangular=True,
        patience=1000,
        class_weight=0.5,
        average_share=0.2,
        workers=workers,
        device=None,
        seed=0,
    )


def teach(name: str, options: argparse.Namespace) -> Path:
    """Train on the frames that a detector may learn from; return its weights."""
    weights: Path = options.work / f"{name.replace(' ', '_')}.pt"
    if weights.is_file():
        return weights
    folder = options.data / "detection/tennis"
    images = list_images(folder / "images")
    human = read_labels(folder / "labels", "frames", {0: "ball"}, images, sizes(images), 0.0).boxes
    numbers = [int(re.findall(r"[0-9]+", path.stem)[-1]) for path in images]
    kept = [place for place, number in enumerate(numbers) if LEARNED[name](number)]
    chosen = pl.DataFrame(
        {
            "video": "frames",
            "frame": pl.Series(kept, dtype=pl.Int32),
            "split": ["val" if place % VALIDATES == VALIDATES // 2 else "train" for place in range(len(kept))],
            "source": "human",
        }
    )
    dataset = options.work / f"dataset_{weights.stem}"
    if not dataset.is_dir():
        write_dataset(
            dataset, chosen, human, {"frames": folder / "images"}, BALL, jpeg_quality=95, report=lambda done, of: None
        )
    detector = build_detector(
        "yolov5n", BALL, IMAGE_SIZE, load_weights(options.data / "weights/yolov5n_coco_state_dict.pt")
    )
    with Progress(f"train {name}", total=1, unit="batches") as progress:
        how = settings(options.epochs, options.workers)
        detector.fit(dataset, how, options.work / f"fit_{weights.stem}", lambda epoch: None, progress.update)
    detector.save(weights)
    return weights


def look(weights: Path, frames: pl.DataFrame, options: argparse.Namespace) -> pl.DataFrame:
    """Return what a detector sees on the sequences."""
    kept = options.work / f"{weights.stem}.parquet"
    if not kept.is_file():
        videos = {name: options.data / f"tracking/tennis_ball/{name}/img1" for name in SEQUENCES}
        found = detect(
            load_detector(weights),
            frames,
            videos,
            minimum_confidence=0.01,
            source=weights.stem,
            report=lambda done, of: None,
        )
        boxes.write(kept, found)
    return boxes.read(kept)


def main() -> None:
    """Train, look, score, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with detection/, tracking/, weights/")
    parser.add_argument("--work", type=Path, default=ROOT / ".courtside/real_tennis", help="(default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=60, help="(default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes that read images (default: %(default)s)")
    options = parser.parse_args()
    try:
        options.work.mkdir(parents=True, exist_ok=True)
        note = options.work / "origin.json"
        if not note.is_file():
            write_json(note, {**clean.origin(), "gpu": clean.card(), "epochs": options.epochs})
        publish([row for name in LEARNED for row in rows_of(name, options)], read_json(note))
    except UserError as error:
        sys.exit(f"error: {error}")


def rows_of(name: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return the figures of a detector, at 0.4 and at the best threshold of each sequence."""
    folder = options.data / "tracking/tennis_ball"
    counts = {sequence: len(list_images(folder / sequence / "img1")) for sequence in SEQUENCES}
    frames = pl.concat(
        pl.DataFrame({"video": sequence, "frame": range(number), "shot": 0}).with_columns(
            pl.col("frame", "shot").cast(pl.Int32)
        )
        for sequence, number in counts.items()
    )
    truth = pl.concat(
        read_labels(folder / sequence / "gt/gt.txt", sequence, {1: "ball"}, None, None, 0.0, number).boxes
        for sequence, number in counts.items()
    )
    found = look(teach(name, options), frames, options)

    def score(labels: pl.DataFrame, sequence: str) -> dict[str, float | int]:
        return figures(count(labels, truth, frames.filter(pl.col("video") == sequence), BALL))

    fixed = {sequence: score(keep_confident(found, 0.4), sequence) for sequence in SEQUENCES}
    tried = {
        sequence: [score(keep_confident(found, limit), sequence) for limit in THRESHOLDS] for sequence in SEQUENCES
    }
    best = {sequence: max(scores, key=lambda values: values["f1"]) for sequence, scores in tried.items()}
    return [
        {"learned": name, "how": how, "sequences": {sequence: rounded(each) for sequence, each in scores.items()}}
        for how, scores in (("threshold 0.4", fixed), ("best threshold of each sequence", best))
    ]


def publish(rows: list[dict[str, Any]], origin: dict[str, Any]) -> None:
    """Write the results file and the table."""
    write_json(ROOT / "bench/results/real_tennis.json", {**origin, "rows": rows})
    lines = [
        [row["learned"], row["how"]]
        + [
            f"{values['f1']:.3f} ({values['precision']:.2f}, {values['recall']:.2f}; IoU {values['mean_iou']:.2f})"
            for values in row["sequences"].values()
        ]
        for row in rows
    ]
    text = table(["learned from", "labels", *SEQUENCES], lines)
    text += "\n\nF1 at IoU 0.5 (precision, recall; mean IoU of the right ones); "
    text += f"{origin['epochs']} epochs at {IMAGE_SIZE} px. "
    text += f"{origin['date']}, commit {origin['commit']}, {origin['gpu'] or origin['machine']}."
    replace_section(ROOT / "docs/real_run.md", "real_tennis", text)
    print(text)


if __name__ == "__main__":
    main()
