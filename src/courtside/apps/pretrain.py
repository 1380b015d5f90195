"""Makes ``data/weights/yolov8n_drawn.pt``: a detector taught on drawn games that are not in the sample.

It stands in for weights from a hub where there is no network. Several hundred short games are drawn, each
with a look and a seed of its own, none of them the sample's; a YOLOv8n learns ball and person on them, as
COCO's classes would give, and its tensors are written in half precision.

``python -m courtside.apps.pretrain [--games N] [--frames N] [--epochs N] [--output PATH]``
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from courtside.detectors.protocol import Epoch, FitSettings
from courtside.detectors.ultralytics_detector import UltralyticsDetector
from courtside.errors import UserError
from courtside.executor import map_in_processes
from courtside.sample.drawing import draw_frames
from courtside.sample.looks import random_look
from courtside.sample.settings import GameSettings

LABELS = ("ball", "person")
FIRST_SEED = 100_000
"""Seeds of the sample's games are far below, so no game is drawn twice."""
VALIDATION_GAMES = 8
MINIMUM_VISIBILITY = 0.3


@dataclass(frozen=True)
class Job:
    """One game to draw: its seed, and where and how many of its frames are written."""

    seed: int
    frames: int
    folder: Path
    split: str
    width: int


def draw(job: Job) -> int:
    """Draw ``job.frames`` frames of a game, evenly over it, as JPEG with YOLO labels; return their number."""
    cv2.setNumThreads(1)
    random = np.random.default_rng(job.seed)
    settings = GameSettings(
        name=f"game_{job.seed}",
        seed=job.seed,
        seconds=24.0,
        look=random_look(job.seed),
        label_every=1,
        sort_every=1,
    )
    drawn = 0
    for frame in draw_frames(settings, stride=max(1, settings.frames // job.frames)):
        if frame.defect in ("dark", "empty", "bright"):
            continue
        height = round(job.width * settings.height / settings.width)
        image = cv2.resize(frame.image, (job.width, height), interpolation=cv2.INTER_AREA)
        stem = f"{settings.name}_{frame.index:05d}"
        quality = int(random.integers(60, 96))
        cv2.imwrite(str(job.folder / "images" / job.split / f"{stem}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        lines = []
        for box in frame.boxes:
            if box.visibility < MINIMUM_VISIBILITY:
                continue
            centre = ((box.x1 + box.x2) / 2 / settings.width, (box.y1 + box.y2) / 2 / settings.height)
            size = ((box.x2 - box.x1) / settings.width, (box.y2 - box.y1) / settings.height)
            label = 0 if box.label == "ball" else 1
            lines.append(f"{label} {centre[0]:.6f} {centre[1]:.6f} {size[0]:.6f} {size[1]:.6f}\n")
        (job.folder / "labels" / job.split / f"{stem}.txt").write_text("".join(lines), encoding="utf-8")
        drawn += 1
    return drawn


def main() -> None:
    """Draw the games, train, write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--games", type=int, default=400, help="games to draw (default: %(default)s)")
    parser.add_argument("--frames", type=int, default=40, help="frames of each (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=30, help="passes over them (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=64, help="images a step (default: %(default)s)")
    parser.add_argument("--image-size", type=int, default=640, help="width of the input (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=None, help="processes (default: one a core)")
    parser.add_argument("--output", type=Path, default=Path("data/weights/yolov8n_drawn.pt"))
    options = parser.parse_args()
    try:
        pretrain(options)
    except UserError as error:
        sys.exit(f"error: {error}")


def pretrain(options: argparse.Namespace) -> None:
    """Do what the command line in ``options`` asks for."""
    folder = Path(".courtside/pretrain")
    shutil.rmtree(folder, ignore_errors=True)
    dataset = folder / "dataset"
    for kind in ("images", "labels"):
        for split in ("train", "val"):
            (dataset / kind / split).mkdir(parents=True)
    start = time.monotonic()
    jobs = [
        Job(FIRST_SEED + n, options.frames, dataset, "val" if n < VALIDATION_GAMES else "train", options.image_size)
        for n in range(options.games)
    ]
    drawn = map_in_processes(draw, jobs, workers=options.workers)
    print(f"drew {sum(drawn)} frames of {options.games} games in {time.monotonic() - start:.0f} s", flush=True)
    detector = UltralyticsDetector("yolov8n", LABELS, options.image_size)

    def on_epoch(epoch: Epoch) -> None:
        shown = ", ".join(
            f"{name} {epoch.figures[name]:.3f}" for name in ("mAP50", "mAP50-95") if name in epoch.figures
        )
        print(f"epoch {epoch.number}/{epoch.total}: {shown}, {time.monotonic() - start:.0f} s", flush=True)

    settings = FitSettings(
        epochs=options.epochs,
        batch=options.batch,
        optimizer="AdamW",
        lr0=0.002,
        lrf=0.02,
        warmup_epochs=1.0,
        freeze=0,
        mosaic=0.0,
        scale=0.4,
        rectangular=True,
        patience=options.epochs,
        workers=options.workers or 8,
        device=None,
        seed=0,
    )
    detector.fit(dataset, settings, folder / "work", on_epoch)
    detector.save(options.output)
    print(f"wrote {options.output} ({options.output.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
