"""Reads how all trackers did on the same boxes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from courtside import layout
from courtside.report.content_tracking import ComparedTracker, ComparedTrackers, Followed, WeightStep
from courtside.report.reading import read_optional


def collect_compared(root: Path) -> ComparedTrackers | None:
    """Read the report of the stage `compare`, or return None where there was nothing to compare on."""
    found = read_optional(root / layout.report("compare", "metrics.json"))
    if not found.get("trackers"):
        return None
    trackers = [
        ComparedTracker(name, entry.get("features"), _followed(entry["detections"]), _followed(entry["truth"]))
        for name, entry in found["trackers"].items()
    ]
    trackers.sort(key=lambda each: -(each.on_detections.scores["overall"]["HOTA"] or 0))
    weights = {
        name: tuple(WeightStep(float(step["overlap_weight"]), step["scores"]) for step in steps)
        for name, steps in found.get("overlap_weights", {}).items()
    }
    return ComparedTrackers(tuple(found["videos"]), tuple(trackers), weights, found.get("convention", {}))


def _followed(entry: Mapping[str, Any]) -> Followed:
    return Followed(entry["scores"], entry.get("ball") or {}, entry.get("fps"))
