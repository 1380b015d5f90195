"""Trains a frame classifier and applies it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np
import torch
from numpy.typing import NDArray


@dataclass(frozen=True)
class ClassifierEpoch:
    """Figures after an epoch: mean cross-entropy on both sets, and accuracy (0–1) on the validation set."""

    number: int
    train_loss: float
    val_loss: float
    val_top1: float


def shrink(image: NDArray[np.uint8], image_size: int) -> NDArray[np.uint8]:
    """Return a BGR picture of any shape as ``(image_size, image_size, 3)``, stretched.

    Stretching keeps every pixel of the frame in view; a centre crop, as classifiers usually take, would
    cut off a ball near the side line.
    """
    return np.asarray(cv2.resize(image, (image_size, image_size), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def fit(
    model: torch.nn.Module,
    train: tuple[NDArray[np.uint8], NDArray[np.int64]],
    val: tuple[NDArray[np.uint8], NDArray[np.int64]],
    *,
    epochs: int,
    batch: int,
    lr0: float,
    seed: int,
    device: str,
    on_epoch: Callable[[ClassifierEpoch], None],
) -> list[ClassifierEpoch]:
    """Train with AdamW, a one-cycle learning rate and class weights; keep the epoch of least validation loss.

    Augmentation is what keeps a small ball in view: mirroring, ±20 % brightness and contrast.

    Args:
        model: a classification network; trained in place.
        train: pictures (n, height, width, 3) uint8 BGR and class indices (n,).
        val: the same for validation; decides which epoch is kept, nothing else.
        epochs: passes over ``train``.
        batch: pictures a step.
        lr0: highest learning rate.
        seed: of the order and the augmentation.
        device: a device of PyTorch.
        on_epoch: called after each epoch.
    """
    images, classes = train
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    model.to(device).to(memory_format=torch.channels_last)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 0.1  # Ultralytics' 0.03 needs thousands of steps to forget its first statistics
    counts = np.bincount(classes, minlength=2).clip(1)
    weights = torch.tensor(len(classes) / (2.0 * counts), dtype=torch.float32, device=device)
    loss_function = torch.nn.CrossEntropyLoss(weight=weights, label_smoothing=0.02)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr0, weight_decay=0.01)
    steps = max(1, epochs * -(-len(images) // batch))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr0, total_steps=steps + 1, pct_start=0.15)
    history: list[ClassifierEpoch] = []
    best: tuple[float, dict[str, torch.Tensor]] | None = None
    for number in range(1, epochs + 1):
        model.train()
        order = random.permutation(len(images))
        losses = []
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            if len(chosen) == 1 and len(order) > 1:  # batch normalisation has no variance over one picture
                continue
            inputs = _augment(_tensor(images[chosen]).to(device), random)
            loss = loss_function(_logits(model, inputs), torch.from_numpy(classes[chosen]).to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        probabilities = predict(model, val[0], batch=batch, device=device)
        chosen_class = np.clip(np.where(val[1] == 1, probabilities, 1 - probabilities), 1e-7, 1)
        val_loss = float(-np.log(chosen_class).mean())
        top1 = float(((probabilities >= 0.5).astype(np.int64) == val[1]).mean())
        history.append(ClassifierEpoch(number, float(np.mean(losses)), val_loss, top1))
        on_epoch(history[-1])
        if best is None or val_loss < best[0]:
            best = (val_loss, {name: value.detach().clone() for name, value in model.state_dict().items()})
    if best:
        model.load_state_dict(best[1])
    return history


def predict(
    model: torch.nn.Module, images: Iterable[NDArray[np.uint8]], *, batch: int, device: str
) -> NDArray[np.float64]:
    """Return the probability of a ball for each picture, float64, 0–1; ``batch`` pictures are held at a time."""
    model.to(device).to(memory_format=torch.channels_last).eval()
    stream = iter(images)
    found: list[NDArray[np.float64]] = []
    with torch.inference_mode():
        while group := list(islice(stream, batch)):
            logits = _logits(model, _tensor(np.stack(group)).to(device))
            found.append(logits.softmax(dim=1)[:, 1].double().cpu().numpy())
    return np.concatenate(found) if found else np.zeros(0)


def _tensor(images: NDArray[np.uint8]) -> torch.Tensor:
    rgb = torch.from_numpy(np.ascontiguousarray(images[..., ::-1])).permute(0, 3, 1, 2)
    return rgb.float().div_(255)  # channels last, as they lie in the picture: a quarter faster on a CPU


def _logits(model: torch.nn.Module, inputs: torch.Tensor) -> torch.Tensor:
    output = model(inputs)
    # In evaluation mode Ultralytics' head returns (probabilities, logits), in training the logits alone.
    logits: torch.Tensor = output[1] if isinstance(output, tuple) else output
    return logits


def _augment(inputs: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    flip = torch.from_numpy(random.random(len(inputs)) < 0.5).to(inputs.device)
    inputs = torch.where(flip[:, None, None, None], inputs.flip(3), inputs)
    gain = torch.from_numpy(random.uniform(0.8, 1.2, (len(inputs), 1, 1, 1))).float().to(inputs.device)
    offset = torch.from_numpy(random.uniform(-0.1, 0.1, (len(inputs), 1, 1, 1))).float().to(inputs.device)
    return (inputs * gain + offset).clamp(0, 1)
