"""Scores a round on the frozen, human-labelled test set."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from courtside import boxes, frames, layout
from courtside.config import Config
from courtside.detectors.build import load_detector
from courtside.detectors.detect import detect
from courtside.detectors.protocol import Detector
from courtside.files import read_json, write_json
from courtside.launch import launch
from courtside.metrics.bootstrap import Interval, bootstrap_interval
from courtside.metrics.detection import DetectionScores, evaluate_detections
from courtside.metrics.examples import write_examples
from courtside.metrics.plots import plot_detection_scores
from courtside.progress import Progress
from courtside.runs import open_run
from courtside.workspace import Workspace


def evaluate(config: Config, workspace: Workspace) -> float:
    """Write metrics, curves, plots and drawn examples of ``round``; return its mAP50-95."""
    name = config.chosen_round()
    settings = config.evaluate
    test = frames.read(workspace.input(layout.TEST_FRAMES)).filter(pl.col("verdict") == "usable")
    truth = boxes.read(workspace.input(layout.TEST_BOXES))
    facts = read_json(workspace.input(layout.TEST_VIDEOS))
    videos = {video: workspace.input(fact["path"]) for video, fact in facts.items()}
    weights = workspace.input(layout.weights(name))
    tiles = config.detector
    detector = load_detector(weights, tile_size=tiles.tile_size, tile_overlap=tiles.tile_overlap, backend=tiles.backend)
    found, scores, interval = score(config, detector, test, truth, videos, title=f"evaluate {name}", source=name)
    folder = workspace.output(layout.report("evaluate", f"{name}/metrics.json")).parent
    trained = read_json(workspace.input(layout.report("train", f"{name}/metrics.json")))
    with open_run(
        config.mlflow,
        workspace,
        name=name,
        stage="evaluate",
        inputs=[layout.weights(name), layout.TEST],
        run_id=trained["mlflow_run_id"],
    ) as run:
        metrics = scores.to_dict() | {
            "mAP50_interval": [interval.low, interval.high] if interval else None,
            "mlflow_run_id": run.id,
        }
        write_json(folder / "metrics.json", metrics)
        write_json(folder / "curves.json", scores.curves.to_dict())
        plots = plot_detection_scores(scores, folder)
        write_examples(folder / "examples", test, truth, found, videos, settings.examples, scores.confidence)
        run.log_metrics(
            {f"test/{key}": metrics[key] for key in ("mAP50", "mAP50-95", "precision", "recall", "f1", "confidence")}
        )
        for plot in plots:
            run.log_artifact(plot, "plots")
        run.log_artifact(folder / "metrics.json")
    return scores.mean_average_precision_50_95


def score(
    config: Config,
    detector: Detector,
    frames_scored: pl.DataFrame,
    truth: pl.DataFrame,
    videos: Mapping[str, Path],
    *,
    title: str,
    source: str,
) -> tuple[pl.DataFrame, DetectionScores, Interval | None]:
    """Detect on frames and score what was found as ``evaluate.*`` says, showing how far it is.

    Args:
        config: the configuration.
        detector: what is scored.
        frames_scored: frames table.
        truth: boxes table of these frames.
        videos: where the source videos are.
        title: what the progress line says.
        source: what the boxes' ``source`` says.

    Returns:
        The boxes found, their scores, and the interval of mAP50.
    """
    settings = config.evaluate
    with Progress(title, total=frames_scored.height, unit="frames") as progress:
        found = detect(
            detector,
            frames_scored,
            videos,
            minimum_confidence=settings.minimum_confidence,
            source=source,
            report=progress.update,
        )
    visible = settings.minimum_visibility
    scores = evaluate_detections(truth, found, frames_scored, config.labels, minimum_visibility=visible)
    interval = bootstrap_interval(
        truth,
        found,
        frames_scored,
        config.labels,
        minimum_visibility=visible,
        resamples=settings.bootstrap_resamples,
        seed=config.seed,
    )
    return found, scores, interval


if __name__ == "__main__":
    launch(evaluate)
