"""What the page says of classifiers: plain values without any markup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Interval = tuple[float, float] | None


@dataclass(frozen=True)
class LabelScore:
    """Precision and recall of one label, 0–1, with the frames that show it; intervals where shots were resampled."""

    label: str
    precision: float
    recall: float
    support: int
    precision_interval: Interval = None
    recall_interval: Interval = None


@dataclass(frozen=True)
class ComparedClassifier:
    """One of the classifiers that were compared, scored on validation frames.

    Attributes:
        used: whether it is the one that is kept.
        labels: scores of each label.
        counts: confusions, rows predicted, columns true.
        shares: each column divided by its sum.
    """

    name: str
    architecture: str
    used: bool
    parameters: int
    epochs: int
    train_loss: float
    val_loss: float
    error_rate: float
    accuracy: float
    images_per_s: float
    labels: tuple[LabelScore, ...]
    counts: tuple[tuple[int, ...], ...]
    shares: tuple[tuple[float, ...], ...]
    run_id: str | None


@dataclass(frozen=True)
class BallFilter:
    """Whether the best classifier takes frames out, why or why not, and how many."""

    applied: bool
    reason: str
    taken_out: int


@dataclass(frozen=True)
class FilterOnVideo:
    """What the filter would take out of a video it has never seen, and whether validation on others lets it act."""

    acts: bool
    balls_out: int
    empty_out: int


@dataclass(frozen=True)
class UnseenVideo:
    """A classifier's accuracy on a video it has never seen."""

    video: str
    frames: int
    counts: Mapping[str, int]
    accuracy: float
    filter: FilterOnVideo | None


@dataclass(frozen=True)
class UnseenScores:
    """A classifier's scores on videos it has never seen, all folds together.

    Attributes:
        seen_accuracy: on validation frames of the videos it learned from, for comparison.
        accuracy, interval: on the others.
        labels: scores of each label.
        videos: its accuracy on each.
    """

    name: str
    seen_accuracy: float
    accuracy: float
    interval: Interval
    labels: tuple[LabelScore, ...]
    videos: tuple[UnseenVideo, ...]


@dataclass(frozen=True)
class BySource:
    """What `courtside classify by-source` measured.

    Attributes:
        folds: groups of videos that were left out, one at a time.
        frames, shots: sorted frames in all, and the shots they are of.
        always: the commonest label.
        always_accuracy: the accuracy of always saying it.
        classifiers: the scores of each.
    """

    folds: int
    frames: int
    shots: int
    always: str
    always_accuracy: float
    classifiers: tuple[UnseenScores, ...]
