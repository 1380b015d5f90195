"""Where each stage's files lie, relative to the repository: the one place that knows file names."""

from __future__ import annotations

SAMPLE = "data/sample"
EXTRACT = "data/extract"
CLEAN = "data/clean"
ANNOTATE = "data/annotate"
ANNOTATED_BOXES = f"{ANNOTATE}/boxes.parquet"
ANNOTATED_FRAMES = f"{ANNOTATE}/frames.parquet"
ANNOTATED_TRACKS = f"{ANNOTATE}/tracks.parquet"
ANNOTATED_SORTED = f"{ANNOTATE}/sorted.parquet"
LEARN = "data/split/learn"
LEARN_FRAMES = f"{LEARN}/frames.parquet"
LEARN_BOXES = f"{LEARN}/boxes.parquet"
LEARN_LABELLED = f"{LEARN}/labelled.parquet"
LEARN_SORTED = f"{LEARN}/sorted.parquet"
LEARN_VIDEOS = f"{LEARN}/videos.json"
TEST = "data/split/test"
TEST_FRAMES = f"{TEST}/frames.parquet"
TEST_BOXES = f"{TEST}/boxes.parquet"
TEST_VIDEOS = f"{TEST}/videos.json"
DOUBTFUL = "reports/split/doubtful.csv"
CLASSIFIER = "data/classify/weights.pt"
CLASSIFIED_FRAMES = "data/classify/frames.parquet"
CLASSIFIED_ITEMS = "data/classify/items.parquet"
TRAINED = "data/train/"
CHAMPIONS = "data/champion/"
REPORTS = "reports"
ROUND_REPORTS = (
    *(f"{REPORTS}/{stage}/about.txt" for stage in ("dataset", "train", "evaluate", "label", "track", "single")),
    "data/observe/about.txt",
)
OBSERVED = "data/observe"
FIRST_LOSSES = "reports/compare/first_losses"
PAGE = "reports/index.html"


def sample_script(game: str) -> str:
    """CSV of a drawn game: shot, its kind and the defect of every frame."""
    return f"{SAMPLE}/{game}/defects.csv"


def extract(video: str) -> str:
    """Folder with a video's clips, measures and facts."""
    return f"{EXTRACT}/{video}"


def extract_frames(video: str) -> str:
    """Frames table with measures."""
    return f"{EXTRACT}/{video}/frames.parquet"


def extract_facts(video: str) -> str:
    """JSON: path, hash, size and rate of the source video."""
    return f"{EXTRACT}/{video}/video.json"


def clean(video: str) -> str:
    """Frames table with verdicts."""
    return f"{CLEAN}/{video}.parquet"


def labels(teacher: str) -> str:
    """Boxes table of a teacher: ``gold`` or a round."""
    return f"data/label/{teacher}.parquet"


def detections(round_name: str) -> str:
    """Boxes table of what a round's detector finds on the learning videos, whatever its score."""
    return f"data/detect/{round_name}.parquet"


def embeddings(round_name: str) -> str:
    """Embeddings table of these boxes; without rows where nobody asked for it."""
    return f"data/embeddings/{round_name}.parquet"


def ensemble(teacher: str) -> str:
    """Folder with what a round and its teachers found together; empty tables where nobody asked for it."""
    return f"data/ensemble/{teacher}"


def audit(teacher: str) -> str:
    """Table of how many labels of a teacher's champion are right, a row a shot; without rows for ``gold``."""
    return f"data/audit/{teacher}.parquet"


def champion(round_name: str) -> str:
    """Weights of the best round so far: this one's, or an earlier one's where this one was rejected."""
    return f"{CHAMPIONS}{round_name}.pt"


def dataset(round_name: str) -> str:
    """Folder with a round's images and labels."""
    return f"data/dataset/{round_name}"


def weights(round_name: str) -> str:
    """Weights of a round's detector."""
    return f"{TRAINED}{round_name}/weights.pt"


def observed(video: str) -> str:
    """Folder of what the champion sees on a tracked video, so that trackers need not look again."""
    return f"{OBSERVED}/{video}"


def observed_boxes(video: str) -> str:
    """Boxes table of what it finds, whatever its score."""
    return f"{OBSERVED}/{video}/boxes.parquet"


def observed_features(video: str, kind: str) -> str:
    """Embeddings table of these boxes: how they look, to the detector's neck or to something else."""
    return f"{OBSERVED}/{video}/features_{kind}.parquet"


def observed_cameras(video: str) -> str:
    """How the picture moved from frame to frame."""
    return f"{OBSERVED}/{video}/cameras.parquet"


def track(video: str, tracker: str) -> str:
    """Boxes table with identities."""
    return f"data/track/{video}/{tracker}.parquet"


def track_video(video: str, tracker: str) -> str:
    """Rendered video."""
    return f"{REPORTS}/track/{video}/{tracker}.mp4"


def report(stage: str, name: str) -> str:
    """A file below a stage's folder of reports."""
    return f"{REPORTS}/{stage}/{name}"
