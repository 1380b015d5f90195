"""What the page says of trackers side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from courtside.report.content_pictures import Picture

Number = float | int | None


@dataclass(frozen=True)
class Followed:
    """What a tracker made of one kind of boxes, on all tracked videos together.

    Attributes:
        scores: by label and ``overall``; keys of the report file.
        ball: scores of the ball as a point; keys of the report file; empty where no ball is followed.
        frames_per_second: of the tracker alone.
    """

    scores: Mapping[str, Mapping[str, Number]]
    ball: Mapping[str, Number]
    frames_per_second: Number


@dataclass(frozen=True)
class ComparedTracker:
    """One tracker, given what the champion found, and given the true boxes.

    Attributes:
        name: of the tracker.
        features: the looks it goes by, or None.
        on_detections: what it made of the champion's boxes.
        on_truth: what it made of the true ones.
        behind: by ``overall`` and label, the 95 % interval of its HOTA less the best tracker's, with other shots drawn;
            none for the best.
    """

    name: str
    features: str | None
    on_detections: Followed
    on_truth: Followed
    behind: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class WeightStep:
    """How well a tracker does when overlap weighs so much and looks the rest."""

    overlap_weight: float
    scores: Mapping[str, Number]


@dataclass(frozen=True)
class ConditionRow:
    """How a tracker did on the true boxes under one condition.

    Attributes:
        condition: its name; ``all`` and ``none`` besides.
        boxes: how many true boxes stand under it.
        recall: share of them that were found.
        switches: identity switches on them.
        switches_per_thousand: the same in a thousand boxes.
        first_loss: by video, the first frame on which one was lost that had been found the frame before.
    """

    condition: str
    boxes: int
    recall: Number
    switches: int
    switches_per_thousand: Number
    first_loss: Mapping[str, int]

    @property
    def name(self) -> str:
        """The condition in words."""
        return {"all": "every box", "none": "no condition"}.get(self.condition, self.condition.replace("_", " "))


@dataclass(frozen=True)
class ComparedTrackers:
    """All trackers on the same boxes of the same videos.

    Attributes:
        videos: whose scores are summed up.
        trackers: best HOTA first.
        weights: by tracker, its scores as looks count less and less.
        conditions: by tracker, a row a condition; empty where nobody measured them.
        convention: how each family of scores counts.
        losses: what the best tracker first loses under each condition.
    """

    videos: tuple[str, ...]
    trackers: tuple[ComparedTracker, ...]
    weights: Mapping[str, tuple[WeightStep, ...]]
    conditions: Mapping[str, tuple[ConditionRow, ...]]
    convention: Mapping[str, str]
    losses: tuple[Picture, ...]

    def of(self, part: str) -> tuple[ComparedTracker, ...]:
        """Return the trackers that follow a label, or for ``overall`` every label: some follow balls alone."""

        def follows(tracker: ComparedTracker) -> bool:
            scores = tracker.on_detections.scores
            labels = [label for label in scores if label != "overall"] if part == "overall" else [part]
            return all(scores.get(label, {}).get("predicted_boxes") for label in labels)

        return tuple(tracker for tracker in self.trackers if follows(tracker))

    @property
    def judged(self) -> tuple[str, ...]:
        """The trackers of which there are rows by condition, best first; some follow balls alone and are left out."""
        return tuple(each.name for each in self.of("overall") if self.conditions.get(each.name))

    @property
    def under(self) -> tuple[ConditionRow, ...]:
        """The conditions that occur, with the numbers of the best tracker."""
        return tuple(row for row in self.conditions[self.judged[0]] if row.boxes) if self.judged else ()

    def row(self, tracker: str, condition: str) -> ConditionRow:
        """Return what a judged tracker did under a condition."""
        return next(row for row in self.conditions[tracker] if row.condition == condition)

    def best(self, part: str, key: str, *, least: bool = False) -> Number:
        """Return the best value of a score on what was found; None where all are alike or there is one tracker."""
        return _best([each.on_detections.scores.get(part, {}).get(key) for each in self.of(part)], least)

    def best_of_ball(self, key: str, *, least: bool = False) -> Number:
        """Return the best value of a score of the ball as a point, as :meth:`best` does."""
        return _best([each.on_detections.ball.get(key) for each in self.trackers], least)


def _best(values: list[Number], least: bool) -> Number:
    known = [value for value in values if value is not None]
    if len(known) < 2 or min(known) == max(known):
        return None
    return min(known) if least else max(known)


@dataclass(frozen=True)
class SingleRow:
    """One tracker of single objects on one video, ``alone`` or ``checked``; scores are means over the objects."""

    tracker: str
    how: str
    success: Number
    precision_20px: Number
    failed: Number
    failed_said: Number
    frames_per_second: Number


@dataclass(frozen=True)
class SingleVideo:
    """Single objects of a video, each followed from its first box.

    Attributes:
        video: its name.
        objects: what was followed, in words.
        rows: the trackers.
        pictures: success, precision, and where the best tracker saw the first object.
    """

    video: str
    objects: tuple[str, ...]
    rows: tuple[SingleRow, ...]
    pictures: tuple[Picture, ...]
