"""Makes ``data/weights/yolov8n_drawn.pt``: a detector taught on drawn games that are not in the sample.

It stands in for weights from a hub where there is no network. Several hundred short games are drawn, each
with a look and a seed of its own, none of them the sample's; a YOLOv8n learns ball and person on them, as
COCO's classes would give, and its tensors are written in half precision.

Whole frames teach it people; windows around the ball, in a second call that starts from the first, teach it the
ball: ``make weights`` runs both.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from courtside.detectors.protocol import Epoch, FitSettings
from courtside.detectors.ultralytics_detector import UltralyticsDetector
from courtside.detectors.weights import load_weights
from courtside.errors import UserError
from courtside.executor import map_in_processes
from courtside.sample.drawing import ObjectBox, draw_frames
from courtside.sample.looks import random_look
from courtside.sample.settings import GameSettings

LABELS = ("ball", "person")
FIRST_SEED = 100_000
"""Seeds of the sample's games are far below, so no game is drawn twice."""
VALIDATION_GAMES = 5
MINIMUM_VISIBILITY = 0.3


@dataclass(frozen=True)
class Job:
    """One game to draw: its seed, and where and how many of its frames are written."""

    seed: int
    frames: int
    folder: Path
    split: str
    width: int
    window: int


def draw(job: Job) -> int:
    """Draw ``job.frames`` frames of a game, evenly over it, as JPEG with YOLO labels; return the images written.

    A frame is written whole, shrunk to ``job.width``; or, with ``job.window``, as two windows of that width around
    the ball (around a person where no ball can be seen), one at full resolution and one at half. Windows are a
    quarter of the work, and a ball is learned from them far sooner than from whole frames.
    """
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
    written = 0
    for frame in draw_frames(settings, stride=max(1, settings.frames // job.frames)):
        if frame.defect in ("dark", "empty", "bright"):
            continue
        seen = [box for box in frame.boxes if box.visibility >= MINIMUM_VISIBILITY]
        stem = f"{settings.name}_{frame.index:05d}"
        for scale in (1.0, 0.5) if job.window else (job.width / settings.width,):
            width, height = round(settings.width * scale), round(settings.height * scale)
            image = cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_AREA) if scale < 1 else frame.image
            left = top = 0
            if job.window:
                left, top = _window(seen, scale, (width, height), job.window, random)
                image = image[top : top + job.window * 9 // 16, left : left + job.window]
            pixels = np.ascontiguousarray(image, dtype=np.uint8)
            _write(job, f"{stem}_{width}", pixels, _scaled(seen, scale, left, top), random)
            written += 1
    return written


def _window(
    seen: Sequence[ObjectBox], scale: float, size: tuple[int, int], width: int, random: np.random.Generator
) -> tuple[int, int]:
    """Return the corner of a window that holds the ball, or else a person, at a random place in it."""
    balls = [box for box in seen if box.label == "ball"]
    choice = balls or list(seen)
    if not choice:
        return int(random.integers(0, size[0] - width)), int(random.integers(0, size[1] - width * 9 // 16))
    box = choice[int(random.integers(len(choice)))]
    corner = []
    for middle, extent, whole in (
        ((box.x1 + box.x2) / 2 * scale, width, size[0]),
        ((box.y1 + box.y2) / 2 * scale, width * 9 // 16, size[1]),
    ):
        corner.append(int(np.clip(middle - random.uniform(0.1, 0.9) * extent, 0, whole - extent)))
    return corner[0], corner[1]


def _scaled(seen: Sequence[ObjectBox], scale: float, left: int, top: int) -> list[tuple[str, NDArray[np.float64]]]:
    offset = np.array([left, top, left, top])
    return [(box.label, np.array([box.x1, box.y1, box.x2, box.y2]) * scale - offset) for box in seen]


def _write(
    job: Job,
    stem: str,
    image: NDArray[np.uint8],
    boxes: Sequence[tuple[str, NDArray[np.float64]]],
    random: np.random.Generator,
) -> None:
    height, width = image.shape[:2]
    quality = int(random.integers(60, 96))
    cv2.imwrite(str(job.folder / "images" / job.split / f"{stem}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    lines = []
    for label, corners in boxes:
        x1, y1, x2, y2 = np.clip(corners, 0, [width, height, width, height])
        whole = (corners[2] - corners[0]) * (corners[3] - corners[1])
        if (x2 - x1) * (y2 - y1) < MINIMUM_VISIBILITY * whole or x2 <= x1 or y2 <= y1:
            continue
        number = 0 if label == "ball" else 1
        place = ((x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height)
        lines.append(f"{number} " + " ".join(f"{value:.6f}" for value in place) + "\n")
    (job.folder / "labels" / job.split / f"{stem}.txt").write_text("".join(lines), encoding="utf-8")


def main() -> None:
    """Draw the games, train, write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--games", type=int, default=110, help="games to draw (default: %(default)s)")
    parser.add_argument("--frames", type=int, default=40, help="frames of each (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=5, help="passes over them (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=16, help="images a step (default: %(default)s)")
    parser.add_argument("--image-size", type=int, default=640, help="width of the input (default: %(default)s)")
    parser.add_argument("--window", type=int, default=0, help="train on windows of this width (default: whole frames)")
    parser.add_argument("--lr0", type=float, default=0.002, help="first learning rate (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=None, help="processes (default: one a core)")
    parser.add_argument("--initial", type=Path, default=None, help="weights to start from (default: random)")
    parser.add_argument(
        "--first-seed", type=int, default=FIRST_SEED, help="seed of the first game (default: %(default)s)"
    )
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
        Job(
            options.first_seed + n,
            options.frames,
            dataset,
            "val" if n < VALIDATION_GAMES else "train",
            options.image_size,
            options.window,
        )
        for n in range(options.games)
    ]
    drawn = map_in_processes(draw, jobs, workers=options.workers)
    print(f"drew {sum(drawn)} images of {options.games} games in {time.monotonic() - start:.0f} s", flush=True)
    initial = load_weights(options.initial) if options.initial else None
    detector = UltralyticsDetector("yolov8n", LABELS, options.window or options.image_size, initial)

    def on_epoch(epoch: Epoch) -> None:
        shown = ", ".join(
            f"{name} {epoch.figures[name]:.3f}" for name in ("mAP50", "mAP50-95") if name in epoch.figures
        )
        print(f"epoch {epoch.number}/{epoch.total}: {shown}, {time.monotonic() - start:.0f} s", flush=True)

    settings = FitSettings(
        epochs=options.epochs,
        batch=options.batch,
        optimizer="AdamW",
        lr0=options.lr0,
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
    detector.image_size = options.image_size
    detector.save(options.output)
    print(f"wrote {options.output} ({options.output.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
