"""The loop that trains a network of PyTorch on pictures of known classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from courtside.classifiers.checkpoint import Checkpoint, plain
from courtside.classifiers.protocol import ClassifierEpoch, Examples, FitSettings, Phase, Report
from courtside.errors import UserError
from courtside.metrics.classification import cross_entropy

AUXILIARY_WEIGHT = 0.3
"""What the loss of an auxiliary head counts for (Szegedy et al. 2015, "Going deeper with convolutions", section 5)."""
_BATCH_NORM_MOMENTUM = 0.1
_FIXED_OUTSIDE_THE_HEAD = (torch.nn.BatchNorm2d, torch.nn.Dropout)


class Network(Protocol):
    """What the loop needs of a classifier."""

    model: torch.nn.Module
    head: tuple[torch.nn.Module, ...]
    labels: tuple[str, ...]
    device: str

    def forward(self, inputs: torch.Tensor) -> list[torch.Tensor]:
        """Return the logits (n, labels) of pictures (n, 3, size, size), RGB 0–1, then those of auxiliary heads."""
        ...


class Training:
    """One training: a phase of the head, one of the whole network, each with AdamW and a one-cycle learning rate.

    Classes weigh alike whatever their number of pictures. The augmentation is what keeps a small ball in view:
    mirroring, ±20 % contrast and ±0.1 of brightness.

    Args:
        network: trained in place.
        train: the pictures to learn from.
        val: those that decide which epoch is kept and when to stop, nothing else.
        settings: how to train.
        checkpoint: where to go on, and where to leave off.
        on_epoch: called after each epoch, also after those of an earlier call.
        on_batch: called with batches done and batches in all.
    """

    def __init__(
        self,
        network: Network,
        train: Examples,
        val: Examples,
        settings: FitSettings,
        checkpoint: Checkpoint,
        on_epoch: Callable[[ClassifierEpoch], None],
        on_batch: Report | None = None,
    ) -> None:
        self._network, self._train, self._val = network, train, val
        self._settings, self._checkpoint = settings, checkpoint
        self._on_epoch, self._on_batch = on_epoch, on_batch
        self._random = np.random.default_rng(settings.seed)
        self._steps = max(1, -(-len(train) // settings.batch))
        self._history: list[ClassifierEpoch] = []
        self._best = math.inf
        self._loss = _loss(train.classes, len(network.labels), network.device)

    def run(self) -> list[ClassifierEpoch]:
        """Train to the end, leave the network with the weights of the best epoch, and return all epochs.

        Raises:
            UserError: when the losses are no numbers any more, or the GPU's memory is too small.
        """
        torch.manual_seed(self._settings.seed)
        _prepare(self._network)
        last = self._checkpoint.last() or {}
        for values in last.get("history", []):
            self._history.append(ClassifierEpoch(**values))
            self._on_epoch(self._history[-1])
        if "tensors" in last:
            self._network.model.load_state_dict(last["tensors"])
            self._random.bit_generator.state = last["random"]
            torch.set_rng_state(last["torch_random"])
            self._best = last["best"]
        phases = {"head": self._settings.head, "whole": self._settings.whole}
        begun = last.get("phase", "head")
        try:
            for name in list(phases)[list(phases).index(begun) :] if begun in phases else ():
                self._phase(name, phases[name], last if "tensors" in last and name == begun else None)
        except torch.OutOfMemoryError:
            raise UserError("the GPU has too little memory; lower the classifier's batch or image_size") from None
        self._network.model.load_state_dict(self._checkpoint.best())
        # Only a training that goes on needs more than its figures and the best tensors.
        self._checkpoint.save_last({"phase": "ended", "history": plain(self._history)})
        for parameter in self._network.model.parameters():
            parameter.requires_grad_(True)
        return self._history

    def _phase(self, name: str, phase: Phase, last: Mapping[str, Any] | None) -> None:
        """Run the epochs of a phase that ``last`` does not hold yet."""
        if not phase.epochs:
            return
        if last is None and self._history:  # the head may have grown worse since its best epoch
            self._network.model.load_state_dict(self._checkpoint.best())
        _set_trained(self._network, name)
        trained = [parameter for parameter in self._network.model.parameters() if parameter.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=phase.lr0, weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=phase.lr0, total_steps=phase.epochs * self._steps + 1, pct_start=0.15
        )
        begun, waited = 0, 0
        if last is not None:
            optimizer.load_state_dict(last["optimizer"])
            schedule.load_state_dict(last["schedule"])
            begun, waited = last["epoch"], last["waited"]
        for number in range(begun + 1, phase.epochs + 1):
            if waited >= self._settings.patience:
                break
            train_loss = self._epoch(name, optimizer, schedule)
            better = self._score(name, train_loss)
            waited = 0 if better else waited + 1
            self._checkpoint.save_last(
                {
                    "phase": name,
                    "epoch": number,
                    "waited": waited,
                    "best": self._best,
                    "history": plain(self._history),
                    "random": self._random.bit_generator.state,
                    "torch_random": torch.get_rng_state(),
                    "tensors": self._network.model.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "schedule": schedule.state_dict(),
                }
            )

    def _epoch(
        self, name: str, optimizer: torch.optim.Optimizer, schedule: torch.optim.lr_scheduler.OneCycleLR
    ) -> float:
        network, device = self._network, self._network.device
        _set_mode(network, name)
        order = self._random.permutation(len(self._train))
        losses = []
        for step, start in enumerate(range(0, len(order), self._settings.batch), start=1):
            chosen = order[start : start + self._settings.batch]
            if len(chosen) == 1 and len(order) > 1:  # batch normalisation has no variance over one picture
                continue
            inputs = _augment(to_tensor(self._train.take(chosen)).to(device), self._random)
            classes = torch.from_numpy(self._train.classes[chosen]).to(device)
            logits, *auxiliary = network.forward(inputs)
            loss = self._loss(logits, classes)
            for other in auxiliary:
                loss = loss + AUXILIARY_WEIGHT * self._loss(other, classes)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
            if self._on_batch:
                self._on_batch(len(self._history) * self._steps + step, self._settings.epochs * self._steps)
        return float(np.mean(losses))

    def _score(self, name: str, train_loss: float) -> bool:
        """Note the epoch; return whether it is the best so far."""
        probabilities = predict(self._network, self._val, self._settings.batch)
        val_loss = float(cross_entropy(self._val.classes, probabilities).mean())
        if not math.isfinite(train_loss + val_loss):
            raise UserError("training diverged: the loss is no number any more; lower the classifier's lr0")
        top1 = float((probabilities.argmax(axis=1) == self._val.classes).mean())
        better = val_loss < self._best
        if better:
            self._best = val_loss
            self._checkpoint.save_best(self._network.model.state_dict())
        self._history.append(ClassifierEpoch(len(self._history) + 1, name, train_loss, val_loss, top1))
        self._on_epoch(self._history[-1])
        return better


def predict(network: Network, pictures: Iterable[NDArray[np.uint8]], batch: int) -> NDArray[np.float64]:
    """Return the probability of each label, (n, labels), (0, 0) for none; ``batch`` pictures are held at a time."""
    network.model.to(network.device).to(memory_format=torch.channels_last).eval()
    found = [probabilities for group in _groups(pictures, batch) for probabilities in _predict_group(network, group)]
    return np.stack(found) if found else np.zeros((0, 0))


def to_tensor(images: NDArray[np.uint8]) -> torch.Tensor:
    """Return BGR pictures (n, height, width, 3) as RGB, 0–1, (n, 3, height, width)."""
    rgb = torch.from_numpy(np.ascontiguousarray(images[..., ::-1])).permute(0, 3, 1, 2)
    return rgb.float().div_(255)  # channels last, as they lie in the picture: a quarter faster on a CPU


def _groups(pictures: Iterable[NDArray[np.uint8]], batch: int) -> Iterator[NDArray[np.uint8]]:
    waiting = iter(pictures)
    while group := list(islice(waiting, batch)):
        yield np.stack(group)


def _predict_group(network: Network, group: NDArray[np.uint8]) -> NDArray[np.float64]:
    with torch.inference_mode():
        logits = network.forward(to_tensor(group).to(network.device))[0]
        found: NDArray[np.float64] = logits.double().softmax(dim=1).cpu().numpy()
    return found


def _loss(classes: NDArray[np.int64], labels: int, device: str) -> torch.nn.CrossEntropyLoss:
    counts = np.bincount(classes, minlength=labels).clip(1)
    weights = torch.tensor(len(classes) / (labels * counts), dtype=torch.float32, device=device)
    return torch.nn.CrossEntropyLoss(weight=weights, label_smoothing=0.02)


def _prepare(network: Network) -> None:
    network.model.to(network.device).to(memory_format=torch.channels_last)
    for module in network.model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            # Ultralytics' 0.03 and MobileNet's 0.01 need thousands of steps to forget their first statistics.
            module.momentum = _BATCH_NORM_MOMENTUM


def _set_trained(network: Network, phase: str) -> None:
    for parameter in network.model.parameters():
        parameter.requires_grad_(phase == "whole")
    for part in network.head:
        for parameter in part.parameters():
            parameter.requires_grad_(True)


def _set_mode(network: Network, phase: str) -> None:
    """Set the network to learn; while the head does so alone, what comes before it stays as it was in every respect."""
    network.model.train()
    if phase == "whole":
        return
    in_head = {module for part in network.head for module in part.modules()}
    for module in network.model.modules():
        if isinstance(module, _FIXED_OUTSIDE_THE_HEAD) and module not in in_head:
            module.eval()


def _augment(inputs: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    flip = torch.from_numpy(random.random(len(inputs)) < 0.5).to(inputs.device)
    inputs = torch.where(flip[:, None, None, None], inputs.flip(3), inputs)
    gain = torch.from_numpy(random.uniform(0.8, 1.2, (len(inputs), 1, 1, 1))).float().to(inputs.device)
    offset = torch.from_numpy(random.uniform(-0.1, 0.1, (len(inputs), 1, 1, 1))).float().to(inputs.device)
    return (inputs * gain + offset).clamp(0, 1)
