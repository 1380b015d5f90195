"""``courtside classify by-source``: how well classifiers do on videos they have never seen.

Validation frames are of the videos that a classifier learned from: the same court, the same light, the same camera.
Here every classifier that the configuration names is trained once for each group of videos on all the others, and asked
about that group alone (leave one group out). The figures are those of all groups together.
"""

from __future__ import annotations

import shutil
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import layout
from courtside.apps.params import read_params
from courtside.classifiers.ball_filter import Decision
from courtside.classifiers.examples import part
from courtside.classifiers.protocol import ClassifierEpoch, Examples
from courtside.config import Config
from courtside.errors import UserError
from courtside.files import read_json, write_json
from courtside.formats.sorted_frames import BALL, are_ball_or_none
from courtside.metrics.bootstrap import Interval
from courtside.metrics.classification import score_classes
from courtside.metrics.classification_bootstrap import class_intervals
from courtside.progress import Progress
from courtside.stages.classify import (
    decide_filter,
    fit_settings_of,
    initial_classifier,
    read_examples,
    sorted_examples,
)
from courtside.workspace import Workspace

REPORT = layout.report("classify", "by_source.json")


def run(options: Namespace) -> None:
    """Do what the command line in ``options`` asks for, in the repository in the current folder."""
    result = measure(read_params(Path("params.yaml")), Workspace(Path(), Path()), options.folds)
    for row in result["classifiers"]:
        interval = row["accuracy_interval"]
        between = f" ({interval[0]:.3f}–{interval[1]:.3f})" if interval else ""
        print(
            f"{row['name']}: accuracy {row['accuracy']:.3f}{between} on videos it has never seen, "
            f"{row['seen_accuracy']:.3f} on validation frames of the others"
        )
    print(f"always {result['always']['label']}: accuracy {result['always']['accuracy']:.3f}; {REPORT} has the rest")


def measure(config: Config, workspace: Workspace, folds: int | None = None) -> dict[str, Any]:
    """Train and score every classifier on every fold; write and return the figures.

    Args:
        config: the configuration.
        workspace: the repository.
        folds: groups of videos; None makes one of each video.

    Returns:
        ``split`` (the hash of the split they hold for), ``labels``, ``folds`` (their videos), ``frames``, ``shots``,
        ``always`` (the commonest label, and the accuracy of always saying it), and ``classifiers``: the rows.

    Raises:
        UserError: when no classifier is named, sorted frames come from fewer videos than there are folds, or the
            training videos of a fold do not show every label.
    """
    examples = sorted_examples(config, workspace)
    names, labels = config.classify.classifiers, config.classify.labels
    if not names:
        raise UserError("classify.classifiers names none; name one of the group classifiers")
    groups = fold_videos(examples, folds)
    for videos in groups:
        _check(examples.filter(~pl.col("video").is_in(videos)), videos, labels)
    for name in names:
        initial_classifier(config, name, workspace.root)
    scratch = workspace.scratch("by_source")
    rows, read = [], dict[int, tuple[Examples, pl.DataFrame]]()
    for name in names:
        size = config.classifiers[name].image_size
        if size not in read:
            read[size] = read_examples(config, workspace, examples, size, scratch)
        rows.append(_row(config, workspace, name, *read[size], groups, scratch / name))
    counts = examples["label"].value_counts(sort=True)
    result = {
        "split": read_json(workspace.input(layout.report("split", "metrics.json")))["sha256"],
        "labels": labels,
        "folds": groups,
        "frames": examples.height,
        "shots": examples.select("video", "shot").n_unique(),
        "always": {"label": counts["label"][0], "accuracy": counts["count"][0] / examples.height},
        "classifiers": rows,
    }
    write_json(workspace.output(REPORT), result)
    shutil.rmtree(scratch)
    return result


def fold_videos(examples: pl.DataFrame, folds: int | None) -> list[list[str]]:
    """Divide videos into groups of about as many sorted frames: the largest first, each to the smallest group.

    Raises:
        UserError: when there are fewer videos than groups, or fewer than two.
    """
    counts = sorted(examples.group_by("video").len().iter_rows(), key=lambda row: (-row[1], row[0]))
    wanted = len(counts) if folds is None else folds
    if not 2 <= wanted <= len(counts):
        raise UserError(
            f"{len(counts)} videos have usable sorted frames, which cannot make {wanted} folds; "
            "sort frames of more videos, or say --folds with 2 or more, up to their number"
        )
    groups: list[list[str]] = [[] for _ in range(wanted)]
    sizes = [0] * wanted
    for video, frames in counts:
        smallest = sizes.index(min(sizes))
        groups[smallest].append(video)
        sizes[smallest] += frames
    return groups


def _check(others: pl.DataFrame, videos: Sequence[str], labels: Sequence[str]) -> None:
    for split, name in (("train", "training"), ("val", "validation")):
        there = set(others.filter(pl.col("split") == split)["label"])
        for label in labels:
            if label not in there:
                raise UserError(
                    f"without {', '.join(videos)} no {name} frame is sorted as {label}; sort some of other videos, "
                    "or say --folds with fewer groups"
                )


def _row(
    config: Config,
    workspace: Workspace,
    name: str,
    examples: Examples,
    known: pl.DataFrame,
    groups: Sequence[Sequence[str]],
    folder: Path,
) -> dict[str, Any]:
    labels = config.classify.labels
    probabilities = np.zeros((len(examples), len(labels)))
    seen: list[NDArray[np.bool_]] = []
    decisions: dict[str, tuple[float, Decision]] = {}
    for number, videos in enumerate(groups):
        held_out = known["video"].is_in(list(videos)).to_numpy()
        sides = {split: ~held_out & (known["split"] == split).to_numpy() for split in ("train", "val")}
        train, val = (part(examples, sides[split]) for split in ("train", "val"))
        classifier = initial_classifier(config, name, workspace.root)
        title = f"by-source {name}: without {', '.join(videos)}"
        with Progress(title, total=1, unit="batches") as progress:

            def on_epoch(epoch: ClassifierEpoch, progress: Progress = progress, title: str = title) -> None:
                progress.title = f"{title}, epoch {epoch.number}, accuracy on the others {epoch.val_top1:.3f}"

            settings = fit_settings_of(config, name)
            classifier.fit(train, val, settings, folder / str(number), on_epoch, progress.update)
        on_val = classifier.predict(val, settings.batch)
        seen.append(on_val.argmax(axis=1) == val.classes)
        probabilities[held_out] = classifier.predict(part(examples, held_out), settings.batch)
        if are_ball_or_none(labels):
            threshold, decision, _ = decide_filter(config, known.filter(pl.Series(sides["val"])), on_val)
            decisions |= dict.fromkeys(videos, (threshold, decision))
    return {"name": name, "seen_accuracy": float(np.concatenate(seen).mean())} | _figures(
        config, examples, known, probabilities, decisions
    )


def _figures(
    config: Config,
    examples: Examples,
    known: pl.DataFrame,
    probabilities: NDArray[np.float64],
    decisions: dict[str, tuple[float, Decision]],
) -> dict[str, Any]:
    labels = config.classify.labels
    figures = score_classes(examples.classes, probabilities).as_dict(labels)
    shots = list(known.select("video", "shot").iter_rows())
    intervals = class_intervals(examples.classes, probabilities.argmax(axis=1), shots, len(labels), seed=config.seed)
    figures["accuracy_interval"] = _ends(intervals.accuracy)
    for label, precision, recall in zip(labels, intervals.precision, intervals.recall, strict=True):
        figures["labels"][label] |= {"precision_interval": _ends(precision), "recall_interval": _ends(recall)}
    figures["videos"] = []
    for video in known["video"].unique(maintain_order=True):
        own = (known["video"] == video).to_numpy()
        scores = score_classes(examples.classes[own], probabilities[own]).as_dict(labels)
        counts = {label: values["support"] for label, values in scores["labels"].items()}
        row = {"video": video, "frames": int(own.sum()), "counts": counts, "accuracy": scores["accuracy"]}
        if video in decisions:
            threshold, decision = decisions[video]
            out = probabilities[own, labels.index(BALL)] < threshold
            ball = examples.classes[own] == labels.index(BALL)
            lost, empty = int((out & ball).sum()), int((out & ~ball).sum())
            row["filter"] = {"acts": decision.applied, "threshold": threshold, "balls_out": lost, "empty_out": empty}
        figures["videos"].append(row)
    return figures


def _ends(interval: Interval | None) -> list[float] | None:
    return [interval.low, interval.high] if interval else None
