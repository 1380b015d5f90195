"""Builds, saves and loads the network that says whether a frame shows the ball."""

from __future__ import annotations

from pathlib import Path

import torch

from courtside.detectors.ultralytics_setup import prepare
from courtside.detectors.weights import Weights, load_weights, save_weights, transfer
from courtside.errors import UserError

LABELS = ("no_ball", "ball")


def build(architecture: str, initial: Weights | None = None) -> torch.nn.Module:
    """Return a classification network of Ultralytics with the classes :data:`LABELS`.

    Args:
        architecture: name of one of Ultralytics' classification models, such as ``yolov8n-cls``.
        initial: tensors to start from, of a classifier or of a detector with the same backbone; those
            whose name and shape fit are used.

    Raises:
        UserError: when the architecture is unknown, or ``initial`` fits nowhere.
    """
    prepare()
    from ultralytics.nn.tasks import ClassificationModel

    try:
        model: torch.nn.Module = ClassificationModel(f"{architecture}.yaml", nc=len(LABELS), verbose=False)
    except FileNotFoundError:
        raise UserError(f"classify.architecture {architecture!r} is unknown to Ultralytics; try yolov8n-cls") from None
    if initial and not transfer(model, initial.tensors):
        raise UserError(f"classify.weights fit no tensor of {architecture}; give weights of the same family")
    return model


def save(path: Path, architecture: str, image_size: int, model: torch.nn.Module) -> None:
    """Write the network's weights, atomically."""
    save_weights(path, Weights(architecture, LABELS, image_size, model.state_dict()))


def load(path: Path) -> tuple[torch.nn.Module, int]:
    """Return the network that :func:`save` wrote, and its input size in pixels."""
    weights = load_weights(path)
    return build(weights.architecture, weights), weights.image_size
