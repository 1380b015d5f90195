"""Makes and loads detectors of either family, chosen by their architecture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from courtside.detectors.faster_rcnn import FasterRCNNDetector
from courtside.detectors.pretrained import SelectedClasses, class_names
from courtside.detectors.protocol import Detector
from courtside.detectors.tiles import TiledDetector
from courtside.detectors.ultralytics_detector import UltralyticsDetector
from courtside.detectors.weights import Weights, load_weights
from courtside.errors import UserError


def build_detector(
    architecture: str, labels: Sequence[str], image_size: int, initial: Weights | None = None, seed: int = 0
) -> Detector:
    """Make a detector to train.

    Args:
        architecture: ``fasterrcnn_…`` for torchvision's, see :class:`FasterRCNNDetector`; any other name is one of
            Ultralytics' model files, such as ``yolov8n``, ``yolo11s`` or ``yolo26m``.
        labels: what the classes are called, in their order.
        image_size: longer side of the network's input, in pixels.
        initial: tensors to start from; those whose name and shape fit are used, the others are random.
        seed: of the random tensors.

    Raises:
        UserError: when no family knows the architecture, or ``initial`` fits nowhere.
    """
    family = FasterRCNNDetector if architecture.startswith("fasterrcnn_") else UltralyticsDetector
    detector = family(architecture, labels, image_size, initial, seed)
    if initial and not detector.transferred:
        raise UserError(f"the weights fit no tensor of {architecture}; give weights of the same family, or null")
    return detector


def pretrained_detector(
    architecture: str, labels: Sequence[str], image_size: int, weights: Weights, classes: Mapping[str, str]
) -> Detector:
    """Return a detector that others trained, as it is.

    Args:
        architecture: see :func:`build_detector`; ``yolov5n_anchors`` and the like for YOLOv5's own releases.
        labels: what is looked for.
        image_size: longer side of the network's input, in pixels.
        weights: all of its tensors; where they do not say what their classes are called, COCO's names are meant.
        classes: names of its classes to ``labels``; empty where they are the same.

    Raises:
        UserError: when tensors are missing, or it knows no class that is wanted.
    """
    names = class_names(architecture, weights.labels)
    detector = build_detector(architecture, names, image_size, weights)
    if detector.transferred < 1:
        raise UserError(
            f"the weights hold only {detector.transferred:.0%} of the tensors of {architecture} for {len(names)} "
            "classes; a detector that is used as it comes needs all of them"
        )
    same = {label: label for label in labels if label in names}
    if not (classes or same):
        raise UserError(
            f"the weights know none of {', '.join(labels)}; say in `classes` which of theirs is meant, of: "
            + ", ".join(names)
        )
    return SelectedClasses(detector, classes or same)


def load_detector(
    path: Path, *, tile_size: int | None = None, tile_overlap: int = 0, backend: str = "torch"
) -> Detector:
    """Read the detector that was saved to ``path``.

    Args:
        path: a weights file.
        tile_size: side of the tiles in pixels in which it looks at a frame besides the whole; None for the whole alone.
        tile_overlap: of neighbouring tiles, in pixels.
        backend: what computes: ``torch``, ``openvino`` (Ultralytics' networks alone), or ``auto``, the faster one.

    Raises:
        UserError: when the file is missing, damaged or does not say what network it is for, or the backend does not
            take its network.
    """
    weights = load_weights(path)
    if not weights.architecture:
        raise UserError(f"weights {path} do not say their architecture; train a round to get weights that do")
    detector = build_detector(weights.architecture, weights.labels, weights.image_size, weights)
    if isinstance(detector, UltralyticsDetector):
        detector.backend = backend
    elif backend == "openvino":
        raise UserError(f"detector.backend: openvino does not compute {weights.architecture}; say auto or torch")
    if weights.renamed:
        detector = SelectedClasses(detector, weights.renamed)
    return tiled(detector, tile_size, tile_overlap)


def tiled(detector: Detector, tile_size: int | None, tile_overlap: int) -> Detector:
    """Return the detector as one that looks at tiles too; the detector itself where ``tile_size`` is None."""
    return detector if tile_size is None else TiledDetector(detector, tile_size, tile_overlap)
