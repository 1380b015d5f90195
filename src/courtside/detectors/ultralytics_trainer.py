"""Ultralytics' trainer for a network that is there already: in this process, or in a process for each of several GPUs.

Ultralytics starts those processes itself and pickles the trainer's class, the network and the callbacks to them. So
what belongs to a training is a class and functions of this module, which is imported only where something is trained:
with it comes Ultralytics, which :func:`courtside.detectors.ultralytics_setup.prepare` has to precede.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.nn.tasks import load_checkpoint
from ultralytics.utils import RANK
from ultralytics.utils.dist import ddp_cleanup, generate_ddp_command
from ultralytics.utils.torch_utils import unwrap_model

from courtside.detectors.processor import multiplies_bfloat16, take_all_cores
from courtside.detectors.protocol import Epoch, FitSettings
from courtside.detectors.weights import transfer

LOSSES = {"box_loss": "box_loss", "cls_loss": "class_loss", "dfl_loss": "focal_loss"}
SCORES = {"precision(B)": "precision", "recall(B)": "recall", "mAP50(B)": "mAP50", "mAP50-95(B)": "mAP50-95"}
_POLL_SECONDS = 0.2
_REASON = re.compile(r"^(?:\[rank\d+\]: ?)?([\w.]*(?:Error|Exception)\b.*)$", re.MULTILINE)


class NetworkTrainer(DetectionTrainer):  # type: ignore[misc]
    """Trains the network that its attribute ``model`` is set to, instead of building one."""

    def setup_model(self) -> Any:
        """Where a training goes on, give the network the tensors of its checkpoint, and return that."""
        if not self.resume:
            return None
        reached, checkpoint = load_checkpoint(self.args.model)
        transfer(self.model, reached.float().state_dict())
        return checkpoint

    def final_eval(self) -> None:
        """Leave out: the best epoch was validated when it ended."""


@dataclass(frozen=True)
class Beginning:
    """What is set before the first step, in every process.

    Attributes:
        average_share: share of the steps that the kept weights average over; 0 for Ultralytics' own average.
    """

    average_share: float

    def __call__(self, engine: Any) -> None:
        """Set it."""
        score_in_full_precision(engine)
        if engine.device.type == "cpu" and multiplies_bfloat16():
            # Ultralytics offers mixed precision on GPUs alone; with matrix units it is 3.6 times faster on a CPU.
            engine.amp = True
        if engine.world_size <= 1:
            take_all_cores()
        if self.average_share:
            engine.ema.decay = Decay(self.average_share * engine.epochs * len(engine.train_loader))


@dataclass(frozen=True)
class Decay:
    """What share of an average of weights stays at each update, for an average over about so many steps.

    Ultralytics' own needs thousands of steps before it averages at all. The last iterates of a short training scatter
    around a point that is better than each of them (Polyak and Juditsky, 1992). At first the share is small, so that
    the random weights of a new head are forgotten.
    """

    steps: float

    def __call__(self, update: int) -> float:
        """Return the share at an update, 0–1."""
        return min(1 - 1 / max(self.steps, 1.0), update / (update + 9))


@dataclass(frozen=True)
class EpochLog:
    """Keeps the figures of every epoch that ended in a file, a line each."""

    path: Path

    def __call__(self, engine: Any) -> None:
        """Write the figures of the epoch that ended; the first of several processes does."""
        if RANK not in (-1, 0):
            return
        epoch = Epoch(engine.epoch + 1, engine.epochs, _figures(engine))
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(epoch)) + "\n")

    def read(self) -> list[Epoch]:
        """Return all epochs; a line that is being written does not count."""
        if not self.path.is_file():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        return [Epoch(**json.loads(line)) for line in lines if line.endswith("\n")]


@dataclass(frozen=True)
class BatchCount:
    """Keeps in a file how many batches are done, for the process that started the training."""

    path: Path

    def __call__(self, engine: Any) -> None:
        """Count a batch; the first of several processes does."""
        if RANK in (-1, 0):
            with self.path.open("a", encoding="utf-8") as stream:
                stream.write(f"{len(engine.train_loader)}\n")

    def read(self) -> tuple[int, int]:
        """Return the batches done, and those of an epoch; 0, 0 before the first."""
        lines = self.path.read_text(encoding="utf-8").split("\n")[:-1] if self.path.is_file() else []
        return len(lines), int(lines[-1]) if lines else 0


def train(
    trainer: Any,
    network: torch.nn.Module,
    settings: FitSettings,
    work: Path,
    on_epoch: Callable[[Epoch], None],
    on_batch: Callable[[int, int], None] | None = None,
) -> list[Epoch]:
    """Train a network.

    Args:
        trainer: a :class:`NetworkTrainer`, which knows how.
        network: what is trained; where several processes do, it stays as it is, and the checkpoints have the tensors.
        settings: how to train.
        work: folder of the epochs' figures, besides Ultralytics' own files.
        on_epoch: called after each epoch, and at once with those that are in ``work``.
        on_batch: called with batches done and batches in all.

    Returns:
        Every epoch, also those of an interrupted call.
    """
    log, batches = EpochLog(work.resolve() / "epochs.jsonl"), BatchCount(work.resolve() / "batches.txt")
    history = log.read()
    for epoch in history:
        on_epoch(epoch)
    begun, counted = len(history), 0

    def tell_epochs(engine: Any = None) -> None:
        for epoch in log.read()[len(history) :]:
            history.append(epoch)
            on_epoch(epoch)

    def tell_batches(done: int, per_epoch: int) -> None:
        nonlocal counted
        if on_batch and done > counted:
            on_batch(begun * per_epoch + done, settings.epochs * per_epoch)
        counted = done

    def follow() -> None:
        tell_batches(*batches.read())
        tell_epochs()

    trainer.model = network
    trainer.add_callback("on_train_start", Beginning(settings.average_share))
    trainer.add_callback("on_fit_epoch_end", log)
    if trainer.ddp:
        batches.path.unlink(missing_ok=True)
        trainer.add_callback("on_train_batch_end", batches)
        train_in_processes(trainer, work / "processes.txt", follow)
    else:
        trainer.add_callback("on_train_batch_end", lambda engine: tell_batches(counted + 1, len(engine.train_loader)))
        trainer.add_callback("on_fit_epoch_end", tell_epochs)
        trainer.train()
    return history


def train_in_processes(trainer: Any, output: Path, follow: Callable[[], None]) -> None:
    """Train in a process for each GPU, and wait for them.

    Args:
        trainer: it has the network and the callbacks; its settings name several GPUs.
        output: a file for what the processes print.
        follow: called several times a second while they run, and once after; what it raises ends them.

    Raises:
        RuntimeError: when a process fails; its error comes along.
    """
    trainer.args.rect = False  # Ultralytics deals pictures to processes without looking at their shapes
    command, file = generate_ddp_command(trainer)
    try:
        with output.open("w", encoding="utf-8") as stream:
            process = subprocess.Popen(command, stdout=stream, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                follow()
                time.sleep(_POLL_SECONDS)
        finally:
            if process.poll() is None:
                process.terminate()  # the launcher ends its workers
                process.wait()
        follow()
    finally:
        ddp_cleanup(trainer, file)
    if process.returncode:
        said = output.read_text(encoding="utf-8")
        reason = _REASON.search(said)  # the launcher's own account of it comes last, and is long
        raise RuntimeError(f"a process of a training on several GPUs failed: {reason[1] if reason else said[-2000:]}")


class FullPrecision:
    """A loss that computes in 32 bits whatever the network does.

    With the 8 bits of a bfloat16's fraction a coordinate of 500 px is known to 2 px, and the overlap of a ball
    of 8 px with its truth is noise: in mixed precision throughout, players are learned and the ball never is.
    """

    def __init__(self, loss: Any, device: str) -> None:
        self.loss = loss
        self.device = device

    def __getattr__(self, name: str) -> Any:
        """Return what the loss has besides: YOLO26's shifts its weight from epoch to epoch."""
        if "loss" not in self.__dict__:  # while it is being copied
            raise AttributeError(name)
        return getattr(self.loss, name)

    def __call__(self, predictions: Any, batch: Any) -> Any:
        """Return the loss, and its parts."""
        with torch.autocast(self.device, enabled=False):
            return self.loss(_as_float(predictions), batch)


def score_in_full_precision(engine: Any) -> None:
    """Put :class:`FullPrecision` around the loss of a trainer's network."""
    network = unwrap_model(engine.model)
    # A resumed training of YOLO26 has a loss already, which knows how far it is.
    loss = getattr(network, "criterion", None) or network.init_criterion()
    network.criterion = FullPrecision(loss, engine.device.type)


def _as_float(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.float()
    if isinstance(value, dict):
        return {name: _as_float(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_as_float(entry) for entry in value)
    return value


def _figures(engine: Any) -> dict[str, float]:
    figures = {}
    for name, value in (engine.tloss or {}).items():
        figures[f"train_{LOSSES.get(name.split('/')[-1], name.split('/')[-1])}"] = float(value)
    for name, value in engine.metrics.items():
        kind, _, rest = name.partition("/")
        key = f"val_{LOSSES.get(rest, rest)}" if kind == "val" else SCORES.get(rest)
        if key:
            figures[key] = float(value)
    return figures
