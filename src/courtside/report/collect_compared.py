"""Reads how all trackers did on the same boxes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from courtside import layout
from courtside.report.content_pictures import Picture
from courtside.report.content_tracking import (
    ComparedTracker,
    ComparedTrackers,
    ConditionRow,
    Followed,
    Number,
    WeightStep,
)
from courtside.report.embed import embed_picture
from courtside.report.reading import read_optional
from courtside.report.settings import PageSettings


def collect_compared(root: Path, settings: PageSettings) -> ComparedTrackers | None:
    """Read the report of the stage `compare`, or return None where there was nothing to compare on."""
    found = read_optional(root / layout.report("compare", "metrics.json"))
    if not found.get("trackers"):
        return None
    behind = found.get("behind_the_best", {})
    trackers = [
        ComparedTracker(
            name,
            entry.get("features"),
            _followed(entry["detections"]),
            _followed(entry["truth"]),
            {part: (ends[name][0], ends[name][1]) for part, ends in behind.items() if name in ends},
        )
        for name, entry in found["trackers"].items()
    ]
    trackers.sort(key=lambda each: -(each.on_detections.scores["overall"]["HOTA"] or 0))
    conditions = {
        name: tuple(
            ConditionRow(
                row["condition"],
                row["boxes"],
                row["recall"],
                row["switches"],
                row["switches_per_thousand"],
                row["first_loss"],
            )
            for row in entry["detections"].get("conditions", ())
        )
        for name, entry in found["trackers"].items()
    }
    weights = {
        name: tuple(WeightStep(float(step["overlap_weight"]), _of_people(step["scores"])) for step in steps)
        for name, steps in found.get("overlap_weights", {}).items()
    }
    return ComparedTrackers(
        tuple(found["videos"]),
        tuple(trackers),
        weights,
        conditions,
        found.get("convention", {}),
        _losses(root / layout.FIRST_LOSSES, settings),
    )


def _losses(folder: Path, settings: PageSettings) -> tuple[Picture, ...]:
    """Embed the pictures of what was lost; several conditions may show the same box, which is then shown once."""
    groups: dict[tuple[str, int, str, int], list[Mapping[str, Any]]] = {}
    for loss in read_optional(folder / "losses.json").get("losses", ()):
        groups.setdefault((loss["video"], loss["frame"], loss["label"], loss["track"]), []).append(loss)
    return tuple(
        embed_picture(
            folder / losses[0]["file"],
            f"{', '.join(loss['condition'].replace('_', ' ') for loss in losses)}: {label} {track}, {video} {frame}",
            width=settings.picture_width,
        )
        for (video, frame, label, track), losses in groups.items()
    )


def _followed(entry: Mapping[str, Any]) -> Followed:
    return Followed(entry["scores"], _ball(entry.get("ball") or {}), entry.get("fps"))


def _ball(entry: Mapping[str, Any]) -> dict[str, Number]:
    """Return the numbers of a ball that the page shows; F1 within one diameter by the name of its radius."""
    numbers = {key: value for key, value in entry.items() if value is None or isinstance(value, int | float)}
    for row in entry.get("within", ()):
        numbers[f"F1 {row['radius']:g} {row['unit']}"] = row["F1"]
    return numbers


def _of_people(scores: Mapping[str, Mapping[str, Number]]) -> Mapping[str, Number]:
    """Return the scores of players, of whom looks can tell one from another; of everything where there are none."""
    return scores.get("player") or scores["overall"]
