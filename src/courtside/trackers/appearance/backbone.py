"""A small network of torchvision that looks at crops."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torchvision import models

from courtside.detectors.processor import take_all_cores
from courtside.detectors.torchvision_hub import initial_weights
from courtside.detectors.weights import transfer
from courtside.errors import UserError

# Of the pictures that torchvision's weights were taught on; RGB, 0–1.
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_LEAST_TRANSFERRED = 0.9


class Backbone:
    """All of a classifying network but what names classes; it is called with crops.

    Args:
        architecture: one of torchvision's that ends in a layer ``classifier`` or ``fc``.
        weights: a name of torchvision's such as ``imagenet``, or a path below ``root``.
        root: the repository.
        size: height and width of what it sees, in pixels. Crops are stretched to it, as person re-identification does.

    Raises:
        UserError: when there are no weights or they are of another network: what it says would mean nothing.
    """

    def __init__(self, architecture: str, weights: str | None, root: Path, size: tuple[int, int]) -> None:
        known = initial_weights(weights, architecture, root)
        if known is None:
            raise UserError(f"{architecture} without weights tells nobody apart; name weights, or take histogram")
        model = models.get_model(architecture, weights=None)
        head = "fc" if hasattr(model, "fc") else "classifier"
        setattr(model, head, torch.nn.Identity())
        share = transfer(model, known.tensors)
        if share < _LEAST_TRANSFERRED:
            raise UserError(f"weights {weights} fit {share:.0%} of {architecture}; name weights of {architecture}")
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model = model.eval().to(self._device, memory_format=torch.channels_last)
        self._size = size
        take_all_cores()

    @torch.inference_mode()
    def __call__(self, crops: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return how crops look, (n, d) float32; they are BGR, (height, width, 3) uint8."""
        height, width = self._size
        stretched = np.stack(
            [cv2.resize(crop, (width, height), interpolation=cv2.INTER_LINEAR)[..., ::-1] for crop in crops]
        )
        inputs = torch.from_numpy(stretched).to(self._device).permute(0, 3, 1, 2).float() / 255
        mean, deviation = (inputs.new_tensor(values).view(1, 3, 1, 1) for values in (_MEAN, _DEVIATION))
        outputs = self._model(((inputs - mean) / deviation).contiguous(memory_format=torch.channels_last))
        result: NDArray[np.float32] = outputs.flatten(1).float().cpu().numpy()
        return result
