"""What a detector must be able to do, and the data it passes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from courtside.video.reader import Frame


@dataclass(frozen=True)
class Epoch:
    """What is known after an epoch.

    Attributes:
        number: epochs done so far, from 1.
        total: epochs planned.
        figures: mean losses on the training images, and losses, precision, recall, mAP50 and mAP50-95
            on the validation images.
    """

    number: int
    total: int
    figures: dict[str, float]


@dataclass(frozen=True)
class FitSettings:
    """How to train; see ``conf/config.yaml``, ``train``, for what each value does."""

    epochs: int
    batch: int
    optimizer: str
    lr0: float
    lrf: float
    warmup_epochs: float
    freeze: int
    mosaic: float
    scale: float
    rectangular: bool
    patience: int
    class_weight: float
    average_share: float
    workers: int
    device: str | None
    seed: int


@dataclass(frozen=True)
class Detections:
    """Boxes found on one frame.

    Attributes:
        frame: index of the frame, as given.
        corners: (n, 4) float32, x1, y1, x2, y2 in pixels of the frame.
        scores: (n,) float32, 0–1, descending.
        classes: (n,) int64, indices into the detector's labels.
        embeddings: (n, d) float16, each of length 1: how the boxes look to the network, a row a box; the more alike two
            things look, the larger the product of theirs. None where nobody asked for them. d depends on the network.
    """

    frame: int
    corners: NDArray[np.float32]
    scores: NDArray[np.float32]
    classes: NDArray[np.int64]
    embeddings: NDArray[np.float16] | None = None


class Detector(Protocol):
    """A network that finds boxes, and can be taught to."""

    image_size: int
    """Longer side of the network's input, in pixels; it may be changed, and is saved with the weights."""

    @property
    def architecture(self) -> str:
        """Name of the network, such as ``yolov8n``."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """What the classes are called, in their order."""
        ...

    @property
    def transferred(self) -> float:
        """Share of the tensors that came from initial weights, 0–1."""
        ...

    def fit(
        self,
        dataset: Path,
        settings: FitSettings,
        work: Path,
        on_epoch: Callable[[Epoch], None],
        on_batch: Callable[[int, int], None] | None = None,
    ) -> list[Epoch]:
        """Train on a dataset folder in YOLO form, and keep the best epoch's weights.

        A call with the same dataset, settings and first weights goes on after the last epoch that an earlier one has
        left in ``work``; afterwards ``work`` is gone.
        """
        ...

    def predict(
        self,
        frames: Iterable[Frame],
        minimum_confidence: float,
        image_size: int | None = None,
        *,
        embed: bool = False,
    ) -> Iterator[Detections]:
        """Yield the detections of each frame, in order.

        Args:
            frames: any number of frames.
            minimum_confidence: boxes below are left out, 0–1.
            image_size: stands in for the detector's.
            embed: also say how each box looks, from the maps that it was found in; the boxes are the same.
        """
        ...

    def save(self, path: Path) -> None:
        """Write the weights, atomically; :func:`courtside.detectors.build.load_detector` reads them."""
        ...
