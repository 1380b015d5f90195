"""What became of the frames: cleaning and split."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from courtside import frames, layout
from courtside.files import read_json
from courtside.report.collect_borders import collect_borders
from courtside.report.conclusion import compare_splits
from courtside.report.content import (
    TEST_AND_TRAINING,
    Classifier,
    Cleaning,
    ClipCounts,
    Measure,
    NearestPair,
    Split,
    SplitRow,
    SplitScore,
    Threshold,
    VideoCounts,
)
from courtside.report.reading import read_of_split, read_report
from courtside.report.settings import PageSettings

BINS = 48
_MEANINGS = {
    "blur_below": "a frame whose Laplacian varies less counts as blurred",
    "dark_below": "a frame whose mean brightness (0–255) is lower counts as dark",
    "bright_above": "a frame whose mean brightness (0–255) is higher counts as bright",
    "empty_below": "a frame whose brightness varies less counts as empty",
    "duplicate_above": "a frame more alike (SSIM) to one of the three before it counts as a duplicate",
}


def collect_cleaning(root: Path, settings: PageSettings, classifier: Classifier | None) -> Cleaning:
    """Read the verdicts per clip; those after the ball filter where a classifier was trained and applied.

    Raises:
        UserError: when the summary of a video is missing.
    """
    filtered = {}
    after_classifier = root / layout.report("classify", "clips.json")
    if classifier is not None and classifier.trained and after_classifier.is_file():
        filtered = {entry["video"]: entry for entry in read_json(after_classifier)}
    videos = []
    for name, role in settings.videos.items():
        summary = read_report(root / layout.report("clean", f"{name}.json"), "clips", "total")
        ball_filter = name in filtered
        summary = filtered.get(name, summary)
        clips = tuple(_counts(f"clip {clip['clip']}", clip, ball_filter) for clip in summary["clips"])
        facts = root / layout.extract_facts(name)
        known = read_json(facts) if facts.is_file() else {}
        damaged, images = int(known.get("damaged_frames", 0)), tuple(known.get("damaged_images", ()))
        videos.append(VideoCounts(name, role, clips, _counts(name, summary["total"], ball_filter), damaged, images))
    return Cleaning(
        tuple(videos),
        _sum([video.total for video in videos]),
        tuple(Threshold(key, value, _MEANINGS.get(key, "")) for key, value in settings.thresholds.items()),
        _measures(root, settings),
        collect_borders(root, settings),
    )


def _counts(name: str, counts: Mapping[str, Any], ball_filter: bool) -> ClipCounts:
    verdicts: dict[str, int | None] = {verdict: int(counts.get(verdict) or 0) for verdict in frames.VERDICTS}
    if not ball_filter:
        verdicts["without_ball"] = None
    return ClipCounts(name, int(counts["total"]), verdicts)


def _sum(parts: list[ClipCounts]) -> ClipCounts:
    verdicts: dict[str, int | None] = {}
    for verdict in frames.VERDICTS:
        known = [count for part in parts if (count := part.verdicts[verdict]) is not None]
        verdicts[verdict] = sum(known) if known else None
    return ClipCounts("all videos", sum(part.total for part in parts), verdicts)


def _measures(root: Path, settings: PageSettings) -> tuple[Measure, ...]:
    paths = [path for name in settings.videos if (path := root / layout.clean(name)).is_file()]
    if not paths:
        return ()
    table = pl.concat(
        [frames.read(path).select("blur", "brightness", "variance", "ssim_1", "verdict") for path in paths]
    )
    limits = settings.thresholds
    chosen = [
        ("blur", "Laplacian variance (sharpness)", ("blur_below",), ("blur",), True),
        ("brightness", "mean brightness", ("dark_below", "bright_above"), ("dark", "bright"), False),
        ("variance", "variance of brightness", ("empty_below",), ("empty",), True),
        ("ssim_1", "similarity to the next frame", ("duplicate_above",), ("duplicate",), False),
    ]
    return tuple(
        _measure(
            table[column],
            title,
            tuple(float(limits[key]) for key in keys if key in limits),
            removed=table.filter(pl.col("verdict").is_in(verdicts)).height,
            logarithmic=logarithmic,
        )
        for column, title, keys, verdicts, logarithmic in chosen
        if table[column].count()
    )


def _measure(
    values: pl.Series, title: str, thresholds: tuple[float, ...], *, removed: int, logarithmic: bool
) -> Measure:
    data = values.drop_nulls().to_numpy().astype(np.float64)
    if logarithmic:
        data = np.maximum(data, 1.0)
        thresholds = tuple(threshold for threshold in thresholds if threshold > 0)  # 0 removes nothing
    low, high = min(data.min(), *thresholds, data.max()), max(data.max(), *thresholds, data.min())
    if high <= low:
        high = low + 1.0
    edges = np.geomspace(low, high, BINS + 1) if logarithmic else np.linspace(low, high, BINS + 1)
    # Rounding must not push the extremes out of the first and last bin.
    edges[0], edges[-1] = low, high
    counts = np.histogram(data, edges)[0]
    return Measure(title, tuple(edges.tolist()), tuple(counts.tolist()), thresholds, logarithmic, removed)


def collect_split(root: Path) -> Split:
    """Read who learns and who is tested.

    Raises:
        UserError: when the metrics of the split are missing.
    """
    metrics = read_report(root / layout.report("split", "metrics.json"), "frames")
    labelled = metrics.get("labelled") or {}
    in_classes = metrics.get("sorted") or {}
    rows = tuple(
        SplitRow(name, count, labelled.get(name), in_classes.get(name)) for name, count in metrics["frames"].items()
    )
    pairs = [
        (TEST_AND_TRAINING, metrics.get("nearest")),
        ("validation and training frames", metrics.get("nearest_val_train")),
    ]
    inflation = _inflation(root)
    return Split(
        rows,
        metrics.get("leaks"),
        tuple(_pair(between, pair) for between, pair in pairs if pair),
        metrics.get("replays"),
        inflation,
        compare_splits(*inflation) if inflation else "",
        (metrics.get("twins") or {}).get("pictures"),
        metrics.get("doubtful"),
    )


def _inflation(root: Path) -> tuple[SplitScore, ...]:
    """Read the scores that `courtside split inflation` left; those of an earlier split are out of date."""
    measured = read_of_split(root, root / layout.report("split", "inflation.json"), "shots", "random")
    if not measured:
        return ()
    return tuple(
        SplitScore(
            name,
            scores["images"]["val"],
            scores["mAP50"],
            tuple(scores["mAP50_interval"]) if scores["mAP50_interval"] else None,
        )
        for name, scores in (
            ("whole shots, as here", measured["shots"]),
            ("single frames at random", measured["random"]),
        )
    )


def _pair(between: str, pair: Mapping[str, Any]) -> NearestPair:
    return NearestPair(
        between,
        f"{pair['video']} frame {pair['frame']}",
        f"{pair['other_video']} frame {pair['other_frame']}",
        pair.get("distance"),
    )
