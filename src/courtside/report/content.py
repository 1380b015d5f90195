"""What the page says: plain values without any markup, files read and pictures embedded.

Fractions are 0–1. None stands where a number does not exist; the page shows a dash for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from courtside.report.content_classifiers import BallFilter, BySource, ComparedClassifier
from courtside.report.content_datasets import Taught
from courtside.report.content_pictures import Picture
from courtside.report.content_tracking import ComparedTrackers, SingleVideo

Number = float | int | None
Points = tuple[tuple[float, float], ...]

TEST_AND_TRAINING = "test and training videos"


@dataclass(frozen=True)
class Finding:
    """One thing the numbers say, in a sentence; ``good`` is False for what a reader should be wary of."""

    good: bool
    text: str


@dataclass(frozen=True)
class Count:
    """One figure of the pipeline at a glance."""

    name: str
    value: Number
    note: str


@dataclass(frozen=True)
class ClipCounts:
    """How many frames of a clip, a video or everything got which verdict.

    Attributes:
        name: what was counted.
        total: number of frames.
        verdicts: frames by verdict; None where a filter was not applied.
    """

    name: str
    total: int
    verdicts: Mapping[str, int | None]


@dataclass(frozen=True)
class VideoCounts:
    """The cleaning of one video: its clips, their sum, and how many further frames could not be decoded.

    Attributes:
        images: names of the damaged pictures, where the video is a folder of pictures.
    """

    video: str
    role: str
    clips: tuple[ClipCounts, ...]
    total: ClipCounts
    damaged: int = 0
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class Threshold:
    """A limit of the cleaning: the key in the configuration, its value, and what it does."""

    key: str
    value: Number
    meaning: str


@dataclass(frozen=True)
class Measure:
    """How one measure is distributed over all frames.

    Attributes:
        name: what is measured.
        edges: ascending borders of the bins, one more than ``counts``.
        counts: frames in each bin.
        thresholds: where frames are cut off.
        logarithmic: whether the bins are equally wide on a logarithmic scale.
        removed: frames beyond the thresholds.
    """

    name: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    thresholds: tuple[float, ...]
    logarithmic: bool
    removed: int


@dataclass(frozen=True)
class Border:
    """The frames nearest to a threshold: those that it removes, and those that it keeps."""

    key: str
    threshold: float
    removed: tuple[Picture, ...]
    kept: tuple[Picture, ...]


@dataclass(frozen=True)
class Cleaning:
    """All videos, their sum, the thresholds, the distributions behind them, and the frames at their borders."""

    videos: tuple[VideoCounts, ...]
    total: ClipCounts
    thresholds: tuple[Threshold, ...]
    measures: tuple[Measure, ...]
    borders: tuple[Border, ...] = ()


@dataclass(frozen=True)
class SplitRow:
    """One split: usable frames, and how many of them a person has labelled and sorted (None where not counted)."""

    name: str
    frames: Number
    labelled: Number
    in_classes: Number = None


@dataclass(frozen=True)
class NearestPair:
    """The most similar frames of two splits; ``distance`` of 256 hash bits differ."""

    between: str
    first: str
    second: str
    distance: Number


@dataclass(frozen=True)
class SplitScore:
    """What the same detector scores where validation frames are chosen in one way."""

    name: str
    images: Number
    map50: Number
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Split:
    """Who learns from what and who is tested on what.

    Attributes:
        rows: the splits.
        leaks: test frames with a near-twin in training.
        nearest: the most similar frames of two splits.
        replays: shots of learning videos that show an earlier one again; None where not counted.
        twins: pictures of classes that look like another one, and stay on its side.
        doubtful: those of them that look like one of another class.
        inflation: one detector's score on whole shots and on random frames, where it was measured.
        inflation_note: what those scores say.
    """

    rows: tuple[SplitRow, ...]
    leaks: Number
    nearest: tuple[NearestPair, ...]
    replays: Number = None
    inflation: tuple[SplitScore, ...] = ()
    inflation_note: str = ""
    twins: Number = None
    doubtful: Number = None


@dataclass(frozen=True)
class Classifier:
    """The classifier that is used, and those it was compared with; None where there were too few sorted frames.

    Attributes:
        top1: share of the validation frames called right; the filter's, at its threshold, where there is one.
        precision, recall: of the ball, or the means over all labels.
        true_positives, false_positives, false_negatives, true_negatives: of the ball; None for other classes.
        images: sorted frames by side.
        threshold: probability of a ball from which a frame stays.
        reason: why none was trained.
        compared: all of them.
        filter: what the ball filter does; None for other classes.
        by_source: scores on videos never seen, where they were measured.
    """

    top1: Number
    precision: Number
    recall: Number
    true_positives: Number
    false_positives: Number
    false_negatives: Number
    true_negatives: Number
    images: Mapping[str, Number]
    threshold: Number = None
    reason: str = ""
    compared: tuple[ComparedClassifier, ...] = ()
    filter: BallFilter | None = None
    by_source: BySource | None = None

    @property
    def trained(self) -> bool:
        """Whether there is a classifier at all."""
        return self.top1 is not None


@dataclass(frozen=True)
class Scores:
    """What a detector reaches on one label, or on the mean of all."""

    label: str
    map50: Number
    map50_95: Number
    precision: Number
    recall: Number
    f1: Number


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix: rows predicted, columns true, the background last.

    Attributes:
        labels: names of rows and columns.
        counts: boxes.
        shares: each column divided by its sum.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[Number, ...], ...]
    shares: tuple[tuple[Number, ...], ...]


@dataclass(frozen=True)
class Curves:
    """The curves of one label, each as (x, y) points, all 0–1."""

    label: str
    precision_over_recall: Points
    f1_over_confidence: Points
    precision_over_confidence: Points
    recall_over_confidence: Points = ()


@dataclass(frozen=True)
class Loss:
    """A part of the loss, one point an epoch: (epoch, value)."""

    name: str
    train: Points
    val: Points


@dataclass(frozen=True)
class Training:
    """How a round's training went, one point an epoch: (epoch, value).

    Attributes:
        train_loss, val_loss: the sums of all parts.
        map50, map50_95: on the validation images.
        parts: the parts of the loss; empty where there is but one.
    """

    train_loss: Points
    val_loss: Points
    map50: Points
    map50_95: Points
    parts: tuple[Loss, ...] = ()


@dataclass(frozen=True)
class Gain:
    """How much better a round is than an earlier one, on the same test frames.

    Attributes:
        other: name of the earlier round.
        difference: mAP50 less that of the other.
        interval: 95 % interval of the difference, the same test sets drawn for both; None where unknown.
    """

    other: str
    difference: float
    interval: tuple[float, float] | None


@dataclass(frozen=True)
class Round:
    """One detector of the chain and its scores on the test set.

    Attributes:
        interval: 95 % interval of mAP50.
        labels: scores of each label.
        train_images, val_images: size of the dataset; None where the training left no report.
        human_images: those of the dataset that a person labelled.
        test_images: frames of the test set.
        epochs: of its training; 0 where the detector is used as it came, None where the training left no report.
        full_precision: the confidence from which on everything found is right; None where there is none.
        taught: the labels it learned from; None where nobody counted them.
        gain: against the round before; None for the first.
        since_first: against the first round; None for the first.
        remarks: what the numbers say, in sentences.
    """

    name: str
    detector: str
    teacher: str
    overall: Scores
    interval: tuple[float, float] | None
    confidence: Number
    labels: tuple[Scores, ...]
    true_positives: Number
    false_positives: Number
    false_negatives: Number
    test_images: Number
    train_images: Number
    val_images: Number
    human_images: Number
    confusion: Confusion | None
    curves: tuple[Curves, ...]
    training: Training | None
    epochs: Number = None
    full_precision: Number = None
    taught: Taught | None = None
    gain: Gain | None = None
    since_first: Gain | None = None
    remarks: tuple[str, ...] = ()

    @property
    def train_human_images(self) -> Number:
        """Training images that a person labelled: validation images always are."""
        if self.human_images is None or self.val_images is None:
            return None
        return max(0, self.human_images - self.val_images)

    @property
    def train_model_images(self) -> Number:
        """Training images that a model labelled."""
        by_hand = self.train_human_images
        return None if by_hand is None or self.train_images is None else max(0, self.train_images - by_hand)


@dataclass(frozen=True)
class Audit:
    """How good pseudo-labels are against human ones."""

    precision: Number
    recall: Number
    f1: Number
    mean_iou: Number
    boxes: Number


@dataclass(frozen=True)
class Step:
    """What one step of the refinement did to the boxes, and how right they are after it (None where not audited)."""

    name: str
    removed: Number
    added: Number
    moved: Number
    precision: Number = None
    recall: Number = None
    f1: Number = None


@dataclass(frozen=True)
class PseudoLabels:
    """The labels a round made: audited before and after refinement, and whether they are used.

    Attributes:
        round_name: name of the round.
        before: the boxes above the threshold.
        after: the refined ones.
        steps: what the refinement did.
        accepted: whether the refined labels are used; None where nobody said.
        labelled_frames: how many got labels.
        audited_frames: how many of those that a person labelled the audit looked at.
        f1_interval: 95 % interval of the F1 after refinement.
        rejected: whether the round is worse than the champion before it by more than noise, and not used at all.
        champion: the best round so far.
        compared_with: the round it was compared with; None for the first.
        difference: F1 less that round's.
        difference_interval: 95 % interval of the difference, the same shots drawn for both.
    """

    round_name: str
    before: Audit
    after: Audit
    steps: tuple[Step, ...]
    accepted: bool | None
    labelled_frames: Number
    audited_frames: Number
    f1_interval: tuple[float, float] | None = None
    rejected: bool = False
    champion: str | None = None
    compared_with: str | None = None
    difference: Number = None
    difference_interval: tuple[float, float] | None = None
    remarks: tuple[str, ...] = ()

    @property
    def own(self) -> Audit:
        """The labels that count for the round: the refined ones, or the plain ones where refinement did not help."""
        return self.before if self.accepted is False else self.after

    @property
    def verdict(self) -> str | None:
        """``rejected``, ``accepted``, or None where the labels were not audited."""
        if self.rejected:
            return "rejected"
        return "accepted" if self.own.f1 is not None else None


@dataclass(frozen=True)
class TrackScores:
    """Scores of tracks: of one label, or overall. ``values`` has the keys of the report file."""

    part: str
    values: Mapping[str, Number]


@dataclass(frozen=True)
class Film:
    """A rendered video.

    Attributes:
        data_uri: the MP4, or None where it is too large to embed.
        poster: its middle frame.
        link: where the file lies, relative to the page.
        megabytes: size of the file.
    """

    data_uri: str | None
    poster: Picture
    link: str
    megabytes: float


@dataclass(frozen=True)
class Track:
    """One tracker on one video; no scores where the video has no true tracks."""

    video: str
    tracker: str
    scores: tuple[TrackScores, ...]
    frames_per_second: Number
    film: Film | None


@dataclass(frozen=True)
class Run:
    """An MLflow run a number of the page comes from."""

    stage: str
    name: str
    run_id: str


@dataclass(frozen=True)
class Provenance:
    """What has to be the same for the numbers to be the same."""

    runs: tuple[Run, ...]
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Content:
    """The whole page. A part that is None or empty does not appear on it."""

    project: str
    experiment: str
    date: str
    commit: str | None
    conclusion: str
    findings: tuple[Finding, ...]
    glance: tuple[Count, ...]
    cleaning: Cleaning
    split: Split
    classifier: Classifier | None
    rounds: tuple[Round, ...]
    final_round: str
    pseudo_labels: tuple[PseudoLabels, ...]
    tracks: tuple[Track, ...]
    compared: ComparedTrackers | None
    singles: tuple[SingleVideo, ...]
    examples: tuple[Picture, ...]
    provenance: Provenance

    @property
    def final(self) -> Round | None:
        """The round the chain ends in; None where there are no rounds."""
        return next((each for each in self.rounds if each.name == self.final_round), None)
