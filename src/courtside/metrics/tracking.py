"""All scores of a tracker: CLEAR MOT, identity and HOTA, by label and overall, by video and of several together.

The conventions, which :data:`CONVENTION` has in words for whoever prints the scores:

- MOTA, MOTP, precision, recall, false positives and negatives, switches, fragmentations, mostly tracked, partially
  tracked and mostly lost are those of CLEAR MOT (Bernardin & Stiefelhagen 2008) as **py-motmetrics** counts them. A
  pair that matched before stays matched as long as it overlaps enough, through any gap, before anything else is
  assigned; the rest is assigned so that as many as possible match. Another identity than at the last match, however
  long ago, is a switch. TrackEval's CLEAR carries a match over from the last frame only, assigns for the most overlap,
  calls "mostly" what is above 80 % where py-motmetrics says at least, and counts a fragmentation also where the truth
  itself has a gap. It may therefore say otherwise of the same tracks.
- IDF1, IDP and IDR are those of Ristani et al. 2016: each true track is given at most one predicted track for the
  whole video, so an identity that comes back after a gap counts, and another one does not. The libraries agree.
- HOTA, DetA, AssA and LocA are those of Luiten et al. 2021, the means over the overlaps 0.05–0.95, as TrackEval and
  ``trackers.eval`` compute them.

All is counted here in compiled loops, because py-motmetrics takes a hundred times as long and ``trackers.eval`` several
times; they and TrackEval are the references that the tests hold it against on random tracks, CLEAR exactly.
Labels and videos are combined as MOTChallenge and TrackEval do: what is
counted is added up, and the scores are made of the sums, never a mean of scores. ``overall`` is the labels combined.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.metrics.tracking_counts import Counts, Scores, combine, count, scores
from courtside.metrics.tracking_pairs import pair

OVERALL = "overall"

CONVENTION: Mapping[str, str] = {
    "CLEAR": "as py-motmetrics: a match is kept through any gap while it overlaps enough, the rest is assigned so that "
    "as many as possible match; another identity than at the last match is a switch; mostly tracked from 80 % on",
    "identity": "one predicted track at most for each true track over the whole video, gaps included (Ristani 2016)",
    "HOTA": "mean over the overlaps 0.05–0.95 (Luiten 2021), as TrackEval and trackers.eval",
    "combined": "scores of summed counts, as MOTChallenge and TrackEval combine them; overall likewise over labels",
}


@dataclass(frozen=True)
class TrackedVideo:
    """What is scored of one video.

    Attributes:
        truth: boxes table with ``track`` set.
        predictions: boxes table with ``track`` set.
        frames: the number of its frames, counted from 0, and then a box on another frame is an error; or the frames
            that are scored, and then boxes on others take no part.
    """

    truth: pl.DataFrame
    predictions: pl.DataFrame
    frames: int | Iterable[int]


@dataclass(frozen=True)
class TrackingScores:
    """Scores by video and of all videos together, ``overall`` and by label, each as :func:`evaluate_tracks` has them.

    A label without a true box in a video has None there in what needs one; its false positives count in ``combined``.
    """

    videos: dict[str, dict[str, Scores]]
    combined: dict[str, Scores]
    convention: Mapping[str, str] = field(default_factory=lambda: dict(CONVENTION))


def evaluate_tracks(
    truth: pl.DataFrame,
    predictions: pl.DataFrame,
    labels: Sequence[str],
    frames: int | Iterable[int],
    *,
    minimum_visibility: float = 0.0,
    iou_threshold: float = 0.5,
    other_labels: Iterable[str] = (),
) -> dict[str, Scores]:
    """Score the tracks of one video, overall and for each label.

    A prediction can only match truth of its own label. True boxes that are hardly visible are ignored as in the
    MOTChallenge: within each frame, predictions that pair with one at ``iou_threshold`` are left out with it, before
    anything is scored. The conventions of the scores are those of this module.

    Args:
        truth: boxes table of one video with ``track`` set.
        predictions: boxes table of the same video with ``track`` set.
        labels: the labels to score; boxes with other labels take no part.
        frames: which frames are scored; see :class:`TrackedVideo`.
        minimum_visibility: true boxes with a visibility below it are ignored, 0–1.
        iou_threshold: what overlap is a match, 0–1.
        other_labels: what else predictions may be called, besides ``labels`` and those of the truth.

    Returns:
        ``overall`` and one entry a label, each with ``MOTA``, ``MOTP`` (mean overlap of the matches), ``IDF1``,
        ``IDP``, ``IDR``, ``HOTA``, ``DetA``, ``AssA``, ``LocA``, ``precision``, ``recall``, ``false_positives``,
        ``false_negatives``, ``switches``, ``fragmentations``, ``mostly_tracked`` (true tracks found in at least 80 % of
        their boxes), ``partially_tracked``, ``mostly_lost`` (less than 20 %), ``truth_boxes``, ``truth_tracks``,
        ``predicted_boxes`` and ``predicted_tracks``. Fractions, not percentages. ``MOTP`` and ``LocA`` are None without
        a match; ``precision`` and ``IDP`` are 0 where nothing was predicted.

    Raises:
        UserError: when the truth holds no box that counts, a label that is asked for has none, a box is on a frame that
            does not exist, a prediction has an unknown label, or an identity is null or stands in a frame twice.
        ValueError: when there is more than one video, or a label is called overall or given twice.
    """
    names = _checked(labels)
    name = next(iter([*truth["video"].unique(), *predictions["video"].unique()]), "the video")
    video = _Video(name, TrackedVideo(truth, predictions, frames), names, minimum_visibility, other_labels)
    for label in names:
        if not video.counted(label):
            raise UserError(_no_truth(label, minimum_visibility, [video]))
    return _by_label({label: video.count(label, iou_threshold) for label in names})


def evaluate_videos(
    videos: Mapping[str, TrackedVideo],
    labels: Sequence[str],
    *,
    minimum_visibility: float = 0.0,
    iou_threshold: float = 0.5,
    other_labels: Iterable[str] = (),
) -> TrackingScores:
    """Score the tracks of several videos, each and combined.

    Args:
        videos: name to what is scored of it.
        labels: see :func:`evaluate_tracks`, as the others of this name. A label may be missing from the truth of some
            videos, not of all.
        minimum_visibility: true boxes that are less visible are ignored.
        iou_threshold: what overlap is a match, 0–1.
        other_labels: what else predictions may be called, besides ``labels`` and those of any truth.

    Raises:
        UserError: as :func:`evaluate_tracks`; also when there is no video, or one without a true box that counts.
        ValueError: as :func:`evaluate_tracks`.
    """
    names = _checked(labels)
    if not videos:
        raise UserError("there is no video to score; name truth and predictions of at least one")
    prepared = _prepared(videos, names, minimum_visibility, other_labels)
    for video in prepared:
        if not any(video.counted(label) for label in names):
            raise UserError(_no_truth(" or ".join(names), minimum_visibility, [video]))
    for label in names:
        if not any(video.counted(label) for video in prepared):
            raise UserError(_no_truth(label, minimum_visibility, prepared))
    counts = {video.name: {label: video.count(label, iou_threshold) for label in names} for video in prepared}
    return TrackingScores(
        {name: _by_label(of_video) for name, of_video in counts.items()},
        _by_label({label: combine(of_video[label] for of_video in counts.values()) for label in names}),
    )


def count_tracks(
    videos: Mapping[str, TrackedVideo],
    labels: Sequence[str],
    *,
    minimum_visibility: float = 0.0,
    iou_threshold: float = 0.5,
) -> dict[str, dict[str, Counts]]:
    """Return what is counted of each label in each video, for who adds it up himself; a video may have no truth.

    Args:
        videos: as :func:`evaluate_videos`, as the others.
        labels: the labels to count.
        minimum_visibility: true boxes that are less visible are ignored.
        iou_threshold: what overlap is a match, 0–1.

    Raises:
        UserError: as :func:`evaluate_videos`, except that there need be no truth.
        ValueError: as :func:`evaluate_tracks`.
    """
    names = _checked(labels)
    prepared = _prepared(videos, names, minimum_visibility, names)
    return {video.name: {label: video.count(label, iou_threshold) for label in names} for video in prepared}


def _prepared(
    videos: Mapping[str, TrackedVideo], names: Sequence[str], visibility: float, other_labels: Iterable[str]
) -> list[_Video]:
    known = {label for video in videos.values() for label in video.truth["label"].unique()} | set(other_labels)
    return [_Video(name, video, names, visibility, known) for name, video in videos.items()]


def _checked(labels: Sequence[str]) -> list[str]:
    names = list(labels)
    if not names or len(set(names)) != len(names) or OVERALL in names:
        raise ValueError(f"labels must be given once each and none be called {OVERALL}, not {names}")
    return names


def _by_label(counts: Mapping[str, Counts]) -> dict[str, Scores]:
    return {OVERALL: scores(combine(counts.values())), **{label: scores(of) for label, of in counts.items()}}


class _Video:
    """A video whose tables are checked and cut to the frames and labels that are scored."""

    def __init__(
        self, name: str, given: TrackedVideo, labels: Sequence[str], visibility: float, other_labels: Iterable[str]
    ) -> None:
        self.name = name
        self.said_of_truth = sorted(given.truth["label"].unique())
        self.minimum_visibility = visibility
        whole = isinstance(given.frames, int)
        numbers = range(given.frames) if isinstance(given.frames, int) else sorted(set(given.frames))
        self.frames: NDArray[np.int64] = np.asarray(numbers, dtype=np.int64)
        known = {*labels, *self.said_of_truth, *other_labels}
        unknown = sorted(set(given.predictions["label"].unique()) - known)
        if unknown:
            raise UserError(
                f"predictions of {name}: no box of the truth is called {', '.join(unknown)}; it has: "
                f"{', '.join(self.said_of_truth) or 'nothing'}. Give both the same labels"
            )
        self.truth = self._rows(given.truth, labels, "truth", whole)
        self.predictions = self._rows(given.predictions, labels, "predictions", whole)
        names = sorted({*self.truth["video"].unique(), *self.predictions["video"].unique()})
        if len(names) > 1:
            raise ValueError(f"tracks are scored one video at a time, not {', '.join(names)} at once")

    def _rows(self, table: pl.DataFrame, labels: Sequence[str], what: str, whole: bool) -> pl.DataFrame:
        rows = boxes_table.check(table)
        if not set(rows["label"].unique()) <= set(labels):
            rows = rows.filter(pl.col("label").is_in(labels))
        if not whole:
            rows = rows.filter(pl.col("frame").is_in(pl.Series(self.frames, dtype=pl.Int32).implode()))
        rules = {
            "no track identity": pl.col("track").is_null(),
            "the same track twice": pl.struct("video", "frame", "label", "track").is_duplicated(),
            f"a frame number (from 0) that a video of {len(self.frames)} frames has not": pl.col("frame")
            > (len(self.frames) - 1 if whole else self.frames.max(initial=0)),
        }
        broken = rows.select(rule.any().alias(message) for message, rule in rules.items()).row(0)
        for (message, rule), wrong in zip(rules.items(), broken, strict=True):
            if wrong:
                row = rows.row(rows.select(rule.arg_true().first()).item(), named=True)
                track = "" if row["track"] is None else f" {row['track']}"
                raise UserError(
                    f"{what}: {row['label']}{track} in {row['video']}, frame {row['frame']}, has {message}; correct it"
                )
        return rows

    def counted(self, label: str) -> int:
        """Return how many true boxes of a label count."""
        seen = pl.col("visibility").is_null() | (pl.col("visibility") >= self.minimum_visibility)
        return self.truth.filter(seen & (pl.col("label") == label)).height

    def count(self, label: str, threshold: float) -> Counts:
        """Return what is counted of a label."""
        truth, predictions = (rows.filter(pl.col("label") == label) for rows in (self.truth, self.predictions))
        pairs = pair(
            truth, predictions, self.frames, minimum_visibility=self.minimum_visibility, iou_threshold=threshold
        )
        return count(pairs, threshold)


def _no_truth(label: str, minimum_visibility: float, videos: Sequence[_Video]) -> str:
    known = sorted({said for video in videos for said in video.said_of_truth})
    where = videos[0].name if len(videos) == 1 else f"all {len(videos)} videos"
    frames = sum(len(video.frames) for video in videos)
    return (
        f"the truth of {where} has no {label} with a visibility of at least {minimum_visibility:g} on the {frames} "
        f"frames scored; it has: {', '.join(known) or 'nothing'}. Leave {label} out, or correct the truth"
    )
