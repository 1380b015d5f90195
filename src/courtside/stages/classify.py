"""Compares classifiers on the frames a person sorted; the best of ball and no ball takes frames without a ball out."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import frames, layout
from courtside.classifiers import examples as example_sets
from courtside.classifiers import registry
from courtside.classifiers.ball_filter import Decision, decide
from courtside.classifiers.comparison import ITEMS, Trained, evaluate, items
from courtside.classifiers.examples import KEY, lacking, part
from courtside.classifiers.pictures import stream
from courtside.classifiers.protocol import Classifier, ClassifierEpoch, Examples, FitSettings, Phase
from courtside.config import Config
from courtside.files import read_json, write_json
from courtside.formats.sorted_frames import BALL, NO_BALL, are_ball_or_none
from courtside.launch import launch
from courtside.metrics.classification import score_classifier, threshold_for_recall
from courtside.metrics.plots import confusion_matrices_plot
from courtside.progress import Progress
from courtside.quality.summary import clip_table, total_row
from courtside.runs import open_run
from courtside.tables import read_table, write_table
from courtside.workspace import Workspace

INPUTS = (layout.LEARN,)
NOTHING_JUDGED = pl.DataFrame(schema={"video": pl.String, "frame": pl.Int32, "ball_probability": pl.Float64})


def classify(config: Config, workspace: Workspace) -> float | None:
    """Train every classifier named, keep the best, and judge every usable frame; return its validation accuracy."""
    settings = config.classify
    examples = sorted_examples(config, workspace)
    reason = lacking(examples, settings.labels) if settings.classifiers else "classify.classifiers names none"
    if reason:
        _pass_through(config, workspace, reason)
        return None
    for name in settings.classifiers:  # what is missing is told before hours of training
        initial_classifier(config, name, workspace.root)
    scratch = workspace.scratch("classify")
    read: dict[int, tuple[Examples, pl.DataFrame]] = {}
    rows, best = [], None
    for name in settings.classifiers:
        size = config.classifiers[name].image_size
        if size not in read:
            read[size] = read_examples(config, workspace, examples, size, scratch)
        sets = {split: part(read[size][0], (read[size][1]["split"] == split).to_numpy()) for split in ("train", "val")}
        trained, row = _train(config, workspace, name, sets, scratch / name)
        rows.append(row)
        if best is None or trained.rank < best.rank:
            best, best_row = trained, row
    assert best is not None
    known = read[best.classifier.image_size][1]
    best.classifier.save(workspace.output(layout.CLASSIFIER))
    write_table(workspace.output(layout.CLASSIFIED_ITEMS), items(known, best))
    metrics = {
        "top1": best_row["accuracy"],
        "precision": best_row["precision"],
        "recall": best_row["recall"],
        "threshold": None,
        "confusion": None,
        "images": {split: len(found) for split, found in best.probabilities.items()},
        "epochs": [asdict(epoch) for epoch in best.history],
        "labels": settings.labels,
        "classifier": best.name,
        "filter": None,
        "classifiers": rows,
        "mlflow_run_id": best_row["mlflow_run_id"],
    }
    if are_ball_or_none(settings.labels):
        metrics |= _filter(config, workspace, known, best, metrics["mlflow_run_id"])
    else:
        _write_frames(workspace, frames.read(workspace.input(layout.LEARN_FRAMES)), NOTHING_JUDGED, 0.0)
    write_json(workspace.output(layout.report("classify", "metrics.json")), metrics)
    shutil.rmtree(scratch)
    return float(metrics["top1"])


def sorted_examples(config: Config, workspace: Workspace) -> pl.DataFrame:
    """Return the sorted frames that are usable; see :func:`courtside.classifiers.examples.choose`."""
    table = frames.read(workspace.input(layout.LEARN_FRAMES))
    return example_sets.choose(table, read_table(workspace.input(layout.LEARN_SORTED)), config.classify.labels)


def read_examples(
    config: Config, workspace: Workspace, examples: pl.DataFrame, image_size: int, folder: Path
) -> tuple[Examples, pl.DataFrame]:
    """Read the pictures of examples into a folder; see :func:`courtside.classifiers.examples.read`."""
    target = folder / f"pictures_{image_size}.npy"
    with Progress("classify: read", total=examples.height, unit="frames") as progress:
        paths = video_paths(workspace)
        return example_sets.read(examples, paths, config.classify.labels, image_size, target, progress.update)


def video_paths(workspace: Workspace) -> dict[str, Path]:
    """Return where each learning video is."""
    facts = read_json(workspace.input(layout.LEARN_VIDEOS))
    return {name: workspace.input(fact["path"]) for name, fact in facts.items()}


def initial_classifier(config: Config, name: str, root: Path) -> Classifier:
    """Return the classifier that a training starts from.

    Raises:
        UserError: when its architecture is unknown, or its weights are missing, damaged or fit nowhere.
    """
    own, labels = config.classifiers[name], config.classify.labels
    return registry.create(own.architecture, labels, own.image_size, weights=own.weights, root=root, seed=config.seed)


def fit_settings_of(config: Config, name: str) -> FitSettings:
    """Return how a classifier is trained."""
    own = config.classifiers[name]
    head, whole = (Phase(phase.epochs, phase.lr0) for phase in (own.head, own.whole))
    return FitSettings(head, whole, own.batch, own.patience, config.seed)


def decide_filter(
    config: Config, val: pl.DataFrame, probabilities: NDArray[np.float64]
) -> tuple[float, Decision, dict[str, Any]]:
    """Decide on validation frames whether and from where the ball filter acts.

    Args:
        config: the configuration.
        val: ``video``, ``shot`` and ``label`` of the validation frames.
        probabilities: what the classifier says of them, (n, labels).

    Returns:
        The probability of a ball from which a frame stays (chosen here where a recall is wanted), the decision, and
        the scores of ball and no ball at that threshold.
    """
    settings = config.classify
    there = (val["label"] == BALL).to_numpy()
    probability = probabilities[:, settings.labels.index(BALL)]
    threshold = settings.keep_above
    if settings.keep_recall is not None:
        threshold = threshold_for_recall(there, probability, settings.keep_recall)
    shots = list(val.select("video", "shot").iter_rows())
    cost = settings.lost_ball_cost
    decision = decide(there, probability, shots, threshold=threshold, cost=cost, seed=config.seed)
    return threshold, decision, score_classifier(there, probability, threshold=threshold)


def _train(
    config: Config, workspace: Workspace, name: str, sets: Mapping[str, Examples], work: Path
) -> tuple[Trained, dict[str, Any]]:
    settings = config.classifiers[name]
    classifier = initial_classifier(config, name, workspace.root)
    share = f"{classifier.transferred:.0%} of its tensors from the initial weights"
    print(f"classify {name}: {classifier.architecture}, {share}")
    with open_run(config.mlflow, workspace, name=name, stage="classify", inputs=INPUTS) as run:
        parameters = {"classify": config.classify, "classifier": settings, "seed": config.seed}
        run.log_parameters(parameters | {"transferred": classifier.transferred})
        with Progress(f"classify {name}: train", total=1, unit="batches") as progress:

            def on_epoch(epoch: ClassifierEpoch) -> None:
                figures = {"train_loss": epoch.train_loss, "val_loss": epoch.val_loss, "val_top1": epoch.val_top1}
                run.log_metrics(figures, step=epoch.number)
                progress.title = f"classify {name}: train, epoch {epoch.number}, accuracy {epoch.val_top1:.3f}"

            fit_settings = fit_settings_of(config, name)
            history = classifier.fit(sets["train"], sets["val"], fit_settings, work, on_epoch, progress.update)
        trained = evaluate(name, classifier, history, sets, settings.batch)
        row = trained.row() | {"weights": settings.weights, "mlflow_run_id": run.id}
        print(f"classify {name}: validation loss {row['val_loss']:.3f}, accuracy {row['accuracy']:.3f}")
        figures = {f"{label}/{key}": value for label, own in row["labels"].items() for key, value in own.items()}
        figures |= {f"best/{key}": row[key] for key in ("train_loss", "val_loss")}
        names = ("error_rate", "accuracy", "precision", "recall", "parameters", "images_per_s")
        run.log_metrics(figures | {key: row[key] for key in names})
        plot = workspace.output(layout.report("classify", f"plots/{name}.png"))
        confusion_matrices_plot(trained.scores["val"].matrix, config.classify.labels, plot)
        run.log_artifact(plot, "plots")
    return trained, row


def _filter(config: Config, workspace: Workspace, known: pl.DataFrame, best: Trained, run_id: str) -> dict[str, Any]:
    """Take frames without a ball out where validation shows that it is a gain; return the filter's metrics."""
    val = known.filter(pl.col("split") == "val")
    threshold, decision, scores = decide_filter(config, val, best.probabilities["val"])
    print(f"classify: {decision.reason}; " + ("the filter acts" if decision.applied else "every usable frame stays"))
    table = frames.read(workspace.input(layout.LEARN_FRAMES))
    judged = _judge(config, workspace, table, best) if decision.applied else NOTHING_JUDGED
    without = judged.filter(pl.col("ball_probability") < threshold).height
    _write_frames(workspace, table, judged, threshold)
    with open_run(config.mlflow, workspace, name=best.name, stage="classify", inputs=INPUTS, run_id=run_id) as run:
        figures = {f"filter/{name}": scores[name] for name in ("top1", "precision", "recall")}
        run.log_metrics(figures | {"filter/threshold": threshold, "filter/taken_out": without})
    return scores | {"threshold": threshold, "filter": asdict(decision) | {"taken_out": without}}


def _judge(config: Config, workspace: Workspace, table: pl.DataFrame, best: Trained) -> pl.DataFrame:
    """Return ``video``, ``frame`` and ``ball_probability`` of the usable frames of which no person has said it."""
    unknown = table.filter((pl.col("verdict") == "usable") & pl.col("split").is_not_null())
    sorted_frames = read_table(workspace.input(layout.LEARN_SORTED))
    # What a person labelled or sorted is known.
    for name in (layout.LEARN_LABELLED, layout.LEARN_SORTED):
        unknown = unknown.join(read_table(workspace.input(name)), on=KEY, how="anti")
    if not config.classify.unsorted_videos:
        unknown = unknown.join(sorted_frames, on="video", how="semi")
    seen: list[tuple[str, int]] = []
    with Progress("classify: apply", total=unknown.height, unit="frames") as progress:

        def pictures() -> Iterator[NDArray[np.uint8]]:
            for video, frame, picture in stream(unknown, video_paths(workspace), best.classifier.image_size):
                seen.append((video, frame))
                progress.update(len(seen), unknown.height)
                yield picture

        batch = config.classifiers[best.name].batch
        probability = best.classifier.predict(pictures(), batch)[:, config.classify.labels.index(BALL)]
    rows = [(*place, float(value)) for place, value in zip(seen, probability, strict=True)]
    return pl.DataFrame(rows, schema=NOTHING_JUDGED.schema, orient="row")


def _pass_through(config: Config, workspace: Workspace, reason: str) -> None:
    print(f"classify: not trained: {reason}; every usable frame stays")
    _write_frames(workspace, frames.read(workspace.input(layout.LEARN_FRAMES)), NOTHING_JUDGED, 0.0)
    write_table(workspace.output(layout.CLASSIFIED_ITEMS), pl.DataFrame(schema=ITEMS))
    workspace.output(layout.report("classify", "plots/none"))
    nothing = dict.fromkeys(("top1", "precision", "recall", "threshold", "confusion", "filter", "mlflow_run_id"))
    metrics = nothing | {"reason": reason, "labels": config.classify.labels, "classifiers": []}
    write_json(workspace.output(layout.report("classify", "metrics.json")), metrics)


def _write_frames(workspace: Workspace, table: pl.DataFrame, judged: pl.DataFrame, threshold: float) -> None:
    """Write verdicts, ball probabilities and counts; what a person sorted, and did not label, has one of 0 or 1."""
    by_hand = (
        read_table(workspace.input(layout.LEARN_SORTED))
        .filter(pl.col("label").is_in([NO_BALL, BALL]))
        .join(read_table(workspace.input(layout.LEARN_LABELLED)), on=KEY, how="anti")
        .select(*KEY, ball_probability=(pl.col("label") == BALL).cast(pl.Float64))
    )
    known = pl.concat([by_hand.with_columns(by_hand=True), judged.with_columns(by_hand=False)])
    without = (pl.col("ball_probability") < threshold) | (pl.col("by_hand") & (pl.col("ball_probability") == 0))
    usable = pl.col("verdict") == "usable"
    judged_frames = (
        table.drop("ball_probability")
        .join(known.unique(KEY, keep="first", maintain_order=True), on=KEY, how="left")
        .with_columns(
            verdict=pl.when(usable & without.fill_null(False)).then(pl.lit("without_ball")).otherwise("verdict"),
            ball_probability=pl.when(usable).then("ball_probability"),
        )
        .drop("by_hand")
    )
    frames.write(workspace.output(layout.CLASSIFIED_FRAMES), judged_frames)
    clips = []
    for (video,), rows_of_video in judged_frames.partition_by("video", as_dict=True, maintain_order=True).items():
        summary = clip_table(rows_of_video)
        clips.append({"video": video, "clips": summary, "total": total_row(summary)})
    write_json(workspace.output(layout.report("classify", "clips.json")), clips)


if __name__ == "__main__":
    launch(classify)
