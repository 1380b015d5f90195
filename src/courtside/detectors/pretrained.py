"""Detectors as others trained them, for the classes they know: what a chain without any human label starts from."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import numpy as np
from torchvision import models

from courtside.detectors.faster_rcnn_network import BUILDERS
from courtside.detectors.protocol import Detections, Detector, Epoch, FitSettings
from courtside.detectors.ultralytics_setup import coco_names
from courtside.detectors.weights import load_weights, save_weights
from courtside.detectors.wrapped import WrappedDetector
from courtside.errors import UserError
from courtside.video.reader import Frame


class SelectedClasses(WrappedDetector):
    """A detector of many classes that looks for some of them, under other names.

    Args:
        detector: the detector.
        renamed: names of its classes to what they are called here; its other classes are left out.

    Raises:
        UserError: when it knows no class of such a name.
    """

    def __init__(self, detector: Detector, renamed: Mapping[str, str]) -> None:
        unknown = [name for name in renamed if name not in detector.labels]
        if unknown:
            raise UserError(
                f"the weights know no class {' or '.join(unknown)}; they know: {', '.join(detector.labels)}"
            )
        super().__init__(detector)
        self.renamed = dict(renamed)
        self.labels = tuple(dict.fromkeys(renamed.values()))
        numbers = {theirs: self.labels.index(ours) for theirs, ours in renamed.items()}
        self._numbers = np.array([numbers.get(name, -1) for name in detector.labels], dtype=np.int64)

    def fit(
        self,
        dataset: Path,
        settings: FitSettings,
        work: Path,
        on_epoch: Callable[[Epoch], None],
        on_batch: Callable[[int, int], None] | None = None,
    ) -> NoReturn:
        """Refuse: a detector of few classes learns with a head of its own.

        Raises:
            UserError: always.
        """
        raise UserError(f"{self.architecture} is used with the classes it came with; build one of its own to train it")

    def predict(
        self,
        frames: Iterable[Frame],
        minimum_confidence: float,
        image_size: int | None = None,
        *,
        embed: bool = False,
    ) -> Iterator[Detections]:
        """Yield the detections of the chosen classes on each frame, in order, with embeddings where asked for."""
        for found in self.detector.predict(frames, minimum_confidence, image_size, embed=embed):
            classes = self._numbers[found.classes]
            kept = classes >= 0
            yield replace(
                found,
                corners=found.corners[kept],
                scores=found.scores[kept],
                classes=classes[kept],
                embeddings=None if found.embeddings is None else found.embeddings[kept],
            )

    def save(self, path: Path) -> None:
        """Write the weights with the names, atomically."""
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder) / "weights.pt"
            self.detector.save(whole)
            save_weights(path, replace(load_weights(whole), renamed=self.renamed))


def class_names(architecture: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the classes of weights: those the file says, else COCO's as the architecture numbers them."""
    if known:
        return tuple(known)
    if architecture in BUILDERS:
        return tuple(models.get_model_weights(architecture)["COCO_V1"].meta["categories"][1:])  # the first: background
    return coco_names()
