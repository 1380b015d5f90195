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

from courtside.detectors.build import build_detector
from courtside.detectors.protocol import Epoch, FitSettings
from courtside.detectors.weights import load_weights
from courtside.errors import UserError
from courtside.executor import map_in_processes
from courtside.progress import Progress
from courtside.sample.ball import ball_sprites
from courtside.sample.drawing import ObjectBox, draw_frames
from courtside.sample.looks import random_look
from courtside.sample.scatter import scatter_balls
from courtside.sample.settings import GameSettings

LABELS = ("ball", "person")
FIRST_SEED = 100_000
"""Seeds of the sample's games are far below, so no game is drawn twice."""
VALIDATION_GAMES = 5
MINIMUM_VISIBILITY = 0.3
WINDOWS = 4
WINDOW_SCALES = (0.45, 0.9)
"""By how much windows shrink a frame of 1280 px: as inputs of 580 to 1150 px would."""


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

    A frame is written whole, shrunk to ``job.width``; or, with ``job.window``, as :data:`WINDOWS` windows of that
    width, each shrunk by a share of its own: two around the ball and two around a person, with balls scattered over
    all of them. Windows are a quarter of the work, and a ball is learned from them far sooner than from whole frames.
    """
    cv2.setNumThreads(1)
    random = np.random.default_rng(job.seed)
    look = random_look(job.seed)
    sprites = ball_sprites(look)
    settings = GameSettings(
        name=f"game_{job.seed}", seed=job.seed, seconds=24.0, look=look, label_every=1, sort_every=1
    )
    written = 0
    for frame in draw_frames(settings, stride=max(1, settings.frames // job.frames)):
        if frame.defect not in ("none", "duplicate"):
            continue
        seen = [box for box in frame.boxes if box.visibility >= MINIMUM_VISIBILITY]
        stem = f"{settings.name}_{frame.index:05d}"
        if not job.window:
            _write(job, stem, frame.image, seen, (0, 0, settings.width, settings.height), job.width, random)
            written += 1
            continue
        for number in range(WINDOWS):
            scale = float(random.uniform(*WINDOW_SCALES))
            region = _window(seen, "ball" if number % 2 else "player", job.window / scale, settings, random)
            image, balls = scatter_balls(frame.image, seen, look, sprites, region, int(random.integers(1, 6)), random)
            balls = [ball for ball in balls if ball.visibility >= MINIMUM_VISIBILITY]
            _write(job, f"{stem}_{number}", image, [*seen, *balls], region, job.window, random)
            written += 1
    return written


def _window(
    seen: Sequence[ObjectBox], label: str, width: float, settings: GameSettings, random: np.random.Generator
) -> tuple[int, int, int, int]:
    """Return a window (x1, y1, x2, y2) around an object of a label where there is one, at a random place in it."""
    size = np.minimum([round(width), round(width * 9 / 16)], [settings.width, settings.height])
    room = np.array([settings.width, settings.height]) - size
    choice = [box for box in seen if box.label == label]
    corner = random.integers(0, room + 1)
    if choice:
        box = choice[int(random.integers(len(choice)))]
        middle = np.array([(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2])
        corner = np.clip(np.round(middle - random.uniform(0.1, 0.9, 2) * size), 0, room).astype(np.int64)
    x1, y1, x2, y2 = (int(value) for value in (*corner, *(corner + size)))
    return x1, y1, x2, y2


def _write(
    job: Job,
    stem: str,
    image: NDArray[np.uint8],
    boxes: Sequence[ObjectBox],
    region: tuple[int, int, int, int],
    width: int,
    random: np.random.Generator,
) -> None:
    """Write a region of a frame, shrunk to ``width``, and what can be seen of the objects in it."""
    x1, y1, x2, y2 = region
    height = round(width * (y2 - y1) / (x2 - x1))
    pixels = cv2.resize(image[y1:y2, x1:x2], (width, height), interpolation=cv2.INTER_AREA)
    quality = int(random.integers(60, 96))
    cv2.imwrite(str(job.folder / "images" / job.split / f"{stem}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    origin, size = np.array([x1, y1, x1, y1]), np.array([x2 - x1, y2 - y1] * 2)
    lines = []
    for box in boxes:
        whole = (np.array([box.x1, box.y1, box.x2, box.y2]) - origin) / size
        left, top, right, bottom = np.clip(whole, 0, 1)
        area = (whole[2] - whole[0]) * (whole[3] - whole[1])
        if right <= left or bottom <= top or (right - left) * (bottom - top) < MINIMUM_VISIBILITY * area:
            continue
        number = 0 if box.label == "ball" else 1
        place = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
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
    with Progress("draw", total=len(jobs), unit="games") as progress:
        drawn = map_in_processes(draw, jobs, workers=options.workers, report=progress.update)
    print(f"drew {sum(drawn)} images of {options.games} games in {time.monotonic() - start:.0f} s", flush=True)
    initial = load_weights(options.initial) if options.initial else None
    detector = build_detector("yolov8n", LABELS, options.window or options.image_size, initial)

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
        scale=0.25,
        rectangular=True,
        patience=options.epochs,
        class_weight=0.5,
        average_share=0.0,
        workers=options.workers or 8,
        device=None,
        seed=0,
    )
    with Progress("train", unit="batches") as progress:
        detector.fit(dataset, settings, folder / "work", on_epoch, progress.update)
    detector.image_size = options.image_size
    detector.save(options.output)
    print(f"wrote {options.output} ({options.output.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()
