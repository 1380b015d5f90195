"""How many images a second a detector learns from, beside Ultralytics' own trainer with the same settings.

``python bench/train.py --dataset FOLDER`` trains each in a process of its own, alternately, on a round's dataset
(``data/dataset/NAME``), from the same weights. What is timed is from the end of an epoch's first batch to the end of
its last, the first epoch and the validations left out. Figures go to ``bench/results/train.json``, on a GPU to
``train_gpu.json`` and into docs/architecture.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import clean
import label
import yaml

from courtside.apps.markdown import replace_section, table
from courtside.detectors.build import build_detector
from courtside.detectors.protocol import FitSettings
from courtside.detectors.weights import load_weights
from courtside.errors import UserError
from courtside.files import write_json

ROOT = Path(__file__).resolve().parent.parent
MINIMUM_BATCHES = 10
CONTENDERS = {"ultralytics": "Ultralytics' trainer", "courtside": "Courtside"}


def rate(ends: list[list[float]], batch: int) -> float:
    """Return images a second from the ends of batches of each epoch; the first epoch does not count."""
    if min(map(len, ends), default=0) < MINIMUM_BATCHES:
        raise UserError(f"epochs of {[len(epoch) for epoch in ends]} batches tell no speed; give a larger dataset")
    seconds = sum(epoch[-1] - epoch[0] for epoch in ends[1:])
    return sum(len(epoch) - 1 for epoch in ends[1:]) * batch / seconds


def labels(dataset: Path) -> list[str]:
    """Return the labels of a dataset; with any others Ultralytics would leave images out without a word."""
    return list(yaml.safe_load((dataset / "data.yaml").read_text(encoding="utf-8"))["names"])


def courtside(weights: Path, dataset: Path, options: argparse.Namespace, work: Path) -> float:
    """Train as a round is trained."""
    known = load_weights(weights)
    detector = build_detector(known.architecture, labels(dataset), options.size, known)
    settings = FitSettings(
        epochs=options.epochs,
        batch=options.batch,
        optimizer="AdamW",
        lr0=0.0008,
        lrf=0.05,
        warmup_epochs=0.0,
        freeze=0,
        mosaic=0.0,
        scale=0.3,
        rectangular=True,
        patience=50,
        class_weight=0.5,
        average_share=0.0,
        workers=options.workers,
        device=None,
        seed=0,
    )
    ends: list[list[float]] = []

    def batch_end(done: int, total: int) -> None:
        if (done - 1) % (total // options.epochs) == 0:
            ends.append([])
        ends[-1].append(time.perf_counter())

    detector.fit(dataset, settings, work / "fit", lambda epoch: None, batch_end)
    return rate(ends, options.batch)


def ultralytics(weights: Path, dataset: Path, options: argparse.Namespace, work: Path) -> float:
    """Train as ``yolo train`` does; nothing of Courtside has set up Ultralytics in this process."""
    from ultralytics import YOLO

    names = dict(enumerate(labels(dataset)))
    for kind in ("images", "labels"):
        (work / "data" / kind).mkdir(parents=True)
        for split in ("train", "val"):
            (work / "data" / kind / split).mkdir()
            for path in (dataset / kind / split).iterdir():
                (work / "data" / kind / split / path.name).symlink_to(path.resolve())
    write_json(
        work / "data.yaml", {"path": str(work / "data"), "train": "images/train", "val": "images/val", "names": names}
    )
    model = YOLO(str(work / "checkpoint.pt"))
    ends: list[list[float]] = []
    model.add_callback("on_train_epoch_start", lambda engine: ends.append([]))
    model.add_callback("on_train_batch_end", lambda engine: ends[-1].append(time.perf_counter()))
    model.train(
        data=str(work / "data.yaml"),
        imgsz=options.size,
        epochs=options.epochs,
        batch=options.batch,
        nbs=options.batch,
        optimizer="AdamW",
        lr0=0.0008,
        lrf=0.05,
        warmup_epochs=0.0,
        mosaic=0.0,
        scale=0.3,
        rect=True,
        workers=options.workers,
        plots=False,
        project=str(work / "runs"),
    )
    return rate(ends, options.batch)


def run(name: str, options: argparse.Namespace) -> float:
    """Run one contender in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        label.write_checkpoint(options.weights, Path(folder) / "checkpoint.pt")
        command = [sys.executable, __file__, "--contender", name, "--work", folder]
        for option in ("dataset", "weights", "size", "batch", "epochs", "workers"):
            command += [f"--{option}", str(getattr(options, option))]
        environment = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}
        environment |= {"YOLO_CONFIG_DIR": folder, "YOLO_OFFLINE": "true"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=folder)
    if done.returncode:
        raise UserError(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
    return float(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Run both alternately, print and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dataset", type=Path, default=ROOT / "data/dataset/yolo_n_330", help="(default: %(default)s)")
    parser.add_argument("--weights", type=Path, default=ROOT / label.WEIGHTS, help="(default: %(default)s)")
    parser.add_argument("--size", type=int, default=640, help="longer side of the input, pixels (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=16, help="(default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=3, help="(default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="processes that read images (default: %(default)s)")
    parser.add_argument("--repeats", type=int, default=2, help="runs of each (default: %(default)s)")
    parser.add_argument("--contender", choices=list(CONTENDERS), help="run only this one and print images/s")
    parser.add_argument("--work", type=Path, help="folder of the contender")
    options = parser.parse_args()
    options.dataset, options.weights = options.dataset.resolve(), options.weights.resolve()
    if options.contender:
        print(globals()[options.contender](options.weights, options.dataset, options, options.work))
        return
    try:
        if not (options.dataset / "images/train").is_dir():
            raise UserError(f"{options.dataset} holds no images/train; run `dvc repro`, or name a dataset")
        rates: dict[str, list[float]] = {name: [] for name in CONTENDERS}
        for _ in range(options.repeats):
            for name, tried in rates.items():
                tried.append(run(name, options))
                print(f"{CONTENDERS[name]}: {tried[-1]:.1f} images/s", flush=True)
        publish({name: max(tried) for name, tried in rates.items()}, options)
    except UserError as error:
        sys.exit(f"error: {error}")


def publish(best: dict[str, float], options: argparse.Namespace) -> None:
    """Write the results file and the table."""
    card = clean.card()
    result: dict[str, Any] = {
        **clean.origin(),
        "gpu": card,
        "dataset": options.dataset.name,
        **{name: getattr(options, name) for name in ("size", "batch", "workers", "epochs")},
        "images_per_second": {name: round(value, 1) for name, value in best.items()},
        "ratios": {"to_ultralytics": round(best["courtside"] / best["ultralytics"], 2)},
    }
    write_json(ROOT / f"bench/results/train{'_gpu' if card else ''}.json", result)
    lines = [[CONTENDERS[name], f"{value:.0f}", f"{value / best['ultralytics']:.2f} ×"] for name, value in best.items()]
    text = table([f"YOLOv8n at {options.size} px, batches of {options.batch}", "images/s", "to Ultralytics"], lines)
    text += (
        f"\n\n{result['date']}, commit {result['commit']}, {card or result['machine']}, {options.workers} processes "
    )
    text += f"that read images of the dataset `{options.dataset.name}`; Ultralytics with its own mixed precision."
    if card:
        replace_section(ROOT / "docs/architecture.md", "bench train gpu", text)
    print(json.dumps(result["ratios"]))


if __name__ == "__main__":
    main()
