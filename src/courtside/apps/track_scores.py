"""What ``courtside score`` does: find the sequences, score them, print the table."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from courtside.errors import UserError
from courtside.formats import class_names, mot
from courtside.formats.mot_tracks import read_tracks
from courtside.formats.sequences import mot_classes
from courtside.metrics.tracking import OVERALL, TrackedVideo, TrackingScores, evaluate_videos
from courtside.metrics.tracking_counts import Scores
from courtside.metrics.tracking_offset import better_offset

COLUMNS = {
    "MOTA": "MOTA",
    "IDF1": "IDF1",
    "HOTA": "HOTA",
    "DetA": "DetA",
    "AssA": "AssA",
    "LocA": "LocA",
    "MOTP": "MOTP",
    "precision": "precision",
    "recall": "recall",
    "false_positives": "FP",
    "false_negatives": "FN",
    "switches": "switches",
    "fragmentations": "frag.",
    "mostly_tracked": "MT",
    "partially_tracked": "PT",
    "mostly_lost": "ML",
    "truth_boxes": "boxes",
    "truth_tracks": "tracks",
}


def run(options: argparse.Namespace) -> None:
    """Print the scores as the command line says."""
    for name, value in (("--minimum-visibility", options.minimum_visibility), ("--iou", options.iou)):
        if not 0 <= value <= 1:
            raise UserError(f"{name} {value:g} is no share; write a number from 0 to 1")
    classes = class_names.parse(options.classes, 1) if options.classes else None
    videos = {found.name: _read(found, classes, options.offset) for found in _sequences(options)}
    known = {label for video in videos.values() for label in video.truth["label"].unique()}
    wanted = list(dict.fromkeys(classes.values())) if classes else sorted(known)
    for label in wanted:
        if label not in known:
            print(f"the truth has no {label}: it is not scored", file=sys.stderr)
    labels = [label for label in wanted if label in known]
    if not labels:
        raise UserError(f"{options.truth} holds no box that counts; name truth with objects, or other --classes")
    scores = evaluate_videos(
        videos,
        labels,
        minimum_visibility=options.minimum_visibility,
        iou_threshold=options.iou,
        other_labels=wanted,
    )
    better = better_offset(videos.values(), options.iou)
    if better is not None:
        print(
            f"hint: the predictions fit the truth better with {better:+d} on their frame numbers; if they count frames "
            f"from another number, say --offset {options.offset + better}",
            file=sys.stderr,
        )
    print(json.dumps(dataclasses.asdict(scores), indent=2) if options.json else table(scores))


class _Sequence(NamedTuple):
    name: str
    truth: Path
    predictions: Path
    folder: Path | None


def _sequences(options: argparse.Namespace) -> Iterator[_Sequence]:
    """Yield each sequence of the truth with its predictions."""
    truth, predictions = options.truth, options.predictions
    for path in (truth, predictions):
        if not path.exists():
            raise UserError(f"{path} does not exist; name MOTChallenge text, or a folder of it")
    found: dict[str, tuple[Path, Path | None]] = {truth.stem: (truth, None)} if truth.is_file() else {}
    if not found:
        for path in sorted(truth.rglob("gt/gt.txt")):
            folder = path.parent.parent
            name = truth.resolve().name if folder == truth else folder.relative_to(truth).as_posix()
            found[name] = (path, folder)
    found = found or {path.stem: (path, None) for path in sorted(truth.glob("*.txt"))}
    if not found:
        raise UserError(f"{truth} holds neither NAME/gt/gt.txt nor NAME.txt; name a folder of MOTChallenge text")
    if predictions.is_file() and len(found) > 1:
        raise UserError(
            f"{predictions} is one file, but {truth} holds {len(found)} sequences; name a folder of NAME.txt"
        )
    for name, (path, folder) in found.items():
        said = predictions if predictions.is_file() else predictions / f"{Path(name).name}.txt"
        if not said.is_file():
            raise UserError(f"{said} does not exist, but {path} does; give every sequence its predictions")
        yield _Sequence(name, path, said, folder)


def _read(found: _Sequence, classes: Mapping[int, str] | None, offset: int) -> TrackedVideo:
    if classes is None and found.folder and (found.folder / "gt" / "labels.txt").is_file():
        classes = mot_classes(found.folder)
    if classes is None:
        numbers = mot.counted_classes(found.truth)
        classes = {number: f"class {number}" if number >= 0 else "object" for number in numbers}
    truth = mot.read_ground_truth(found.truth, found.name, classes)
    # One frame before the first is read, too, so that the error can say what to do about it here.
    first = 1 - offset
    predictions = read_tracks(found.predictions, found.name, classes, first_frame=first - 1)
    predictions = predictions.with_columns(frame=pl.col("frame") - 1)
    if predictions.height and predictions["frame"][0] < 0:
        raise UserError(
            f"{found.predictions} has a box on frame {first - 1}, before the first; if it counts frames from "
            f"{first - 1}, say --offset {offset + 1}"
        )
    info = found.folder / "seqinfo.ini" if found.folder else None
    if info and info.is_file():
        return TrackedVideo(truth, predictions, mot.read_sequence_info(info).frames)
    return TrackedVideo(truth, predictions, max([-1, *truth["frame"], *predictions["frame"]]) + 1)


def table(scores: TrackingScores) -> str:
    """Return the scores as lines of aligned columns, and the conventions below."""
    rows = [["sequence", "class", *COLUMNS.values()]]
    parts = [*scores.videos.items(), ("combined", scores.combined)]
    for name, by_label in parts[-1:] if len(parts) == 2 else parts:
        given = [label for label in by_label if label != OVERALL]
        for label in [*given, *([OVERALL] if len(given) > 1 else [])]:
            rows.append([name, label, *(_text(by_label[label], key) for key in COLUMNS)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(_padded(row, widths)).rstrip() for row in rows]
    return "\n".join([*lines, "", *(f"{family}: {text}" for family, text in scores.convention.items())])


def _padded(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.ljust(width) if place < 2 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]


def _text(scores: Scores, key: str) -> str:
    value = scores[key]
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else f"{value:,}"
