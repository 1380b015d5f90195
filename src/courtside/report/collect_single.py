"""Reads how single objects of a video were followed from their first box."""

from __future__ import annotations

from pathlib import Path

from courtside import layout
from courtside.report.content_tracking import SingleRow, SingleVideo
from courtside.report.embed import embed_picture
from courtside.report.reading import read_optional
from courtside.report.settings import PageSettings

PICTURES = {
    "success": "Success: share of frames whose overlap is above",
    "precision": "Precision: share of frames whose centre is within",
    "path": "Where the best tracker saw the first of them, from blue to red in time",
    "heat": "How long it saw it where",
}


def collect_single(root: Path, video: str, settings: PageSettings) -> SingleVideo | None:
    """Read the report of the stage `single` on a video, or return None where nothing was followed."""
    found = read_optional(root / layout.report("single", f"{video}/metrics.json"))
    if not found.get("trackers"):
        return None
    rows = [
        SingleRow(tracker, how, row["auc"], row["precision_20px"], row["failed"], row["failed_said"], row.get("fps"))
        for tracker, ways in found["trackers"].items()
        for how, row in ways.items()
    ]
    folder = root / layout.report("single", f"{video}/plots")
    pictures = tuple(
        embed_picture(folder / f"{name}.png", caption, width=settings.picture_width)
        for name, caption in PICTURES.items()
        if (folder / f"{name}.png").is_file()
    )
    objects = tuple(f"{each['label']} {each['track']}, {each['frames']} frames" for each in found["objects"])
    return SingleVideo(video, objects, tuple(sorted(rows, key=lambda row: -(row.success or 0))), pictures)
