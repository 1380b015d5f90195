"""Trains a round's detector."""

from dataclasses import asdict

import polars as pl

from courtside import layout
from courtside.config import Config
from courtside.detectors.protocol import Epoch, FitSettings
from courtside.detectors.source import initial_weights
from courtside.detectors.ultralytics_detector import UltralyticsDetector
from courtside.files import write_json
from courtside.launch import launch
from courtside.progress import Progress
from courtside.runs import open_run
from courtside.tables import read_table
from courtside.workspace import Workspace


def train(config: Config, workspace: Workspace) -> float:
    """Train ``round`` on its dataset; return its validation mAP50-95, which a sweep may maximise."""
    name = config.chosen_round()
    settings = config.rounds[name]
    detector_settings = config.detector
    architecture = settings.architecture or detector_settings.architecture
    fit_settings = FitSettings(
        **{**asdict(config.train), "epochs": settings.epochs or config.train.epochs}, seed=config.seed
    )
    initial = initial_weights(settings.weights or detector_settings.weights, workspace.root)
    images = read_table(workspace.input(f"{layout.dataset(name)}/images.parquet"))
    with open_run(config.mlflow, workspace, name=name, stage="train", inputs=[layout.dataset(name)]) as run:
        detector = UltralyticsDetector(architecture, config.labels, detector_settings.image_size, initial, config.seed)
        print(f"train {name}: {architecture}, {detector.transferred:.0%} of its tensors from the initial weights")
        run.log_parameters(
            {"round": name, "architecture": architecture, "detector": detector_settings, "train": fit_settings}
            | {"teacher": settings.teacher, "images": images.height, "transferred": detector.transferred}
        )
        with Progress(f"train {name}", total=1, unit="batches") as progress:

            def on_epoch(epoch: Epoch) -> None:
                run.log_metrics(epoch.figures, step=epoch.number)
                progress.title = f"train {name}, {epoch.number} of {epoch.total} epochs, mAP50 {_map50(epoch):.3f}"

            history = detector.fit(
                workspace.input(layout.dataset(name)),
                fit_settings,
                workspace.scratch(f"train/{name}"),
                on_epoch,
                progress.update,
            )
        detector.image_size = detector_settings.inference_size or detector_settings.image_size
        detector.save(workspace.output(layout.weights(name)))
        best = max(history, key=lambda epoch: epoch.figures.get("mAP50-95", 0.0))
        write_json(
            workspace.output(layout.report("train", f"{name}/metrics.json")),
            {
                "round": name,
                "detector": architecture,
                "teacher": settings.teacher,
                "images": {split: images.filter(pl.col("split") == split).height for split in ("train", "val")},
                "human_images": images.filter(pl.col("source") == "human").height,
                "epochs": [{"epoch": epoch.number, **epoch.figures} for epoch in history],
                "mlflow_run_id": run.id,
            },
        )
    return best.figures.get("mAP50-95", 0.0)


def _map50(epoch: Epoch) -> float:
    return epoch.figures.get("mAP50", 0.0)


if __name__ == "__main__":
    launch(train)
