"""Reads what the stages left and gathers the content of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from courtside import layout
from courtside.errors import UserError
from courtside.files import read_json
from courtside.report.collect_classifiers import collect_classifier
from courtside.report.collect_compared import collect_compared
from courtside.report.collect_frames import collect_cleaning, collect_split
from courtside.report.collect_rounds import collect_pseudo_labels, collect_round, with_gains
from courtside.report.collect_single import collect_single
from courtside.report.collect_tracks import collect_track
from courtside.report.conclusion import conclude, conclude_classes, find
from courtside.report.content import (
    Cleaning,
    Content,
    Count,
    Provenance,
    PseudoLabels,
    Round,
    Run,
    Split,
    Track,
)
from courtside.report.content_pictures import Picture
from courtside.report.embed import embed_picture
from courtside.report.numbers import percent
from courtside.report.reading import read_optional
from courtside.report.settings import PageSettings

PROJECT = "Courtside"


def collect(root: Path, settings: PageSettings) -> Content:
    """Read all reports below ``root``.

    Required are the cleaning summary of every video, the metrics of the split and the evaluation of every
    round; there may be no round. All else (classifier, training, curves, examples, pseudo-labels, tracks, videos)
    is left out where it does not exist.

    Args:
        root: the repository, in which ``reports/`` and ``data/`` lie.
        settings: the plan behind the reports.

    Raises:
        UserError: when something required is missing, or anything is damaged.
    """
    if not settings.videos:
        raise UserError("the report needs at least one video; name it in conf/ and run `make params`")
    classifier = collect_classifier(root)
    cleaning = collect_cleaning(root, settings, classifier)
    split = collect_split(root)
    rounds = with_gains(root, [collect_round(root, planned) for planned in settings.rounds])
    names = [each.name for each in rounds]
    final = settings.final_round or (names[-1] if names else "")
    if names and final not in names:
        raise UserError(f"final_round: {final!r} is none of the rounds {', '.join(names)}; correct it in conf/")
    pseudo_labels = tuple(labels for each in rounds if (labels := collect_pseudo_labels(root, each.name)))
    # Where the last round was rejected, what the chain ends with is the champion before it; it tracks, too.
    final = next((each.champion for each in pseudo_labels if each.round_name == final and each.champion), final)
    tracks = tuple(
        track
        for video in settings.tracked_videos
        for tracker in settings.trackers
        if (track := collect_track(root, video, tracker, settings))
    )
    test_videos = tuple(name for name, role in settings.videos.items() if role == "test")
    return Content(
        project=PROJECT,
        experiment=settings.experiment,
        date=settings.date,
        commit=settings.commit,
        conclusion=conclude(rounds, final, test_videos, split) if rounds else conclude_classes(classifier, split),
        findings=find(rounds, final, cleaning, split, classifier, pseudo_labels, tracks),
        glance=_glance(settings, cleaning, split, rounds, pseudo_labels, final),
        cleaning=cleaning,
        split=split,
        classifier=classifier,
        rounds=rounds,
        final_round=final,
        pseudo_labels=pseudo_labels,
        tracks=tracks,
        compared=collect_compared(root, settings),
        singles=tuple(each for video in settings.tracked_videos if (each := collect_single(root, video, settings))),
        examples=_examples(root, final, settings),
        provenance=_provenance(root, settings, tracks),
    )


def _glance(
    settings: PageSettings,
    cleaning: Cleaning,
    split: Split,
    rounds: tuple[Round, ...],
    pseudo_labels: tuple[PseudoLabels, ...],
    final: str,
) -> tuple[Count, ...]:
    roles = list(settings.videos.values())
    total = cleaning.total
    usable = total.verdicts["usable"] or 0
    by_name = {row.name: row for row in split.rows}
    learned = [by_name[name].labelled for name in ("train", "val") if name in by_name]
    hand = sum(round(count) for count in learned if count is not None)
    last = next((each for each in rounds if each.name == final), None)
    counts = [
        Count("videos", len(roles), f"{roles.count('learn')} to learn from, {roles.count('test')} to test on"),
        Count("frames", total.total, "every one measured"),
        Count("usable", usable, f"{percent(usable / total.total if total.total else None)} pass every filter"),
    ]
    if not last:
        in_classes = [row.in_classes or 0 for row in split.rows]
        return (*counts, Count("sorted into classes", sum(in_classes), "by a person, to train and validate on"))
    if any(count is not None for count in learned):
        counts.append(Count("labelled by hand", hand, "to train and validate on"))
    if last.human_images is not None and last.train_images is not None:
        pseudo = last.train_images + (last.val_images or 0) - last.human_images
        counts.append(Count("labelled by a model", pseudo, f"that {last.name} learned from"))
    elif any(each.labelled_frames for each in pseudo_labels):
        most = max(each.labelled_frames or 0 for each in pseudo_labels)
        counts.append(Count("labelled by a model", most, "by one round, for the next"))
    counts.append(Count("test frames", last.test_images, "labelled by hand, never trained on"))
    return tuple(counts)


def _examples(root: Path, final: str, settings: PageSettings) -> tuple[Picture, ...]:
    folder = root / layout.report("evaluate", f"{final}/examples")
    if not (folder / "examples.json").is_file():
        return ()
    entries = read_json(folder / "examples.json")[: settings.examples]
    return tuple(
        embed_picture(
            folder / entry["file"],
            entry.get("caption") or f"{entry['video']}, frame {entry['frame']}",
            width=settings.picture_width,
        )
        for entry in entries
    )


def _provenance(root: Path, settings: PageSettings, tracks: tuple[Track, ...]) -> Provenance:
    classifiers = read_optional(root / layout.report("classify", "metrics.json")).get("classifiers") or ()
    files = [] if classifiers else [("classify", "ball / no ball", "classify/metrics.json")]
    files += [
        (stage, each.name, f"{stage}/{each.name}/metrics.json")
        for each in settings.rounds
        for stage in ("train", "evaluate")
    ]
    files += [
        ("track", f"{each.tracker} on {each.video}", f"track/{each.video}/{each.tracker}.json") for each in tracks
    ]
    runs = {row["mlflow_run_id"]: Run("classify", row["name"], row["mlflow_run_id"]) for row in classifiers}
    for stage, name, file in files:
        run_id = read_optional(root / layout.REPORTS / file).get("mlflow_run_id")
        if run_id:
            # Stages that go on with a run share it.
            stages = f"{runs[run_id].stage}, {stage}" if run_id in runs else stage
            runs[run_id] = Run(stages, name, str(run_id))
    return Provenance(tuple(runs.values()), tuple(_flat(settings.parameters)))


def _flat(values: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(values, dict) and values:
        return [pair for key, value in values.items() for pair in _flat(value, f"{name}.{key}" if name else str(key))]
    if isinstance(values, list | tuple):
        return [(name, ", ".join(str(value) for value in values) or "none")]
    return [(name, "none" if values is None or values == {} else str(values))] if name else []
