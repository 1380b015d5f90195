"""``courtside split inflation``: what a split by single frames would have claimed.

Neighbouring frames are near-copies, so a detector scored on frames drawn at random from the videos it learned from
has seen the twin of each of them. The same detector is trained once more on such a split, of the same sizes, and both
scores are put side by side; the report shows them.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import polars as pl

from courtside import boxes, frames, layout
from courtside.apps.params import read_params
from courtside.config import GOLD, Config
from courtside.datasets.write import write_dataset
from courtside.detectors.build import load_detector, tiled
from courtside.detectors.protocol import Detector, Epoch
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.progress import Progress
from courtside.splits.assign import assign_at_random
from courtside.stages.evaluate import score
from courtside.stages.train import fit_settings_of, initial_detector
from courtside.tables import read_table
from courtside.workspace import Workspace

KEY = ["video", "frame"]


def run(options: argparse.Namespace) -> None:
    """Do what the command line in ``options`` asks for, in the repository in the current folder."""
    config = read_params(Path("params.yaml"))
    result = measure(config, Workspace(Path(), Path()))
    shots, at_random = result["shots"]["mAP50"], result["random"]["mAP50"]
    print(f"mAP50 on validation frames: {shots:.3f} split by shots, {at_random:.3f} split at random")


def measure(config: Config, workspace: Workspace) -> dict[str, Any]:
    """Train and score the first round that learns from human labels alone; write and return the figures.

    Returns:
        ``round``, ``split`` (the hash of the split they hold for), and for ``shots`` and ``random`` each
        ``images`` (of training and validation), ``mAP50``, ``mAP50-95`` and ``mAP50_interval``.

    Raises:
        UserError: when no round learns from human labels alone, or a stage that is needed has not run.
    """
    name = next((name for name, settings in config.rounds.items() if settings.teacher == GOLD), None)
    if name is None:
        raise UserError("no round has the teacher gold; add one to conf/experiment/ to compare splits with")
    if not workspace.input(layout.weights(name)).is_file():
        raise UserError(f"{layout.weights(name)} does not exist; run `dvc repro` first")
    images = read_table(workspace.input(f"{layout.dataset(name)}/images.parquet"))
    images = images.filter(pl.col("source") == "human")
    table = frames.read(workspace.input(layout.LEARN_FRAMES)).drop("split").join(images.select(*KEY, "split"), on=KEY)
    shuffled = assign_at_random(table, seed=config.seed)
    honest = load_detector(workspace.input(layout.weights(name)))
    result = {
        "round": name,
        "split": read_json(workspace.input(layout.report("split", "metrics.json")))["sha256"],
        "shots": _score(config, workspace, honest, table, "split by shots"),
        "random": _score(config, workspace, _train(config, workspace, name, shuffled), shuffled, "split at random"),
    }
    write_json(workspace.output(layout.report("split", "inflation.json")), result)
    return result


def _train(config: Config, workspace: Workspace, name: str, table: pl.DataFrame) -> Detector:
    scratch = workspace.scratch("inflation")
    with Progress("inflation: dataset", total=table.height, unit="images") as progress:
        write_dataset(
            scratch / "dataset",
            table.select(*KEY, "split", source=pl.lit("human")),
            boxes.read(workspace.input(layout.LEARN_BOXES)).join(table, on=KEY, how="semi"),
            _videos(workspace),
            config.labels,
            jpeg_quality=config.dataset.jpeg_quality,
            report=progress.update,
        )
    detector = initial_detector(config, name, workspace.root)
    with Progress("inflation: train", total=1, unit="batches") as progress:

        def on_epoch(epoch: Epoch) -> None:
            progress.title = f"inflation: train, {epoch.number} of {epoch.total} epochs"

        detector.fit(scratch / "dataset", fit_settings_of(config, name), scratch / "work", on_epoch, progress.update)
    detector.image_size = config.detector.inference_size or config.detector.image_size
    return detector


def _score(config: Config, workspace: Workspace, detector: Detector, table: pl.DataFrame, title: str) -> dict[str, Any]:
    val = table.filter(pl.col("split") == "val")
    truth = boxes.read(workspace.input(layout.LEARN_BOXES)).join(val, on=KEY, how="semi")
    looking = tiled(detector, config.detector.tile_size, config.detector.tile_overlap)
    _, scores, drawn = score(config, looking, val, truth, _videos(workspace), title=f"inflation: {title}", source=title)
    interval = drawn.interval() if drawn else None
    return {
        "images": {"train": table.height - val.height, "val": val.height},
        "mAP50": scores.mean_average_precision_50,
        "mAP50-95": scores.mean_average_precision_50_95,
        "mAP50_interval": [interval.low, interval.high] if interval else None,
    }


def _videos(workspace: Workspace) -> dict[str, Path]:
    facts = read_json(workspace.input(layout.LEARN_VIDEOS))
    return {video: workspace.input(fact["path"]) for video, fact in facts.items()}
