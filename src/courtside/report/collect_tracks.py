"""What a tracker reaches on a video, and the video it was drawn into."""

from __future__ import annotations

from pathlib import Path

from courtside import layout
from courtside.report.content import Track, TrackScores
from courtside.report.embed import embed_film
from courtside.report.reading import read_optional
from courtside.report.settings import PageSettings


def collect_track(root: Path, video: str, tracker: str, settings: PageSettings) -> Track | None:
    """Read scores and film of one tracker on one video, or None where it did not run."""
    metrics = read_optional(root / layout.report("track", f"{video}/{tracker}.json"))
    if not metrics:
        return None
    scores = tuple(TrackScores(part, values) for part, values in metrics.items() if isinstance(values, dict))
    rendered = root / layout.track_video(video, tracker)
    film = None
    if rendered.is_file():
        film = embed_film(
            rendered,
            root / layout.PAGE,
            f"{video}, followed by {tracker}",
            bytes_limit=settings.video_bytes_limit,
            width=settings.picture_width,
        )
    return Track(video, tracker, scores, metrics.get("fps"), film)
