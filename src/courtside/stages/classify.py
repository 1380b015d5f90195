"""Trains the ball / no-ball classifier and takes frames without a ball out."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from courtside import frames, layout
from courtside.classifiers import fit, network
from courtside.classifiers.fit import ClassifierEpoch, shrink
from courtside.config import ClassifySettings, Config
from courtside.detectors.source import initial_weights
from courtside.files import read_json, write_json
from courtside.launch import launch
from courtside.metrics.classification import score_classifier, threshold_for_recall
from courtside.metrics.plots import confusion_matrix_plot
from courtside.progress import Progress
from courtside.quality.summary import clip_table, total_row
from courtside.runs import open_run
from courtside.tables import read_table
from courtside.video.reader import read_selected
from courtside.workspace import Workspace

INPUTS = (layout.LEARN,)
MINIMUM_EXAMPLES = 4


def classify(config: Config, workspace: Workspace) -> float | None:
    """Train on the frames a person sorted, score on the validation shots, and judge every usable frame."""
    settings = config.classify
    table = frames.read(workspace.input(layout.LEARN_FRAMES))
    usable = table.filter((pl.col("verdict") == "usable") & pl.col("split").is_not_null())
    examples = usable.join(read_table(workspace.input(layout.LEARN_SORTED)), on=["video", "frame"], how="inner")
    facts = read_json(workspace.input(layout.LEARN_VIDEOS))
    paths = {name: workspace.input(fact["path"]) for name, fact in facts.items()}
    counts = examples.group_by("split", "ball").len()
    if counts.height < 4 or counts["len"].min() < MINIMUM_EXAMPLES:  # type: ignore[operator]
        _pass_through(workspace, table)
        return None
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with open_run(config.mlflow, workspace, name=settings.architecture, stage="classify", inputs=INPUTS) as run:
        run.log_parameters({"classify": settings, "seed": config.seed})
        sets = {name: _pictures(examples.filter(pl.col("split") == name), paths, settings) for name in ("train", "val")}
        model = network.build(settings.architecture, initial_weights(settings.weights, workspace.root))

        with Progress("classify: train", total=settings.epochs, unit="epochs") as progress:

            def on_epoch(epoch: ClassifierEpoch) -> None:
                figures = {name: value for name, value in asdict(epoch).items() if name != "number"}
                run.log_metrics(figures, step=epoch.number)
                progress.update(epoch.number, settings.epochs)

            history = fit.fit(
                model,
                sets["train"],
                sets["val"],
                epochs=settings.epochs,
                batch=settings.batch,
                lr0=settings.lr0,
                seed=config.seed,
                device=device,
                on_epoch=on_epoch,
            )
        probabilities = fit.predict(model, sets["val"][0], batch=settings.batch, device=device)
        threshold = settings.keep_above
        if settings.keep_recall is not None:
            threshold = threshold_for_recall(sets["val"][1] == 1, probabilities, settings.keep_recall)
        scores = score_classifier(sets["val"][1] == 1, probabilities, threshold=threshold)
        network.save(workspace.output(layout.CLASSIFIER), settings.architecture, settings.image_size, model)
        # A person has labelled these: what is on them is known, and they stay.
        labelled = read_table(workspace.input(layout.LEARN_LABELLED))
        unknown = usable.join(labelled, on=["video", "frame"], how="anti")
        judged = _judge(model, unknown, paths, settings, threshold, device)
        _write_frames(workspace, table, judged)
        metrics = {
            **scores,
            "threshold": threshold,
            "images": {name: len(pictures[1]) for name, pictures in sets.items()},
            "epochs": [asdict(epoch) for epoch in history],
            "mlflow_run_id": run.id,
        }
        write_json(workspace.output(layout.report("classify", "metrics.json")), metrics)
        plot = workspace.output(layout.report("classify", "plots/confusion_matrix.png"))
        confusion = scores["confusion"]
        matrix = np.array([[confusion["tp"], confusion["fp"]], [confusion["fn"], confusion["tn"]]])
        confusion_matrix_plot(matrix, ["ball", "no ball"], plot, normalized=False)
        run.log_metrics({name: scores[name] for name in ("top1", "precision", "recall")})
        run.log_artifact(plot, "plots")
    return float(scores["top1"])


def _pass_through(workspace: Workspace, table: pl.DataFrame) -> None:
    print("classify: too few sorted frames of both kinds in training and validation; every usable frame stays")
    _write_frames(workspace, table, [])
    workspace.output(layout.report("classify", "plots/none"))
    empty = {
        "top1": None,
        "precision": None,
        "recall": None,
        "threshold": None,
        "confusion": None,
        "mlflow_run_id": None,
    }
    write_json(workspace.output(layout.report("classify", "metrics.json")), empty)


def _pictures(
    rows: pl.DataFrame, paths: dict[str, Path], settings: ClassifySettings
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    pictures, classes = [], []
    for (video,), part in rows.partition_by("video", as_dict=True, maintain_order=True).items():
        balls = dict(part.select("frame", "ball").iter_rows())
        for frame in read_selected(paths[str(video)], sorted(balls)):
            pictures.append(shrink(frame.image, settings.image_size))
            classes.append(int(balls[frame.index]))
    return np.stack(pictures), np.array(classes, dtype=np.int64)


def _judge(
    model: torch.nn.Module,
    usable: pl.DataFrame,
    paths: dict[str, Path],
    settings: ClassifySettings,
    threshold: float,
    device: str,
) -> list[tuple[str, int]]:
    """Return the (video, frame) pairs that show no ball."""
    seen: list[tuple[str, int]] = []
    with Progress("classify: apply", total=usable.height, unit="frames") as progress:

        def pictures() -> Iterator[NDArray[np.uint8]]:
            for (video,), rows in usable.partition_by("video", as_dict=True, maintain_order=True).items():
                for frame in read_selected(paths[str(video)], rows["frame"].sort().to_list()):
                    seen.append((str(video), frame.index))
                    progress.update(len(seen), usable.height)
                    yield shrink(frame.image, settings.image_size)

        probabilities = fit.predict(model, pictures(), batch=settings.batch, device=device)
    return [place for place, probability in zip(seen, probabilities, strict=True) if probability < threshold]


def _write_frames(workspace: Workspace, table: pl.DataFrame, without: list[tuple[str, int]]) -> None:
    marked = pl.DataFrame(without, schema={"video": pl.String, "frame": pl.Int32}, orient="row").with_columns(
        without=pl.lit("without_ball")
    )
    judged = (
        table.join(marked, on=["video", "frame"], how="left")
        .with_columns(verdict=pl.coalesce("without", "verdict"))
        .drop("without")
    )
    frames.write(workspace.output(layout.CLASSIFIED_FRAMES), judged)
    clips = []
    for (video,), rows_of_video in judged.partition_by("video", as_dict=True, maintain_order=True).items():
        summary = clip_table(rows_of_video)
        clips.append({"video": video, "clips": summary, "total": total_row(summary)})
    write_json(workspace.output(layout.report("classify", "clips.json")), clips)


if __name__ == "__main__":
    launch(classify)
