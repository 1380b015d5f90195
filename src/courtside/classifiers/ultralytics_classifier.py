"""Classifiers of Ultralytics (YOLOv8n-cls and its like, AGPL-3.0) behind the classifier protocol."""

from __future__ import annotations

from pathlib import Path

import torch

from courtside.classifiers.torch_classifier import TorchClassifier
from courtside.detectors.source import initial_weights
from courtside.detectors.torchvision_hub import IMAGENET
from courtside.detectors.ultralytics_setup import prepare
from courtside.detectors.weights import Weights
from courtside.errors import UserError


class UltralyticsClassifier(TorchClassifier):
    """A classification network of Ultralytics, such as ``yolov8n-cls``; it takes RGB from 0 to 1 as it is.

    It may start from a detector with the same backbone. Its head is the layer ``Classify``: a convolution, which a
    detector does not have, and the linear layer.
    """

    @staticmethod
    def initial_weights(name: str | None, architecture: str, root: Path) -> Weights | None:
        """Return the weights ``name`` stands for; ``imagenet`` are Ultralytics' own for this architecture."""
        return initial_weights(f"{architecture}.pt" if name == IMAGENET else name, root)

    def forward(self, inputs: torch.Tensor) -> list[torch.Tensor]:
        """Return the logits."""
        output = self.model(inputs)
        # In evaluation mode the head returns (probabilities, logits), in training the logits alone.
        return [output[1] if isinstance(output, tuple) else output]

    def _build(self, architecture: str, labels: int) -> tuple[torch.nn.Module, tuple[torch.nn.Module, ...]]:
        prepare()
        from ultralytics.nn.tasks import ClassificationModel

        try:
            model: torch.nn.Module = ClassificationModel(f"{architecture}.yaml", nc=labels, verbose=False)
        except FileNotFoundError:
            raise UserError(
                f"classifier architecture {architecture!r} is unknown to Ultralytics; try yolov8n-cls"
            ) from None
        layers = model.model
        assert isinstance(layers, torch.nn.Sequential)
        return model, (layers[-1],)
