"""Trains a round's detector."""

from dataclasses import asdict
from pathlib import Path

import polars as pl

from courtside import layout
from courtside.config import Config
from courtside.detectors.build import build_detector, pretrained_detector
from courtside.detectors.protocol import Detector, Epoch, FitSettings
from courtside.detectors.size import AUTO, architecture_for
from courtside.detectors.source import hub_name, initial_weights
from courtside.files import write_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.runs import Run, open_run
from courtside.tables import read_table
from courtside.workspace import Workspace


def train(config: Config, workspace: Workspace) -> float:
    """Train ``round`` on its dataset; return its validation mAP50-95, which a sweep may maximise."""
    name = config.chosen_round()
    settings = config.rounds[name]
    fit_settings = fit_settings_of(config, name) if settings.images else None
    images = read_table(workspace.input(f"{layout.dataset(name)}/images.parquet"))
    with open_run(config.mlflow, workspace, name=name, stage="train", inputs=[layout.dataset(name)]) as run:
        detector = initial_detector(config, name, workspace.root)
        share = f"{detector.transferred:.0%} of its tensors from the initial weights"
        print(f"train {name}: {detector.architecture}, {share}{'' if fit_settings else '; used as it comes'}")
        run.log_parameters(
            {"round": name, "architecture": detector.architecture, "detector": config.detector, "train": fit_settings}
            | {"teacher": settings.teacher, "images": images.height, "transferred": detector.transferred}
        )
        history = _fit(detector, name, fit_settings, workspace, run) if fit_settings else []
        detector.image_size = config.detector.inference_size or config.detector.image_size
        detector.save(workspace.output(layout.weights(name)))
        write_json(
            workspace.output(layout.report("train", f"{name}/metrics.json")),
            {
                "round": name,
                "detector": detector.architecture,
                "teacher": settings.teacher,
                "images": {split: images.filter(pl.col("split") == split).height for split in ("train", "val")},
                "human_images": images.filter(pl.col("source") == "human").height,
                "epochs": [{"epoch": epoch.number, **epoch.figures} for epoch in history],
                "mlflow_run_id": run.id,
            },
        )
    return max((epoch.figures.get("mAP50-95", 0.0) for epoch in history), default=0.0)


def _fit(detector: Detector, name: str, settings: FitSettings, workspace: Workspace, run: Run) -> list[Epoch]:
    """Train, showing and logging how far it is."""
    with Progress(f"train {name}", total=1, unit="batches") as progress:

        def on_epoch(epoch: Epoch) -> None:
            run.log_metrics(epoch.figures, step=epoch.number)
            progress.title = f"train {name}, {epoch.number} of {epoch.total} epochs, mAP50 {_map50(epoch):.3f}"

        return detector.fit(
            workspace.input(layout.dataset(name)),
            settings,
            workspace.scratch(f"train/{name}"),
            on_epoch,
            progress.update,
        )


def fit_settings_of(config: Config, name: str) -> FitSettings:
    """Return how a round is trained."""
    settings = config.rounds[name]
    own = {"epochs": settings.epochs or config.train.epochs, "lr0": settings.lr0 or config.train.lr0}
    return FitSettings(**{**asdict(config.train), **own}, seed=config.seed)


def initial_detector(config: Config, name: str, root: Path) -> Detector:
    """Return the detector a round's training starts from.

    Where the architecture is ``auto``, the round's number of images decides; weights ``auto`` are the hub's of it. With
    no images it is not trained, and keeps the head it comes with.

    Args:
        config: the configuration.
        name: of the round.
        root: the repository, to which a path of weights is relative.

    Raises:
        UserError: when the weights are missing or damaged, or the architecture is unknown.
    """
    settings = config.rounds[name]
    architecture = settings.architecture or config.detector.architecture
    architecture = architecture_for(settings.images) if architecture == AUTO else architecture
    weights = settings.weights or config.detector.weights
    initial = initial_weights(hub_name(architecture) if weights == AUTO else weights, root)
    if not settings.images and initial:
        size = config.detector.image_size
        return pretrained_detector(architecture, config.labels, size, initial, settings.classes)
    return build_detector(architecture, config.labels, config.detector.image_size, initial, config.seed)


def _map50(epoch: Epoch) -> float:
    return epoch.figures.get("mAP50", 0.0)


if __name__ == "__main__":
    launch(train)
