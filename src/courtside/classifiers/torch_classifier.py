"""What the families of classifiers share: training, prediction and weights files of a network of PyTorch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from numpy.typing import NDArray

from courtside.classifiers.checkpoint import Checkpoint, identity
from courtside.classifiers.protocol import ClassifierEpoch, Examples, FitSettings, Report
from courtside.classifiers.training import Training, predict
from courtside.detectors.weights import Weights, save_weights, transfer
from courtside.errors import UserError


class TorchClassifier(ABC):
    """A classification network; a family says how it is built, what its head is, and how it wants its inputs.

    Args:
        architecture: name of the network.
        labels: what the classes are called, in their order.
        image_size: side of the pictures in pixels.
        initial: tensors to start from; those whose name and shape fit are used, the others are random.
        seed: of the random tensors.

    Raises:
        UserError: when the architecture is unknown, or ``initial`` fits nowhere.
    """

    auxiliary: ClassVar[str] = "\0"
    """What the names of parameters begin with that only training uses."""

    def __init__(
        self,
        architecture: str,
        labels: Sequence[str],
        image_size: int,
        initial: Weights | None = None,
        seed: int = 0,
    ) -> None:
        torch.manual_seed(seed)
        self.architecture = architecture
        self.labels = tuple(labels)
        self.image_size = image_size
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model, self.head = self._build(architecture, len(self.labels))
        self.transferred = transfer(self.model, initial.tensors) if initial else 0.0
        if initial and not self.transferred:
            raise UserError(f"the weights fit no tensor of {architecture}; give weights of the same family")

    @staticmethod
    @abstractmethod
    def initial_weights(name: str | None, architecture: str, root: Path) -> Weights | None:
        """Return the weights that ``name`` stands for: ``imagenet``, a hub name, a path below ``root``, or None.

        Raises:
            UserError: when they are missing or damaged, or the download fails.
        """

    @property
    def parameters(self) -> int:
        """Number of parameters that a prediction uses."""
        named = self.model.named_parameters()
        return sum(parameter.numel() for name, parameter in named if not name.startswith(self.auxiliary))

    def fit(
        self,
        train: Examples,
        val: Examples,
        settings: FitSettings,
        work: Path,
        on_epoch: Callable[[ClassifierEpoch], None],
        on_batch: Report | None = None,
    ) -> list[ClassifierEpoch]:
        """Train, and keep the epoch of least validation loss; see :class:`courtside.classifiers.protocol.Classifier`.

        Raises:
            UserError: when the loss is no number any more, or the GPU's memory is too small.
        """
        checkpoint = Checkpoint(work, identity(train, val, settings, self.model.state_dict()))
        return Training(self, train, val, settings, checkpoint, on_epoch, on_batch).run()

    def predict(self, pictures: Iterable[NDArray[np.uint8]], batch: int = 32) -> NDArray[np.float64]:
        """Return the probability of each label for each picture, float64 (n, labels)."""
        return predict(self, pictures, batch).reshape(-1, len(self.labels))

    def save(self, path: Path) -> None:
        """Write the weights in half precision, atomically; :func:`courtside.classifiers.registry.load` reads them."""
        tensors = {
            name: value for name, value in self.model.state_dict().items() if not name.startswith(self.auxiliary)
        }
        save_weights(path, Weights(self.architecture, self.labels, self.image_size, tensors))

    @abstractmethod
    def forward(self, inputs: torch.Tensor) -> list[torch.Tensor]:
        """Return the logits (n, labels) of pictures (n, 3, size, size), RGB 0–1, then those of auxiliary heads."""

    @abstractmethod
    def _build(self, architecture: str, labels: int) -> tuple[torch.nn.Module, tuple[torch.nn.Module, ...]]:
        """Return the network with random weights, and the layers that learn in the first phase."""
