"""Scores a round on the frozen, human-labelled test set."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from courtside import boxes, frames, layout
from courtside.config import Config
from courtside.detectors.build import load_detector
from courtside.detectors.detect import detect
from courtside.detectors.protocol import Detector
from courtside.files import read_json, write_json, write_text
from courtside.launch import launch
from courtside.metrics.bootstrap import Resamples, bootstrap_scores
from courtside.metrics.detection import DetectionScores, evaluate_detections
from courtside.metrics.examples import write_examples
from courtside.metrics.plots import plot_detection_scores
from courtside.metrics.remarks import remarks_on_test
from courtside.metrics.training_plots import training_plot
from courtside.progress import Progress
from courtside.runs import open_run
from courtside.workspace import Workspace


def evaluate(config: Config, workspace: Workspace) -> float:
    """Write metrics, curves, plots and drawn examples of ``round``; return its mAP50-95.

    Where nobody labelled a frame of a test video, every figure is null, and 0 is returned.
    """
    name = config.chosen_round()
    settings = config.evaluate
    test = frames.read(workspace.input(layout.TEST_FRAMES)).filter(pl.col("verdict") == "usable")
    if test.is_empty():
        _write_nothing(workspace, name)
        return 0.0
    truth = boxes.read(workspace.input(layout.TEST_BOXES))
    facts = read_json(workspace.input(layout.TEST_VIDEOS))
    videos = {video: workspace.input(fact["path"]) for video, fact in facts.items()}
    weights = workspace.input(layout.weights(name))
    tiles = config.detector
    detector = load_detector(weights, tile_size=tiles.tile_size, tile_overlap=tiles.tile_overlap, backend=tiles.backend)
    found, scores, drawn = score(config, detector, test, truth, videos, title=f"evaluate {name}", source=name)
    interval = drawn.interval() if drawn else None
    folder = workspace.output(layout.report("evaluate", f"{name}/metrics.json")).parent
    trained = read_json(workspace.input(layout.report("train", f"{name}/metrics.json")))
    taught = read_json(workspace.input(layout.report("dataset", f"{name}/metrics.json")))
    label_plots = workspace.input(layout.report("dataset", f"{name}/plots"))
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
        write_json(folder / "resamples.json", _resamples(drawn, config.seed))
        plots = plot_detection_scores(scores, folder)
        if trained["epochs"]:
            plots.append(folder / "plots" / "training.png")
            training_plot(trained["epochs"], plots[-1])
        write_examples(folder / "examples", test, truth, found, videos, settings.examples, scores.confidence)
        run.log_metrics(_logged(metrics, taught))
        for plot in (*plots, *sorted(label_plots.glob("*.png"))):
            run.log_artifact(plot, "plots")
        run.log_artifact(folder / "metrics.json")
        run.describe("evaluate", " ".join(remarks_on_test(name, metrics, trained)))
    return scores.mean_average_precision_50_95


def _write_nothing(workspace: Workspace, name: str) -> None:
    """Say that there is nothing to score on, in the files that other stages read."""
    print(f"evaluate {name}: nobody labelled a frame of a test video, so nothing says how good this detector is")
    folder = workspace.output(layout.report("evaluate", f"{name}/metrics.json")).parent
    trained = read_json(workspace.input(layout.report("train", f"{name}/metrics.json")))
    figures = ("mAP50", "mAP50-95", "precision", "recall", "f1", "confidence", "mAP50_interval")
    unknown = dict.fromkeys((*figures, "confusion", "confusion_matrix"))
    metrics = {**unknown, "images": 0, "labels": {}, "mlflow_run_id": trained["mlflow_run_id"]}
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "curves.json", {})
    write_json(folder / "resamples.json", _resamples(None, 0))
    write_text(folder / "plots/README.txt", "No frame of a test video is labelled.\n")
    write_examples(folder / "examples", frames.empty(), boxes.empty(), boxes.empty(), {}, 0, 0.0)


def score(
    config: Config,
    detector: Detector,
    frames_scored: pl.DataFrame,
    truth: pl.DataFrame,
    videos: Mapping[str, Path],
    *,
    title: str,
    source: str,
) -> tuple[pl.DataFrame, DetectionScores, Resamples | None]:
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
        The boxes found, their scores, and the mAP50 of the test sets drawn from these frames.
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
    drawn = bootstrap_scores(
        truth,
        found,
        frames_scored,
        config.labels,
        minimum_visibility=visible,
        resamples=settings.bootstrap_resamples,
        seed=config.seed,
    )
    return found, scores, drawn


def _resamples(drawn: Resamples | None, seed: int) -> dict[str, Any]:
    """Return the mAP50 of every drawn test set: with it two rounds can be compared, the same sets drawn for both."""
    values = [] if drawn is None else drawn.values.tolist()
    return {
        "seed": seed,
        "groups": 0 if drawn is None else drawn.groups,
        "mAP50": [None if math.isnan(value) else round(value, 6) for value in values],
    }


def _logged(metrics: Mapping[str, Any], taught: Mapping[str, Any]) -> dict[str, float | None]:
    """Return what MLflow shows of a round beside others: its scores on the test set, and what it learned from."""
    names = ("mAP50", "mAP50-95", "precision", "recall", "f1", "confidence", "full_precision_confidence")
    low, high = metrics["mAP50_interval"] or (None, None)
    logged: dict[str, float | None] = {f"test/{name}": metrics[name] for name in names}
    logged |= {"test/mAP50_low": low, "test/mAP50_high": high}
    logged |= {f"test/{name}": count for name, count in metrics["confusion"].items()}
    for label, scores in metrics["labels"].items():
        logged |= {f"test/{label}/{name}": scores[name] for name in ("mAP50", "precision", "recall", "f1")}
    logged |= {f"data/{name}": taught[name] for name in ("human", "teacher", "background")}
    logged |= {f"data/{split}_images": count for split, count in taught["images"].items()}
    return logged | {f"data/boxes/{label}": counts["train"] for label, counts in taught["boxes"].items()}


if __name__ == "__main__":
    launch(evaluate)
