"""Classifiers of torchvision (BSD-3-Clause) behind the classifier protocol."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import torch
from torchvision import models

from courtside.classifiers.torch_classifier import TorchClassifier
from courtside.detectors.torchvision_hub import initial_weights
from courtside.detectors.weights import Weights
from courtside.errors import UserError

HEADS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "resnet34": ("fc",),
        # The auxiliary heads are new as well; if they began in the second phase, they would disturb what is before.
        "googlenet": ("fc", "aux1", "aux2"),
        "vgg16": ("classifier.6",),
        "mobilenet_v3_small": ("classifier.3",),
    }
)
"""The architectures, and of each the layers that depend on the classes."""

# Of the pictures that torchvision's weights were taught on; RGB, 0–1.
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class TorchvisionClassifier(TorchClassifier):
    """A classification network of torchvision: one of :data:`HEADS`.

    Inputs are brought to ImageNet's mean and deviation, with random weights too.
    """

    auxiliary: ClassVar[str] = "aux"

    @staticmethod
    def initial_weights(name: str | None, architecture: str, root: Path) -> Weights | None:
        """Return the weights ``name`` stands for.

        Args:
            name: ``imagenet`` for torchvision's best, another of its names such as ``IMAGENET1K_V1``, a path below
                ``root``, or None. What is downloaded is kept in ``data/weights``.
            architecture: one of :data:`HEADS`.
            root: the repository.

        Raises:
            UserError: when the name is unknown, the file missing or damaged, or the download fails.
        """
        return initial_weights(name, architecture, root)

    def forward(self, inputs: torch.Tensor) -> list[torch.Tensor]:
        """Return the logits, and in training those of GoogLeNet's auxiliary heads."""
        mean, deviation = (inputs.new_tensor(values).view(1, 3, 1, 1) for values in (_MEAN, _DEVIATION))
        output = self.model((inputs - mean) / deviation)
        if isinstance(output, tuple):
            return [output.logits, output.aux_logits1, output.aux_logits2]  # type: ignore[attr-defined]
        return [output]

    def _build(self, architecture: str, labels: int) -> tuple[torch.nn.Module, tuple[torch.nn.Module, ...]]:
        if architecture not in HEADS:
            raise UserError(f"classifier architecture {architecture!r} is none of torchvision's {', '.join(HEADS)}")
        own: dict[str, bool] = {}
        if architecture == "googlenet":
            # Its weights expect inputs from -1 to 1, and the network brings them there from ImageNet's mean itself.
            own = {"aux_logits": True, "transform_input": True, "init_weights": True}
        model: torch.nn.Module = models.get_model(architecture, weights=None, num_classes=labels, **own)
        return model, tuple(model.get_submodule(name) for name in HEADS[architecture])
