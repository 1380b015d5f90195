"""What the page must be told, because no stage output says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PlannedRound:
    """A round as configured; the reports of its training and evaluation complete it."""

    name: str
    detector: str
    images: int
    teacher: str


@dataclass(frozen=True)
class PageSettings:
    """The plan behind the reports, and how large the page may grow.

    Attributes:
        experiment: name of the experiment.
        videos: role (``learn``, ``test``, ``infer``) of each video by name, in order.
        rounds: the chain in order.
        tracked_videos: videos that were tracked.
        trackers: trackers that ran over each of them.
        thresholds: ``clean.*`` of the configuration, by key.
        commit: the git commit, or None outside a repository.
        date: as it shall be shown.
        final_round: where the chain ends; the last of ``rounds`` where empty.
        parameters: the configuration to list under provenance; nested mappings become names with dots.
        video_bytes_limit: a larger MP4 is linked instead of embedded.
        picture_width: pixels to which example pictures are shrunk.
        examples: how many example pictures at most.
    """

    experiment: str
    videos: Mapping[str, str]
    rounds: tuple[PlannedRound, ...]
    tracked_videos: tuple[str, ...]
    trackers: tuple[str, ...]
    thresholds: Mapping[str, float]
    commit: str | None
    date: str
    final_round: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    video_bytes_limit: int = 12_000_000
    picture_width: int = 960
    examples: int = 6
