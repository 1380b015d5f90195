"""How the boxes of a video look, whoever says it: one function for all kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside import embeddings as embeddings_table
from courtside.errors import UserError
from courtside.trackers.appearance.histogram import BINS, histogram
from courtside.trackers.keep import keep, key
from courtside.video.ahead import read_ahead
from courtside.video.reader import read_selected

HISTOGRAM, DETECTOR = "histogram", "detector"
NETWORKS = ("mobilenet_v3_small", "mobilenet_v2", "resnet18")
KINDS = (HISTOGRAM, DETECTOR, *NETWORKS)

_AHEAD_FRAMES = 4
_BATCH = 256

Image = NDArray[np.uint8]
Describe = Callable[[list[Image]], NDArray[np.float32]]
"""Takes crops, BGR (height, width, 3) uint8, and says how each looks, (n, d)."""


@dataclass(frozen=True)
class FeatureSettings:
    """How boxes are looked at.

    Attributes:
        weights: of a network: ``imagenet`` for torchvision's best, another of its names, or a path.
        crop_height: what a network sees of a box, in pixels; 64–256.
        crop_width: the same; 32–128.
        inset: how much of a box is cut off on the left and the right before its colours are counted, as a share of
            its width: there is the court. 0–0.3.
        centred: whether the mean of all boxes of the same label in the video is taken off before features are brought
            to length 1. What all players have in common then no longer makes them alike.
    """

    weights: str | None = "imagenet"
    crop_height: int = 128
    crop_width: int = 64
    inset: float = 0.2
    centred: bool = True


DEFAULT = FeatureSettings()


def features_of(
    kind: str,
    path: Path,
    boxes: pl.DataFrame,
    settings: FeatureSettings = DEFAULT,
    *,
    root: Path | None = None,
    embeddings: NDArray[np.floating] | None = None,
    report: Callable[[int, int], None] | None = None,
) -> NDArray[np.float32]:
    """Return how the boxes of a video look.

    Args:
        kind: ``histogram``, colours of the upper and the lower half, which needs no weights; ``detector``, the
            embeddings of the network that found the boxes, which need no second look at the video; or the name of one
            of torchvision's networks, :data:`NETWORKS`, that looks at a crop of each box.
        path: the video file or folder of images; every frame with a box is decoded once, in order.
        boxes: boxes table of this video alone.
        settings: how boxes are looked at.
        root: the repository, where a path of weights begins and downloaded ones are kept in ``data/weights``; None
            takes the working directory.
        embeddings: (n, d), for ``detector``: what ``detect_and_embed`` said of these boxes, row by row.
        report: called with frames done and frames in all.

    Returns:
        (n, d) float32, a row a box in their order, each of length 1, or zero where the box lies outside its frame or
        the frame cannot be decoded. The product of two rows is the cosine of the angle between them.

    Raises:
        UserError: when the kind is unknown, weights cannot be had, embeddings are missing, or the video cannot be read.
        ValueError: when the boxes are of more than one video, or there are not as many embeddings as boxes.
    """
    if kind not in KINDS:
        raise UserError(f"features {kind!r} are unknown; there are: {', '.join(KINDS)}")
    if boxes["video"].n_unique() > 1:
        raise ValueError("features are of one video at a time")
    if kind == DETECTOR:
        if embeddings is None:
            raise UserError("features of the detector are wanted, and it was not asked for embeddings")
        if len(embeddings) != boxes.height:
            raise ValueError(f"{len(embeddings)} embeddings for {boxes.height} boxes")
        seen = np.asarray(embeddings, dtype=np.float32)
    elif kind == HISTOGRAM:
        seen = _look(path, boxes, lambda crops: np.array([histogram(crop, settings.inset) for crop in crops]), report)
    else:
        from courtside.trackers.appearance.backbone import Backbone  # brings PyTorch

        backbone = Backbone(kind, settings.weights, root or Path(), (settings.crop_height, settings.crop_width))
        seen = _look(path, boxes, backbone, report)
    if settings.centred:
        seen = _centred(seen, boxes["label"].to_numpy())
    return _of_length_1(seen)


def kept_features(
    folder: Path,
    kind: str,
    path: Path,
    boxes: pl.DataFrame,
    settings: FeatureSettings = DEFAULT,
    *,
    root: Path | None = None,
    report: Callable[[int, int], None] | None = None,
) -> NDArray[np.float32]:
    """Do what :func:`features_of` does, and keep it in a folder: the same question is answered from there.

    What is kept, and returned, has half precision. Features of the detector are not kept here: they come with boxes.
    """
    weights = root / settings.weights if root and settings.weights and (root / settings.weights).is_file() else None
    stamp = [weights.stat().st_size, weights.stat().st_mtime_ns] if weights else []
    target = folder / f"{key(kind, path, boxes, asdict(settings), BINS, stamp)}.parquet"

    def measure() -> NDArray[np.floating]:
        return features_of(kind, path, boxes, settings, root=root, report=report).astype(np.float16)

    def read(source: Path) -> NDArray[np.floating]:
        return embeddings_table.read(source, boxes)

    def write(target: Path, values: NDArray[np.floating]) -> None:
        embeddings_table.write(target, embeddings_table.table(boxes, values.astype(np.float16)))

    return _of_length_1(keep(target, measure, read, write).astype(np.float32))


def _look(
    path: Path, boxes: pl.DataFrame, describe: Describe, report: Callable[[int, int], None] | None
) -> NDArray[np.float32]:
    rows, crops, parts = [], [], []
    result = np.zeros((boxes.height, 0), dtype=np.float32)
    for row, crop in _crops(path, boxes, report):
        rows.append(row)
        crops.append(crop)
        if len(crops) == _BATCH:
            parts.append(describe(crops))
            crops = []
    if crops:
        parts.append(describe(crops))
    if parts:
        seen = np.concatenate(parts)
        result = np.zeros((boxes.height, seen.shape[1]), dtype=np.float32)
        result[rows] = seen
    return result


def _crops(path: Path, boxes: pl.DataFrame, report: Callable[[int, int], None] | None) -> Iterator[tuple[int, Image]]:
    frames = boxes["frame"].to_numpy()
    corners = boxes_table.corners(boxes)
    wanted = np.unique(frames)
    order = np.argsort(frames, kind="stable")
    first = np.searchsorted(frames[order], wanted)
    rows_of = dict(zip(wanted.tolist(), np.split(order, first[1:]), strict=True)) if len(wanted) else {}
    for done, frame in enumerate(read_ahead(read_selected(path, wanted.tolist()), _AHEAD_FRAMES), start=1):
        height, width = frame.image.shape[:2]
        limits = np.array([width, height, width, height])
        for row in rows_of[frame.index].tolist():
            x1, y1, x2, y2 = np.clip(np.round(corners[row]).astype(int), 0, limits).tolist()
            if x2 > x1 and y2 > y1:
                yield row, frame.image[y1:y2, x1:x2].copy()
        if report is not None:
            report(done, len(wanted))


def _centred(features: NDArray[np.float32], labels: NDArray[np.object_]) -> NDArray[np.float32]:
    result = features.copy()
    seen = features.any(axis=1)
    for label in np.unique(labels.astype(str)):
        rows = (labels == label) & seen
        if rows.sum() > 1:
            result[rows] -= features[rows].mean(axis=0)
    return result


def _of_length_1(features: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    return np.asarray(features / length, dtype=np.float32)
