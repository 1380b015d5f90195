"""Faster R-CNN of torchvision behind the detector protocol."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from courtside.detectors.box_images import fit, to_tensor
from courtside.detectors.checkpoint import claim
from courtside.detectors.faster_rcnn_network import FasterRCNNNetwork, Target
from courtside.detectors.faster_rcnn_training import FasterRCNNTraining
from courtside.detectors.processor import take_all_cores
from courtside.detectors.protocol import Detections, Epoch, FitSettings
from courtside.detectors.weights import Weights, save_weights, transfer
from courtside.errors import UserError
from courtside.video.reader import Frame


class FasterRCNNDetector:
    """A Faster R-CNN of torchvision (BSD-3-Clause); see :class:`FasterRCNNNetwork` for what is ours in it.

    Args:
        architecture: ``fasterrcnn_resnet50_fpn``, ``fasterrcnn_mobilenet_v3_large_fpn`` or
            ``fasterrcnn_mobilenet_v3_large_320_fpn``.
        labels: what the classes are called, in their order.
        image_size: longer side of the network's input, in pixels.
        initial: tensors to start from; those whose name and shape fit are used, the others are random. Of COCO's
            weights that is all but the layer that tells the classes apart.
        seed: of the random tensors.

    Raises:
        UserError: when the architecture is unknown.
    """

    def __init__(
        self,
        architecture: str,
        labels: Iterable[str],
        image_size: int,
        initial: Weights | None = None,
        seed: int = 0,
    ) -> None:
        torch.manual_seed(seed)
        self.architecture = architecture
        self.labels = tuple(labels)
        self.image_size = image_size
        self.network = FasterRCNNNetwork(architecture, self.labels)
        self.transferred = transfer(self.network.model, initial.tensors) if initial else 0.0

    def save(self, path: Path) -> None:
        """Write the weights, atomically."""
        tensors = self.network.model.state_dict()
        save_weights(path, Weights(self.architecture, self.labels, self.image_size, tensors))

    def fit(
        self,
        dataset: Path,
        settings: FitSettings,
        work: Path,
        on_epoch: Callable[[Epoch], None],
        on_batch: Callable[[int, int], None] | None = None,
    ) -> list[Epoch]:
        """Train on a dataset folder with ``images/{train,val}`` and ``labels/{train,val}`` in YOLO form.

        ``settings.freeze`` keeps nothing as it came (0), the backbone with its pyramid (1), or these and the region
        proposals (2 and more). Batch normalisation learns only where the weights are random.

        A checkpoint goes to ``work`` after each epoch; a call with the same dataset, settings and first weights goes on
        after the last epoch that an interrupted one finished. Afterwards the detector holds the weights of the epoch
        with the best validation score (0.1 mAP50 + 0.9 mAP50-95), and ``work`` is gone.

        Args:
            dataset: the folder; nothing is written there.
            settings: how to train; see :class:`FasterRCNNTraining` for those that mean nothing here.
            work: a folder of this call's own that survives a killed process.
            on_epoch: called after each epoch.
            on_batch: called with batches done and batches in all.

        Returns:
            Every epoch, also those of an interrupted call.

        Raises:
            UserError: when the dataset cannot be read, random weights are to be frozen, the losses are no numbers any
                more, or the GPU's memory is too small.
        """
        if settings.freeze and not self.transferred:
            raise UserError("train.freeze: random weights would never learn; set it to 0, or name detector.weights")
        network = [self.architecture, list(self.labels), self.image_size]
        claim(work, dataset, settings, network, self.network.model.state_dict())
        self.network.freeze(settings.freeze, fixed_statistics=self.transferred > 0)
        self._prepare(settings.device)
        training = FasterRCNNTraining(
            self.network, self.labels, dataset, self.image_size, settings, work, on_epoch, on_batch
        )
        history = training.run()
        shutil.rmtree(work)
        return history

    def predict(
        self,
        frames: Iterable[Frame],
        minimum_confidence: float,
        image_size: int | None = None,
        *,
        embed: bool = False,
    ) -> Iterator[Detections]:
        """Yield the detections of each frame, in order, after non-maximum suppression at IoU 0.5, label by label.

        Args:
            frames: any number of frames; 16 of them are held at a time on a GPU, 2 on a CPU.
            minimum_confidence: boxes below are left out, 0–1.
            image_size: longer side of the input, in pixels; None takes the detector's.
            embed: also say how each box looks: the mean of what the head is given of it.
        """
        self._prepare(None)
        size = image_size or self.image_size
        stream = iter(frames)
        while group := list(islice(stream, 16 if self.network.device.type == "cuda" else 2)):
            images = [to_tensor(fit(frame.image, size)) for frame in group]
            found = self.network.detect(images, minimum_confidence, embed=embed)
            for frame, image, of_frame in zip(group, images, found, strict=True):
                yield _detections(frame, image, of_frame)

    def _prepare(self, device: str | None) -> None:
        self.network.to(_device(device))
        take_all_cores()


def _detections(frame: Frame, image: torch.Tensor, found: Target) -> Detections:
    """Return what was found on a frame's input in pixels of the frame, clipped to it, highest score first."""
    height, width = frame.image.shape[:2]
    size = np.array([width, height] * 2, dtype=np.float32)
    shrunk = np.array([image.shape[-1], image.shape[-2]] * 2, dtype=np.float32)
    corners = np.clip(found["boxes"].numpy().reshape(-1, 4) * (size / shrunk), 0, size)
    scores = found["scores"].numpy()
    solid = (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
    order = np.argsort(-scores, kind="stable")
    order = order[solid[order]]
    embeddings = found["embeddings"].numpy()[order] if "embeddings" in found else None
    return Detections(frame.index, corners[order], scores[order], found["labels"].numpy()[order] - 1, embeddings)


def _device(name: str | None) -> torch.device:
    """Return the device that ``train.device`` names.

    Raises:
        UserError: when there is no such device, or it names several.
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if "," in name:
        raise UserError(f"train.device: {name!r} names several GPUs; only Ultralytics' detectors are trained on them")
    try:
        device = torch.device(f"cuda:{name}" if name.isdigit() else name)
        torch.zeros(1, device=device)
    except (AssertionError, RuntimeError):
        raise UserError(f"train.device: there is no {name!r} here; say cpu, mps, 0, or null to choose") from None
    return device
