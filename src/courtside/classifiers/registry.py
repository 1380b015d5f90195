"""Families of classifiers by the architectures they have."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from courtside.classifiers.protocol import Classifier
from courtside.classifiers.torch_classifier import TorchClassifier
from courtside.classifiers.torchvision_classifier import HEADS, TorchvisionClassifier
from courtside.classifiers.ultralytics_classifier import UltralyticsClassifier
from courtside.detectors.weights import load_weights
from courtside.errors import UserError


def family(architecture: str) -> type[TorchClassifier]:
    """Return the class that has an architecture: torchvision's by their names, Ultralytics' by the ending ``-cls``.

    Raises:
        UserError: when no family has it.
    """
    if architecture in HEADS:
        return TorchvisionClassifier
    if architecture.endswith("-cls"):
        return UltralyticsClassifier
    raise UserError(
        f"classifier architecture {architecture!r} is unknown; there are yolov8n-cls and others of Ultralytics, "
        f"{', '.join(HEADS)}"
    )


def create(
    architecture: str, labels: Sequence[str], image_size: int, *, weights: str | None, root: Path, seed: int
) -> Classifier:
    """Make a classifier to train.

    Args:
        architecture: see :func:`family`.
        labels: what the classes are called, in their order.
        image_size: side of the pictures in pixels.
        weights: ``imagenet``, a hub name, a path below ``root``, or None for random ones.
        root: the repository; downloads are kept in its ``data/weights``.
        seed: of random weights.

    Raises:
        UserError: when the architecture is unknown, or the weights are missing, damaged or fit nowhere.
    """
    kind = family(architecture)
    return kind(architecture, labels, image_size, kind.initial_weights(weights, architecture, root), seed)


def load(path: Path) -> Classifier:
    """Read the classifier that was saved to ``path``.

    Raises:
        UserError: when the file is missing, damaged or does not say what network it is for.
    """
    weights = load_weights(path)
    if not weights.architecture:
        raise UserError(f"weights {path} do not say their architecture; run `dvc repro classify` to get some that do")
    return family(weights.architecture)(weights.architecture, weights.labels, weights.image_size, weights)
