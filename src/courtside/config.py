"""The structured configuration behind ``conf/`` and ``params.yaml``: every name, type and range.

A stage never reads YAML. It gets a :class:`Config` that :func:`validate` has checked, so a wrong name
or value ends the program before any work starts, with a message that says what is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigKeyError, OmegaConfBaseException

from courtside import layout
from courtside.errors import UserError

ROLES = ("learn", "test", "infer")
SHOTS = ("val", "train", "all")
BACKENDS = ("auto", "torch", "openvino")
NAME = re.compile(r"[a-z0-9][a-z0-9_]*")
GOLD = "gold"
CHOICES = ("diverse", "even")


@dataclass
class VideoSettings:
    """One video: where it is, what a person said about it, and what it may be used for.

    ``reviewed`` holds labels of `courtside review`, or that came back from `courtside labels export`; on the frames a
    person looked at there, they count instead of those of ``labels``. ``shows`` is the class of every frame, for a
    folder of pictures of one class; what ``sorted`` says of single frames counts instead.
    """

    path: str
    role: str = "learn"
    labels: str | None = None
    reviewed: str | None = None
    tracks: str | None = None
    sorted: str | None = None
    shows: str | None = None
    classes: dict[int, str] = field(default_factory=dict)
    shot_pattern: str | None = None


@dataclass
class RoundSettings:
    """One link of the chain: how many images, whose labels; null elsewhere takes what the other sections say.

    A round of 0 images is not trained: its detector is used as others trained it, for the ``classes`` of theirs that
    are named, such as ``{sports ball: ball}``. A chain that begins with one needs no human label.
    ``weights`` may be ``data/champion/${.teacher}.pt``, to go on where the teacher ended, or the best before it did.
    ``label_every`` stands in for ``detect.every``: a round that teaches few images need not look at many frames.
    """

    teacher: str
    images: int
    architecture: str | None = None
    weights: str | None = None
    epochs: int | None = None
    lr0: float | None = None
    label_every: int | None = None
    classes: dict[str, str] = field(default_factory=dict)


@dataclass
class TrackedSettings:
    """The videos and trackers whose product `track` runs over."""

    videos: list[str] = field(default_factory=list)
    trackers: list[str] = field(default_factory=list)


@dataclass
class GameSettings:
    """One drawn game."""

    look: str
    seed: int
    seconds: float


@dataclass
class SampleSettings:
    """The drawn default input."""

    games: dict[str, GameSettings] = field(default_factory=dict)
    label_every: int = 12
    sort_every: int = 3
    test_label_every: int = 5
    label_minimum_visibility: float = 0.3


@dataclass
class ExtractSettings:
    """Clips and measures."""

    clip_seconds: float = 300.0
    workers: int | None = None


@dataclass
class CleanSettings:
    """The thresholds of the verdicts."""

    blur_below: float = 150.0
    dark_below: float = 20.0
    bright_above: float = 230.0
    empty_below: float = 5.0
    duplicate_above: float = 0.89


@dataclass
class AnnotateSettings:
    """How human labels are read."""

    minimum_visibility: float = 0.3


@dataclass
class SplitSettings:
    """How frames are divided, and what counts as a leak."""

    val_share: float = 0.25
    leak_distance: int = 4


@dataclass
class PhaseSettings:
    """One part of a classifier's training; no epochs leave it out."""

    epochs: int = 0
    lr0: float = 0.001


@dataclass
class ClassifierSettings:
    """A classifier that `classify.classifiers` may name, and how it is trained."""

    architecture: str
    weights: str | None = None
    image_size: int = 224
    batch: int = 32
    head: PhaseSettings = field(default_factory=PhaseSettings)
    whole: PhaseSettings = field(default_factory=lambda: PhaseSettings(epochs=30))
    patience: int = 10


@dataclass
class ClassifySettings:
    """The classes of frames, the classifiers to compare, and the ball filter that the best becomes."""

    labels: list[str] = field(default_factory=lambda: ["no_ball", "ball"])
    classifiers: list[str] = field(default_factory=list)
    keep_above: float = 0.5
    keep_recall: float | None = None
    lost_ball_cost: float = 3.0
    unsorted_videos: bool = False


@dataclass
class DatasetSettings:
    """What enters a round's dataset."""

    background_share: float = 0.1
    sure_background_below: float | None = None
    expected_labels: list[str] = field(default_factory=list)
    choice: str = "diverse"
    hard_weight: float = 0.0
    tiles: bool = False
    surest_share: float = 1.0
    jpeg_quality: int = 92


@dataclass
class DetectorSettings:
    """The detector a round trains unless it names its own."""

    architecture: str = "yolov8n"
    weights: str | None = None
    image_size: int = 640
    inference_size: int | None = None
    tile_size: int | None = None
    tile_overlap: int = 64
    backend: str = "torch"


@dataclass
class TrainSettings:
    """How a round is trained."""

    epochs: int = 50
    batch: int = 16
    optimizer: str = "AdamW"
    lr0: float = 0.001
    lrf: float = 0.05
    warmup_epochs: float = 1.0
    freeze: int = 0
    mosaic: float = 0.0
    scale: float = 0.3
    rectangular: bool = True
    patience: int = 50
    class_weight: float = 0.5
    average_share: float = 0.0
    workers: int = 2
    device: str | None = None


@dataclass
class EvaluateSettings:
    """How the frozen test set is scored."""

    minimum_confidence: float = 0.001
    minimum_visibility: float = 0.3
    bootstrap_resamples: int = 200
    examples: int = 6


@dataclass
class DetectSettings:
    """Which frames of the learning videos a round looks at, and which boxes are kept to choose labels from."""

    every: int = 1
    minimum_confidence: float = 0.05
    embeddings: bool = False


@dataclass
class LinkSettings:
    """What it is worth to take two boxes for one object, in log-odds and sides of the box."""

    reward: float = 0.5
    spread: float = 0.3
    turn_cost: float = 4.0
    distance: float = 2.0
    gap_cost: float = 0.5


@dataclass
class MotionSettings:
    """How objects that are followed through time move, in sides of their boxes."""

    jerk: float = 0.4
    position_noise: float = 0.1
    size_noise: float = 0.3
    size_drift: float = 0.03


@dataclass
class LookSettings:
    """Which boxes look like nothing that the surest of their label look like."""

    labels: list[str] = field(default_factory=list)
    method: str = "mahalanobis"
    components: int = 64
    clusters: int = 8
    tolerance: float = 2.0
    minimum_reference: int = 50


@dataclass
class LabelSettings:
    """Which detections become labels."""

    minimum_confidence: float = 0.4
    minimum_confidences: dict[str, float] = field(default_factory=dict)
    wanted_precisions: dict[str, float] = field(default_factory=dict)
    candidate_confidence: float = 0.1
    sure_confidence: float = 0.65
    sure_confidences: dict[str, float] = field(default_factory=dict)
    sure_boxes: int = 2
    maximum_overlap: float = 0.8
    maximum_overlaps: dict[str, float] = field(default_factory=dict)
    overlap_keeps: str = "surer"
    exclusive_labels: list[str] = field(default_factory=list)
    exclusive_overlap: float = 0.7
    calibrated_labels: list[str] = field(default_factory=list)
    maximum_aspect_ratio: float = 6.0
    maximum_aspect_ratios: dict[str, float] = field(default_factory=dict)
    maximum_counts: dict[str, int] = field(default_factory=dict)
    temporal_labels: list[str] = field(default_factory=list)
    links: LinkSettings = field(default_factory=LinkSettings)
    fill_gaps_up_to: int = 8
    maximum_uncertainty: float = 0.15
    maximum_jump: float = 6.0
    minimum_track_length: int = 2
    motion: MotionSettings = field(default_factory=MotionSettings)
    smooth: bool = False
    carry: bool = False
    fuse_teacher: bool = False
    looks: LookSettings = field(default_factory=LookSettings)


@dataclass
class FeatureSettings:
    """How boxes are looked at; see :class:`courtside.trackers.appearance.features.FeatureSettings`."""

    weights: str | None = "imagenet"
    crop_height: int = 128
    crop_width: int = 64
    inset: float = 0.2
    centred: bool = True


@dataclass
class ObserveSettings:
    """What is kept of the champion's look at a tracked video."""

    minimum_confidence: float = 0.05
    features: list[str] = field(default_factory=list)
    look: FeatureSettings = field(default_factory=FeatureSettings)
    camera_motion: bool = False


@dataclass
class TrackSettings:
    """What every tracker is given, and how the video is drawn.

    ``features`` says for trackers that want to know how boxes look which of ``observe.features`` they are given.
    """

    features: dict[str, str] = field(default_factory=dict)
    minimum_confidence: float = 0.1
    minimum_visibility: float = 0.3
    trail_length: int = 25


@dataclass
class CompareSettings:
    """The trackers that are put side by side, and what is swept for a table of its own."""

    trackers: list[str] = field(default_factory=list)
    overlap_weights: list[float] = field(default_factory=list)
    weighed: list[str] = field(default_factory=list)


@dataclass
class TunedVideo:
    """A video whose true tracks judge the parameters of a tracker; none that is tested on."""

    tracks: str
    classes: dict[int, str] = field(default_factory=dict)


@dataclass
class SingleCheckSettings:
    """When a tracker of a single object is believed, and how a lost one is looked for."""

    lost_below: float = 0.6
    patience: int = 3
    learn_above: float = 0.8
    gallery: int = 8
    size_tolerance: float = 1.6
    jump_tolerance: float = 1.5
    found_above: float = 0.7
    detection_confidence: float = 0.4
    reach: float = 3.0
    reach_growth: float = 1.0


@dataclass
class SingleSettings:
    """Which objects are followed from their first box, and by which trackers."""

    trackers: list[str] = field(default_factory=lambda: ["csrt"])
    weights: dict[str, str] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    minimum_visibility: float = 0.8
    workers: int | None = None
    check: SingleCheckSettings = field(default_factory=SingleCheckSettings)


@dataclass
class ConditionsSettings:
    """From where on a true box stands under a condition."""

    hidden: float = 0.25
    covered: float = 0.25
    scale_ratio: float = 1.4
    speed: float = 0.5
    small_px: float = 400.0
    brightness_levels: float = 10.0
    sharpness_share: float = 0.6
    pan_share: float = 0.002
    pan_similarity: float = 0.7


@dataclass
class TuneSettings:
    """What the parameters of a tracker are chosen on, and for."""

    videos: dict[str, TunedVideo] = field(default_factory=dict)
    shots: str = "val"
    objective: str = "overall/HOTA"


@dataclass
class ReportSettings:
    """The one page."""

    video_megabytes: float = 12.0


@dataclass
class MLflowSettings:
    """Where runs go; ``MLFLOW_TRACKING_URI`` in the environment wins over ``tracking_uri``."""

    tracking_uri: str = "sqlite:///mlflow.db"
    experiment: str = "courtside"


@dataclass
class Config:
    """The whole of ``params.yaml``."""

    experiment: str
    seed: int = 0
    labels: list[str] = field(default_factory=lambda: ["ball"])
    input: str = "data/sample"
    videos: dict[str, VideoSettings] = field(default_factory=dict)
    rounds: dict[str, RoundSettings] = field(default_factory=dict)
    final_round: str = ""
    tracked: TrackedSettings = field(default_factory=TrackedSettings)
    sample: SampleSettings = field(default_factory=SampleSettings)
    extract: ExtractSettings = field(default_factory=ExtractSettings)
    clean: CleanSettings = field(default_factory=CleanSettings)
    annotate: AnnotateSettings = field(default_factory=AnnotateSettings)
    split: SplitSettings = field(default_factory=SplitSettings)
    classify: ClassifySettings = field(default_factory=ClassifySettings)
    dataset: DatasetSettings = field(default_factory=DatasetSettings)
    detector: DetectorSettings = field(default_factory=DetectorSettings)
    train: TrainSettings = field(default_factory=TrainSettings)
    evaluate: EvaluateSettings = field(default_factory=EvaluateSettings)
    detect: DetectSettings = field(default_factory=DetectSettings)
    label: LabelSettings = field(default_factory=LabelSettings)
    classifiers: dict[str, ClassifierSettings] = field(default_factory=dict)
    trackers: dict[str, dict[str, Any]] = field(default_factory=dict)
    observe: ObserveSettings = field(default_factory=ObserveSettings)
    track: TrackSettings = field(default_factory=TrackSettings)
    compare: CompareSettings = field(default_factory=CompareSettings)
    single: SingleSettings = field(default_factory=SingleSettings)
    conditions: ConditionsSettings = field(default_factory=ConditionsSettings)
    tune: TuneSettings = field(default_factory=TuneSettings)
    report: ReportSettings = field(default_factory=ReportSettings)
    mlflow: MLflowSettings = field(default_factory=MLflowSettings)
    # What one call of a stage works on; set on the command line by dvc.yaml.
    video: str | None = None
    round: str | None = None
    tracker: str | None = None

    def videos_with_role(self, *roles: str) -> dict[str, VideoSettings]:
        """Return the videos whose role is one of ``roles``, in the order of the configuration."""
        return {name: video for name, video in self.videos.items() if video.role in roles}

    def chosen_video(self) -> str:
        """Return the video this call works on.

        Raises:
            UserError: when none is named or the name is unknown.
        """
        return _chosen("video", self.video, self.videos)

    def chosen_round(self) -> str:
        """Return the round this call works on; the last one where none is named."""
        return _chosen("round", self.round or self.final_round, self.rounds)

    def looks_at_every(self, round_name: str) -> int:
        """Return n where a round looks at every n-th training frame."""
        return self.rounds[round_name].label_every or self.detect.every

    def learns_from_people(self) -> bool:
        """Return whether a round is taught by human labels."""
        return any(settings.images and settings.teacher == GOLD for settings in self.rounds.values())

    def chosen_tracker(self) -> str:
        """Return the tracker this call works on."""
        return _chosen("tracker", self.tracker, self.trackers)


def _chosen(kind: str, name: str | None, known: Mapping[str, Any]) -> str:
    if name is None:
        raise UserError(f"no {kind} is named; add {kind}=NAME with one of: {', '.join(known)}")
    if name not in known:
        raise UserError(f"{kind} {name!r} is not in the configuration; it has: {', '.join(known) or 'none'}")
    return name


def from_dictionary(values: DictConfig | Mapping[str, Any]) -> Config:
    """Build and check the configuration from composed values.

    Raises:
        UserError: on an unknown name, a value of the wrong type or out of range, or a reference to a
            video, round or tracker that does not exist.
    """
    try:
        merged = OmegaConf.merge(OmegaConf.structured(Config), values)
        config = OmegaConf.to_object(merged)
    except OmegaConfBaseException as error:
        reason = str(error).splitlines()[0]
        where = f" at {error.full_key}" if error.full_key else ""
        raise UserError(f"configuration{where}: {reason}; {_allowed(error)}") from None
    if not isinstance(config, Config):
        raise UserError("configuration: not a mapping; run `make params`")
    validate(config)
    return config


def _allowed(error: OmegaConfBaseException) -> str:
    kind = error.object_type
    names = getattr(kind, "__dataclass_fields__", None)
    if names and isinstance(error, ConfigKeyError):
        return "known here: " + ", ".join(names)
    return "see conf/ for the names and types"


def validate(config: Config) -> None:
    """Check what types alone cannot: names, ranges and references.

    Raises:
        UserError: naming the key, its value and what is allowed.
    """
    for kind, names in (("video", config.videos), ("round", config.rounds), ("label", config.labels)):
        for name in names:
            if not NAME.fullmatch(name):
                raise UserError(f"{kind} name {name!r} must be lower-case letters, digits and underscores")
    if config.rounds and not config.labels:
        raise UserError("labels: the list is empty; name at least one, such as ball")
    for name, video in config.videos.items():
        if video.role not in ROLES:
            raise UserError(f"videos.{name}.role: {video.role!r} is none of {', '.join(ROLES)}")
        for label in video.classes.values():
            if label not in config.labels:
                raise UserError(f"videos.{name}.classes: {label!r} is none of labels ({', '.join(config.labels)})")
        if video.shows is not None and video.shows not in config.classify.labels:
            known = ", ".join(config.classify.labels)
            raise UserError(f"videos.{name}.shows: {video.shows!r} is none of classify.labels ({known})")
    for label in config.dataset.expected_labels:
        if label not in config.labels:
            raise UserError(f"dataset.expected_labels: {label!r} is none of labels ({', '.join(config.labels)})")
    if config.dataset.choice not in CHOICES:
        raise UserError(f"dataset.choice: {config.dataset.choice!r} is none of {', '.join(CHOICES)}")
    if config.dataset.tiles and not config.detector.tile_size:
        raise UserError("dataset.tiles: how large tiles are is not said; set detector.tile_size, 320–720 for instance")
    if config.detector.backend not in BACKENDS:
        raise UserError(f"detector.backend: {config.detector.backend!r} is none of {', '.join(BACKENDS)}")
    _validate_rounds(config)
    _validate_label(config)
    _validate_classifiers(config)
    for where, names in (("compare.trackers", config.compare.trackers), ("compare.weighed", config.compare.weighed)):
        for name in names:
            _chosen(f"{where}:", name, config.trackers)
    for name, kind in config.track.features.items():
        _chosen("track.features:", name, config.trackers)
        if kind not in config.observe.features:
            known = ", ".join(config.observe.features) or "none"
            raise UserError(f"track.features.{name}: {kind!r} is none of observe.features ({known}); add it there")
    for name in config.tune.videos:
        if _chosen("tune.videos:", name, config.videos) and config.videos[name].role == "test":
            raise UserError(f"tune.videos: {name} has the role test; what is chosen on it could not be tested there")
    if config.tune.shots not in SHOTS:
        raise UserError(f"tune.shots: {config.tune.shots!r} is none of {', '.join(SHOTS)}")
    for name in config.tracked.videos:
        _chosen("tracked.videos:", name, config.videos)
    for name in config.tracked.trackers:
        _chosen("tracked.trackers:", name, config.trackers)
    _validate_single(config)
    _validate_ranges(config)


def _validate_rounds(config: Config) -> None:
    seen = [GOLD]
    for name, settings in config.rounds.items():
        if name == GOLD:
            raise UserError(f"rounds.{name}: the name is taken by the human labels; choose another")
        if settings.teacher not in seen:
            known = ", ".join(seen)
            raise UserError(f"rounds.{name}.teacher: {settings.teacher!r} is no earlier round; there are: {known}")
        taught = layout.champion(settings.teacher)
        if (settings.weights or "").startswith((layout.TRAINED, layout.CHAMPIONS)) and settings.weights != taught:
            raise UserError(
                f"rounds.{name}.weights: {settings.weights} is not what its teacher hands on; of the rounds' weights "
                f"only those ({taught}) are sure to be there"
            )
        _validate_images(name, settings, config)
        if settings.label_every is not None and settings.label_every < 1:
            raise UserError(
                f"rounds.{name}.label_every: {settings.label_every} must be at least 1; 1 labels every frame"
            )
        seen.append(name)
    if config.rounds or config.final_round:
        _chosen("final_round:", config.final_round, config.rounds)
    elif config.tracked.videos:
        raise UserError("tracked.videos: there is no round whose detector could track them; name none, or add a round")


def _validate_images(name: str, settings: RoundSettings, config: Config) -> None:
    where = f"rounds.{name}"
    if settings.images < 0:
        raise UserError(f"{where}.images: {settings.images} must be at least 1; 0 uses the weights as they come")
    if settings.images and settings.classes:
        raise UserError(f"{where}.classes: a round that is trained has the classes of labels; set its images to 0")
    if not settings.images and not (settings.weights or config.detector.weights):
        raise UserError(f"{where}.images: 0 uses weights as they come; name them in {where}.weights")
    unknown = [ours for ours in settings.classes.values() if ours not in config.labels]
    if unknown:
        raise UserError(f"{where}.classes: {unknown[0]!r} is none of labels ({', '.join(config.labels)})")


def _validate_classifiers(config: Config) -> None:
    labels = config.classify.labels
    if len(set(labels)) < max(2, len(labels)):
        raise UserError(f"classify.labels: {', '.join(labels) or 'none'}; name two or more, each once")
    for label in labels:
        if not NAME.fullmatch(label):
            raise UserError(f"classify.labels: {label!r} must be lower-case letters, digits and underscores")
    if len(set(config.classify.classifiers)) < len(config.classify.classifiers):
        raise UserError("classify.classifiers: a name stands there twice; delete one")
    for name in config.classify.classifiers:
        _chosen("classify.classifiers:", name, config.classifiers)
    for name, settings in config.classifiers.items():
        where = f"classifiers.{name}"
        if not NAME.fullmatch(name):
            raise UserError(f"{where}: the name must be lower-case letters, digits and underscores")
        if not settings.head.epochs + settings.whole.epochs:
            raise UserError(f"{where}: head.epochs and whole.epochs are both 0; give one of them at least 1")
        values: dict[str, tuple[float, float, float]] = {
            "image_size": (settings.image_size, 32, 2048),
            "batch": (settings.batch, 1, 4096),
            "patience": (settings.patience, 1, 10_000),
        }
        for phase, own in (("head", settings.head), ("whole", settings.whole)):
            values |= {f"{phase}.epochs": (own.epochs, 0, 10_000), f"{phase}.lr0": (own.lr0, 1e-8, 1)}
        for key, (value, low, high) in values.items():
            _check_range(f"{where}.{key}", value, low, high)


def _validate_label(config: Config) -> None:
    for key in ("exclusive_labels", "calibrated_labels"):
        for label in getattr(config.label, key):
            if label not in config.labels:
                raise UserError(f"label.{key}: {label!r} is none of labels ({', '.join(config.labels)})")
    for label, value in config.label.wanted_precisions.items():
        if label not in config.labels:
            raise UserError(f"label.wanted_precisions: {label!r} is none of labels ({', '.join(config.labels)})")
        _check_range(f"label.wanted_precisions.{label}", value, 0, 1)
    lowest = config.detect.minimum_confidence
    needed = {"minimum_confidence": config.label.minimum_confidence}
    needed |= {f"minimum_confidences.{label}": value for label, value in config.label.minimum_confidences.items()}
    if config.label.temporal_labels:
        needed["candidate_confidence"] = config.label.candidate_confidence
    for key, value in needed.items():
        if value < lowest:
            raise UserError(
                f"label.{key}: {value} is below detect.minimum_confidence ({lowest}), and weaker boxes are not kept; "
                "lower that one"
            )
    looks = config.label.looks
    for label in looks.labels:
        if label not in config.labels:
            raise UserError(f"label.looks.labels: {label!r} is none of labels ({', '.join(config.labels)})")
    if looks.labels and not config.detect.embeddings:
        raise UserError("label.looks.labels: how boxes look is not kept; set detect.embeddings: true, or name no label")
    if looks.labels and config.label.fuse_teacher:
        raise UserError("label.looks.labels: nobody saw what a fused box looks like; set label.fuse_teacher: false")


def _validate_single(config: Config) -> None:
    for label in config.single.labels:
        if label not in config.labels:
            raise UserError(f"single.labels: {label!r} is none of labels ({', '.join(config.labels)})")
    ranges: dict[str, tuple[float, float]] = {
        **dict.fromkeys(("lost_below", "learn_above", "found_above", "detection_confidence"), (0.0, 1.0)),
        "patience": (1, 1000),
        "gallery": (0, 1000),
        "size_tolerance": (1, 100),
        "jump_tolerance": (0, 100),
        "reach": (0.1, 1000),
        "reach_growth": (0, 1000),
    }
    for key, (low, high) in ranges.items():
        _check_range(f"single.check.{key}", getattr(config.single.check, key), low, high)


def _validate_ranges(config: Config) -> None:
    unit = (0.0, 1.0)
    ranges: dict[str, tuple[float, float]] = {
        "clean.blur_below": (0, 1e6),
        "clean.dark_below": (0, 255),
        "clean.bright_above": (0, 255),
        "clean.empty_below": (0, 1e5),
        "clean.duplicate_above": (-1, 1),
        "extract.clip_seconds": (1, 1e6),
        "annotate.minimum_visibility": unit,
        "split.val_share": (0.01, 0.9),
        "split.leak_distance": (0, 256),
        "classify.keep_above": unit,
        "classify.keep_recall": unit,
        "classify.lost_ball_cost": (0, 1e6),
        "dataset.background_share": unit,
        "dataset.sure_background_below": unit,
        "dataset.hard_weight": (0, 100),
        "dataset.surest_share": (0.01, 1),
        "dataset.jpeg_quality": (1, 100),
        "detector.image_size": (32, 4096),
        "detector.inference_size": (32, 4096),
        "detector.tile_size": (64, 4096),
        "detector.tile_overlap": (0, (config.detector.tile_size or 4096) // 2),
        "train.epochs": (1, 10_000),
        "train.batch": (1, 4096),
        "train.lr0": (1e-8, 1),
        "train.freeze": (0, 1000),
        "train.class_weight": (0.01, 100),
        "train.average_share": unit,
        "evaluate.minimum_confidence": unit,
        "evaluate.minimum_visibility": unit,
        "detect.every": (1, 1e6),
        "detect.minimum_confidence": unit,
        "label.minimum_confidence": unit,
        "label.maximum_overlap": unit,
        "track.minimum_confidence": unit,
        "track.minimum_visibility": unit,
        "single.minimum_visibility": unit,
        "conditions.hidden": unit,
        "conditions.covered": unit,
        "conditions.scale_ratio": (1, 100),
        "conditions.speed": (0, 100),
        "conditions.small_px": (0, 1e6),
        "conditions.brightness_levels": (0, 255),
        "conditions.sharpness_share": unit,
        "conditions.pan_share": unit,
        "conditions.pan_similarity": (-1, 1),
        "sample.label_every": (1, 1e6),
        "sample.sort_every": (1, 1e6),
        "sample.test_label_every": (1, 1e6),
    }
    for key, (low, high) in ranges.items():
        section, name = key.split(".")
        value = getattr(getattr(config, section), name)
        if value is not None:
            _check_range(key, value, low, high)


def _check_range(key: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise UserError(f"{key}: {value} is outside {low:g}–{high:g}")
