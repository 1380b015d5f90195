"""The loop that trains a Faster R-CNN on a dataset folder in YOLO form."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader

from courtside.detectors.box_images import BoxImages, Example
from courtside.detectors.checkpoint import load_state, save_state
from courtside.detectors.faster_rcnn_network import FasterRCNNNetwork, Target
from courtside.detectors.protocol import Epoch, FitSettings
from courtside.detectors.validation import score_boxes
from courtside.errors import UserError

OPTIMIZERS: Mapping[str, Callable[..., torch.optim.Optimizer]] = MappingProxyType(
    {
        "AdamW": partial(torch.optim.AdamW, weight_decay=5e-4, fused=True),
        "Adam": partial(torch.optim.Adam, fused=True),
        "SGD": partial(torch.optim.SGD, momentum=0.9, weight_decay=5e-4, fused=True),
    }
)
"""Those that ``optimizer`` may name."""

_GREATEST_GRADIENT = 10.0
_MINIMUM_CONFIDENCE = 0.001
_DIVERGED = "training diverged: the loss is no number any more; lower train.lr0"


class FasterRCNNTraining:
    """One training, resumed at the epoch after the last that ``work`` holds.

    Every epoch draws its order, its augmentation and the samples of its losses from the seed and its number, so a
    training that was killed and resumed comes out as one that was not.

    Args:
        network: trained in place; it is on its device, and :meth:`FasterRCNNNetwork.freeze` was called.
        labels: what the classes are called, in their order.
        dataset: folder with ``images/{train,val}`` and ``labels/{train,val}``.
        image_size: longer side of the input, in pixels.
        settings: how to train. ``mosaic``, ``rectangular``, ``class_weight`` and ``average_share`` are Ultralytics'
            and mean nothing here.
        work: folder of this training's own.
        on_epoch: called after each epoch, also after those of an earlier call.
        on_batch: called with batches done and batches in all.

    Raises:
        UserError: when the optimizer is unknown, or the dataset cannot be read.
    """

    def __init__(
        self,
        network: FasterRCNNNetwork,
        labels: Sequence[str],
        dataset: Path,
        image_size: int,
        settings: FitSettings,
        work: Path,
        on_epoch: Callable[[Epoch], None],
        on_batch: Callable[[int, int], None] | None,
    ) -> None:
        if settings.optimizer not in OPTIMIZERS:
            raise UserError(f"train.optimizer: {settings.optimizer!r} is none of {', '.join(OPTIMIZERS)}")
        self._network, self._labels, self._settings = network, tuple(labels), settings
        self._best, self._last = work / "best.pt", work / "last.pt"
        self._on_epoch, self._on_batch = on_epoch, on_batch
        self._train = BoxImages(dataset, "train", len(labels), image_size, settings.scale, settings.seed)
        self._val = BoxImages(dataset, "val", len(labels), image_size)
        self._steps = -(-len(self._train) // settings.batch)
        self._history: list[Epoch] = []
        learning = [parameter for parameter in network.model.parameters() if parameter.requires_grad]
        self._optimizer = OPTIMIZERS[settings.optimizer](learning, lr=settings.lr0)

    def run(self) -> list[Epoch]:
        """Train to the end, leave the network with the weights of the best epoch, and return all epochs.

        Raises:
            UserError: when the losses are no numbers any more, a picture cannot be read, or the GPU's memory is too
                small.
        """
        self._resume()
        try:
            while len(self._history) < self._settings.epochs and self._waited() < self._settings.patience:
                self._epoch(len(self._history) + 1)
        except torch.OutOfMemoryError:
            raise UserError("the GPU has too little memory; lower train.batch or detector.image_size") from None
        best = load_state(self._best)
        if best is not None:
            self._network.model.load_state_dict(best)
        return self._history

    def _resume(self) -> None:
        last = load_state(self._last)
        if last is None:
            return
        self._network.model.load_state_dict(last["tensors"])
        self._optimizer.load_state_dict(last["optimizer"])
        for values in last["history"]:
            self._history.append(Epoch(**values))
            self._on_epoch(self._history[-1])

    def _epoch(self, number: int) -> None:
        losses = self._learn(number)
        figures = {f"train_{name}": value for name, value in losses.items()} | self._score()
        epoch = Epoch(number, self._settings.epochs, figures)
        best = max((fitness(other) for other in self._history), default=-1.0)
        self._history.append(epoch)
        tensors = self._network.model.state_dict()
        if fitness(epoch) > best:
            save_state(self._best, tensors)
        save_state(
            self._last,
            {
                "tensors": tensors,
                "optimizer": self._optimizer.state_dict(),
                "history": [asdict(other) for other in self._history],
            },
        )
        self._on_epoch(epoch)

    def _learn(self, number: int) -> dict[str, float]:
        """Run the steps of an epoch; return the mean of each loss."""
        seed = self._settings.seed
        torch.manual_seed(int(np.random.default_rng([seed, number]).integers(2**62)))
        self._train.epoch = number
        order = np.random.default_rng([seed, number, 1]).permutation(len(self._train))
        groups = [order[start :: self._steps].tolist() for start in range(self._steps)]
        sums: dict[str, float] = {}
        for step, (images, targets) in enumerate(self._load(self._train, groups)):
            done = (number - 1) * self._steps + step
            for group in self._optimizer.param_groups:
                group["lr"] = self._settings.lr0 * self._rate(done)
            losses = self._network.learn(images, targets)
            loss: Any = torch.stack(list(losses.values())).sum()
            if not math.isfinite(loss.item()):
                raise UserError(_DIVERGED)
            self._optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self._network.model.parameters(), _GREATEST_GRADIENT)
            self._optimizer.step()
            for name, value in losses.items():
                sums[name] = sums.get(name, 0.0) + float(value.detach())
            if self._on_batch:
                self._on_batch(done + 1, self._settings.epochs * self._steps)
        return {name: value / self._steps for name, value in sums.items()}

    def _score(self) -> dict[str, float]:
        """Return the mean losses and the scores on the validation pictures."""
        size = self._settings.batch
        groups = [list(range(start, min(start + size, len(self._val)))) for start in range(0, len(self._val), size)]
        sums: dict[str, float] = {}
        found: list[Target] = []
        truth: list[Target] = []
        for images, targets in self._load(self._val, groups):
            losses, detections = self._network.score(images, targets, _MINIMUM_CONFIDENCE)
            for name, value in losses.items():
                sums[name] = sums.get(name, 0.0) + float(value) * len(images)
            found += detections
            truth += targets
        means = {f"val_{name}": value / len(self._val) for name, value in sums.items()}
        if not all(math.isfinite(value) for value in means.values()):
            raise UserError(_DIVERGED)
        return means | score_boxes(found, truth, self._labels)

    def _load(self, images: BoxImages, groups: list[list[int]]) -> Iterator[tuple[list[torch.Tensor], list[Target]]]:
        loader: Any = DataLoader(
            images,
            batch_sampler=groups,
            num_workers=self._settings.workers,
            collate_fn=list,
        )
        # The workers are forked, and a fork of a process whose OpenCV has threads waits forever for its own.
        threads_before = cv2.getNumThreads()
        cv2.setNumThreads(1)
        try:
            for group in loader:
                examples: list[Example] = []
                for item in group:
                    if isinstance(item, UserError):
                        raise item
                    examples.append(item)
                yield [image for image, _ in examples], [target for _, target in examples]
        finally:
            cv2.setNumThreads(threads_before)

    def _rate(self, step: int) -> float:
        """Return the learning rate at a step as a share of ``lr0``: a linear start, then linear down to ``lrf``."""
        warm = self._settings.warmup_epochs * self._steps
        start = min(1.0, (step + 1) / warm) if warm else 1.0
        return start * (1 - (1 - self._settings.lrf) * step / (self._settings.epochs * self._steps))

    def _waited(self) -> int:
        """Return how many epochs were not better than the best before them, up to the last."""
        if not self._history:
            return 0
        best = max(self._history, key=fitness)  # the first of equals
        return self._history[-1].number - best.number


def fitness(epoch: Epoch) -> float:
    """Return what the best epoch has most of: 0.1 mAP50 + 0.9 mAP50-95, as for Ultralytics' detectors."""
    return 0.1 * epoch.figures["mAP50"] + 0.9 * epoch.figures["mAP50-95"]
