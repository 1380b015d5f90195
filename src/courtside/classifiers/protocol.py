"""What a classifier must be able to do, and the data it passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Report = Callable[[int, int], None]


@dataclass(frozen=True)
class Examples:
    """Pictures of known classes.

    Attributes:
        pictures: (m, size, size, 3) uint8, BGR, at least those of ``rows``; may be a memory map, so that a set of any
            length needs no memory.
        rows: (n,) int64, which of ``pictures`` the examples are, each once.
        classes: (n,) int64, the class of each, an index into the labels.
    """

    pictures: NDArray[np.uint8]
    rows: NDArray[np.int64]
    classes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the pictures, each (size, size, 3)."""
        for row in self.rows:
            yield self.pictures[row]

    def take(self, chosen: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Return the pictures of the examples with these positions, (k, size, size, 3)."""
        return np.asarray(self.pictures[self.rows[chosen]])


@dataclass(frozen=True)
class Phase:
    """One part of a training: passes over the pictures, none for leaving it out, and the highest learning rate."""

    epochs: int
    lr0: float


@dataclass(frozen=True)
class FitSettings:
    """How to train.

    Attributes:
        head: first the last layers alone, the others as they came.
        whole: then all layers, best at a lower rate.
        batch: pictures a step.
        patience: epochs in a row without a lower validation loss after which a phase ends.
        seed: of the order and the augmentation.
    """

    head: Phase
    whole: Phase
    batch: int
    patience: int
    seed: int

    @property
    def epochs(self) -> int:
        """Epochs of both phases."""
        return self.head.epochs + self.whole.epochs


@dataclass(frozen=True)
class ClassifierEpoch:
    """Figures after an epoch.

    Attributes:
        number: epochs done so far, from 1, over both phases.
        phase: ``head`` or ``whole``.
        train_loss: mean of what training minimises, over the epoch: cross-entropy with class weights, label smoothing
            and augmented pictures. The validation loss has none of these and is no measure of overfitting beside it.
        val_loss: mean cross-entropy on the validation pictures.
        val_top1: share of them that are called right, 0–1.
    """

    number: int
    phase: str
    train_loss: float
    val_loss: float
    val_top1: float


class Classifier(Protocol):
    """A network that says of which class a picture is, and can be taught to."""

    architecture: str
    labels: tuple[str, ...]
    image_size: int
    transferred: float
    """Share of the tensors that came from initial weights, 0–1."""

    @property
    def parameters(self) -> int:
        """Number of parameters that a prediction uses."""
        ...

    def fit(
        self,
        train: Examples,
        val: Examples,
        settings: FitSettings,
        work: Path,
        on_epoch: Callable[[ClassifierEpoch], None],
        on_batch: Report | None = None,
    ) -> list[ClassifierEpoch]:
        """Train, and keep the epoch of least validation loss.

        A call with the same pictures, settings and initial weights goes on after the last epoch that an earlier one
        has left in ``work``, or only takes its weights over where that one had ended. Removing ``work`` is up to the
        caller.
        """
        ...

    def predict(self, pictures: Iterable[NDArray[np.uint8]], batch: int = 32) -> NDArray[np.float64]:
        """Return the probability of each label for each picture, (n, labels), each row of the sum 1.

        Args:
            pictures: BGR, each (image_size, image_size, 3) uint8; ``batch`` of them are held at a time.
            batch: pictures that go through the network together.
        """
        ...

    def save(self, path: Path) -> None:
        """Write the weights, atomically; :func:`courtside.classifiers.registry.load` reads them."""
        ...
