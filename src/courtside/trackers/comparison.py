"""Trackers side by side: each follows the same boxes of the same videos, and the true boxes too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.metrics.bootstrap import paired_interval
from courtside.metrics.tracking import TrackedVideo, TrackingScores, evaluate_videos
from courtside.metrics.tracking_bootstrap import count_shots, resample
from courtside.metrics.tracking_counts import Scores
from courtside.trackers.registry import create
from courtside.trackers.run import end_at_cuts, track_boxes

DETECTIONS, TRUTH = "detections", "truth"
ORACLE_SOURCE = "oracle"
WARM_UP_FRAMES = 60


@dataclass(frozen=True)
class Seen:
    """What trackers are given of a video.

    Attributes:
        boxes: boxes table of the video, without identities.
        frames: the frames to follow through, ascending.
        shots: the shot of each.
        frames_per_second: of the video.
        features: by kind, how the boxes look, (n, d) float32, a row a box.
        cameras: affine maps (2, 3) from frame to frame; None where nobody measured them.
    """

    boxes: pl.DataFrame
    frames: Sequence[int]
    shots: Mapping[int, int]
    frames_per_second: float
    features: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    cameras: Mapping[int, NDArray[np.float64]] | None = None

    def above(self, confidence: float) -> Seen:
        """Return the same without the boxes whose score is lower."""
        return self._with(self.boxes["score"] >= confidence)

    def only(self, frames: Iterable[int]) -> Seen:
        """Return what was seen on some of the frames."""
        wanted = set(frames)
        kept = [frame for frame in self.frames if frame in wanted]
        inside = self.boxes["frame"].is_in(kept)
        return replace(self._with(inside), frames=kept, shots={frame: self.shots[frame] for frame in kept})

    def _with(self, rows: pl.Series) -> Seen:
        kept = rows.to_numpy()
        features = {kind: values[kept] for kind, values in self.features.items()}
        return replace(self, boxes=self.boxes.filter(rows), features=features)


@dataclass(frozen=True)
class Contestant:
    """A tracker as it takes part.

    Attributes:
        name: what it is called in tables.
        tracker: its name in the registry.
        parameters: what differs from its defaults.
        features: the kind of features it is given; None for none.
    """

    name: str
    tracker: str
    parameters: Mapping[str, Any]
    features: str | None = None


@dataclass(frozen=True)
class Result:
    """What a tracker made of one kind of boxes.

    Attributes:
        contestant: who.
        given: ``detections``, or ``truth``: then what is missing is the tracker's own fault.
        scores: of every video, and combined.
        tracks: boxes tables with identities, by video.
        frames_per_second: frames of all videos over the seconds that the tracker took for them.
    """

    contestant: Contestant
    given: str
    scores: TrackingScores
    tracks: Mapping[str, pl.DataFrame]
    frames_per_second: float

    @property
    def combined(self) -> dict[str, Scores]:
        """The scores of all videos together, by label and ``overall``."""
        return self.scores.combined


def follow(seen: Seen, contestant: Contestant) -> tuple[pl.DataFrame, float]:
    """Return the tracks of a video, and the seconds they took.

    Raises:
        UserError: when a parameter is wrong, or the tracker needs features that are not there.
    """
    tracker = create(contestant.tracker, {"frames_per_second": seen.frames_per_second, **contestant.parameters})
    start = time.perf_counter()
    tracks = track_boxes(
        seen.boxes,
        seen.frames,
        tracker,
        seen.shots,
        features=seen.features.get(contestant.features) if contestant.features else None,
        cameras=seen.cameras,
    )
    return tracks, time.perf_counter() - start


def oracle(truth: pl.DataFrame, minimum_visibility: float) -> pl.DataFrame:
    """Return the true boxes as a detector without fault would give them: score 1, no identity.

    Args:
        truth: boxes table.
        minimum_visibility: boxes of which less can be seen are left out, 0–1.
    """
    visible = pl.col("visibility").is_null() | (pl.col("visibility") >= minimum_visibility)
    return truth.filter(visible).with_columns(
        score=pl.lit(1.0, pl.Float32), track=pl.lit(None, pl.Int32), source=pl.lit(ORACLE_SOURCE)
    )


def compare(
    contestants: Sequence[Contestant],
    seen: Mapping[str, Seen],
    truth: Mapping[str, pl.DataFrame],
    labels: Sequence[str],
    given: str,
    *,
    minimum_visibility: float = 0.0,
    report: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """Let every contestant follow the boxes of every video, and score it.

    Args:
        contestants: who takes part.
        seen: what they are given, by video.
        truth: boxes tables with identities, by video; they end at cuts.
        labels: the labels to score.
        given: what the boxes are: ``detections`` or ``truth``.
        minimum_visibility: true boxes of which less can be seen do not count, 0–1.
        report: called with contestants done and contestants in all.

    Raises:
        UserError: when a parameter is wrong, or the truth cannot be scored against.
    """
    true = {video: end_at_cuts(truth[video], material.shots) for video, material in seen.items()}
    results = []
    for done, contestant in enumerate(contestants, start=1):
        tracks, seconds = {}, 0.0
        warm_up(next(iter(seen.values())), contestant)
        for video, material in seen.items():
            tracks[video], took = follow(material, contestant)
            seconds += took
        scores = evaluate_videos(
            {video: TrackedVideo(true[video], tracks[video], seen[video].frames) for video in seen},
            labels,
            minimum_visibility=minimum_visibility,
        )
        frames = sum(len(material.frames) for material in seen.values())
        results.append(Result(contestant, given, scores, tracks, frames / seconds))
        if report:
            report(done, len(contestants))
    return results


def behind_the_best(
    results: Sequence[Result],
    seen: Mapping[str, Seen],
    truth: Mapping[str, pl.DataFrame],
    labels: Sequence[str],
    *,
    minimum_visibility: float = 0.0,
    resamples: int = 1000,
) -> dict[str, dict[str, tuple[float, float]]]:
    """Return how far each tracker's HOTA is from the best one's: the 95 % interval with whole shots drawn anew.

    Args:
        results: what :func:`compare` returns.
        seen: what the trackers were given, by video.
        truth: boxes tables with identities, by video.
        labels: the labels that are scored.
        minimum_visibility: as in :func:`compare`.
        resamples: how many sets of shots are drawn, the same for all trackers.

    Returns:
        By ``overall`` and label, by name: both ends of a tracker's HOTA less the best one's. The best of each has none,
        and with fewer than two shots nobody has.
    """
    true = {video: end_at_cuts(truth[video], material.shots) for video, material in seen.items()}
    shots = {video: material.shots for video, material in seen.items()}
    draws = {}
    for result in results:
        tracked = {video: TrackedVideo(true[video], result.tracks[video], seen[video].frames) for video in seen}
        counts = count_shots(tracked, shots, labels, minimum_visibility=minimum_visibility)
        if len(counts) < 2:
            return {}
        draws[result.contestant.name] = resample(counts, resamples)
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for part in results[0].combined if results else ():
        best = max(results, key=lambda result: result.combined[part]["HOTA"] or 0).contestant.name
        intervals = {name: paired_interval(draws[best][part]["HOTA"], own[part]["HOTA"]) for name, own in draws.items()}
        found[part] = {name: ends for name, ends in intervals.items() if ends is not None and name != best}
    return found


def warm_up(seen: Seen, contestant: Contestant) -> None:
    """Let a tracker follow some frames, so that compiling its loops is not timed."""
    follow(seen.only(seen.frames[:WARM_UP_FRAMES]), contestant)
