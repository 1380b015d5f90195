"""Detectors of Ultralytics (YOLOv8, YOLO11, YOLO26, … in any size) behind the detector protocol."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from courtside.detectors.checkpoint import claim, digest
from courtside.detectors.embedding import pool
from courtside.detectors.openvino_network import OpenVINONetwork, chosen
from courtside.detectors.processor import take_all_cores
from courtside.detectors.protocol import Detections, Epoch, FitSettings
from courtside.detectors.ultralytics_setup import prepare
from courtside.detectors.weights import Weights, load_weights, save_weights, transfer
from courtside.detectors.yolov5_anchors import SUFFIX, replace_head
from courtside.errors import UserError
from courtside.files import write_json
from courtside.video.reader import Frame

GPU_PRECISION = "bf16"
"""Of what is trained on a GPU, in Ultralytics' words; the loss has 32 bits in any case."""


class UltralyticsDetector:
    """A YOLO network of Ultralytics (AGPL-3.0).

    Args:
        architecture: name of one of Ultralytics' model files, such as ``yolov8n`` or ``yolo11s``; ``yolov5n_anchors``
            and the like have the head of YOLOv5's own releases, and only detect.
        labels: what the classes are called, in their order.
        image_size: longer side of the network's input, in pixels.
        initial: tensors to start from; those whose name and shape fit are used, the others are random.
        seed: of the random tensors.

    Attributes:
        backend: what computes when it predicts: ``torch``, ``openvino`` or ``auto``; see
            :func:`courtside.detectors.openvino_network.chosen`.

    Raises:
        UserError: when Ultralytics knows no such architecture.
    """

    def __init__(
        self,
        architecture: str,
        labels: Iterable[str],
        image_size: int,
        initial: Weights | None = None,
        seed: int = 0,
    ) -> None:
        prepare()
        torch.manual_seed(seed)
        self.architecture = architecture
        self.labels = tuple(labels)
        self.image_size = image_size
        self.model = _build(architecture, self.labels)
        self.transferred = transfer(self.model, initial.tensors) if initial else 0.0
        self.backend = "torch"
        self._in_openvino: tuple[str, OpenVINONetwork] | None = None

    def save(self, path: Path) -> None:
        """Write the weights, atomically."""
        save_weights(path, Weights(self.architecture, self.labels, self.image_size, self.model.state_dict()))

    def fit(
        self,
        dataset: Path,
        settings: FitSettings,
        work: Path,
        on_epoch: Callable[[Epoch], None],
        on_batch: Callable[[int, int], None] | None = None,
    ) -> list[Epoch]:
        """Train on a dataset folder with ``images/{train,val}`` and ``labels/{train,val}`` in YOLO form.

        Checkpoints go to ``work``; a call with the same dataset, settings and first weights resumes from the last epoch
        that an interrupted one finished. Several GPUs train in a process each, on squares, with the batch shared among
        them. Afterwards the detector holds the weights of the epoch with the best
        validation score (0.1 mAP50 + 0.9 mAP50-95), and ``work`` is gone.

        Args:
            dataset: the folder; nothing is written there.
            settings: how to train.
            work: a folder of this call's own that survives a killed process.
            on_epoch: called after each epoch.
            on_batch: called with batches done and batches in all.

        Returns:
            Every epoch, also those of an interrupted call.

        Raises:
            UserError: when the architecture only detects, the devices are not there or do not share a batch evenly, or
                the GPU's memory is too small.
        """
        if self.architecture.endswith(SUFFIX):
            raise UserError(f"{self.architecture} only detects; train {self.architecture.removesuffix(SUFFIX)}")
        from courtside.detectors.ultralytics_trainer import train  # brings Ultralytics

        network = [self.architecture, list(self.labels), self.image_size]
        claim(work, dataset, settings, network, self.model.state_dict())
        last = work / "run" / "weights" / "last.pt"
        resumed = last if last.is_file() else None
        trainer = self._trainer(dataset, settings, work, resumed)
        if trainer.device.type == "cpu":
            self.model.to(memory_format=torch.channels_last)  # a fifth faster than planes on CPUs
        try:
            history = train(trainer, self.model, settings, work, on_epoch, on_batch)
        except RuntimeError as error:
            if "out of memory" in str(error).lower():
                raise UserError("the GPU has too little memory; lower train.batch or detector.image_size") from None
            raise
        self.model.to(memory_format=torch.contiguous_format)
        self.model.criterion = None  # another training has another
        best = work / "run" / "weights" / "best.pt"
        transfer(self.model, load_weights(best if best.is_file() else best.with_name("last.pt")).tensors)
        shutil.rmtree(work)
        return history

    def predict(
        self,
        frames: Iterable[Frame],
        minimum_confidence: float,
        image_size: int | None = None,
        batch: int | None = None,
        *,
        embed: bool = False,
    ) -> Iterator[Detections]:
        """Yield the detections of each frame, in order, after non-maximum suppression at IoU 0.7.

        Args:
            frames: any number of frames; ``batch`` of them are held at a time.
            minimum_confidence: boxes below are left out, 0–1.
            image_size: longer side of the input, in pixels, rounded up to a multiple of 32; None takes the detector's.
            batch: frames that go through the network together; None takes 16 on a GPU and 2 on a CPU, whose caches
                hold what lies between two layers of so few.
            embed: also say how each box looks: the maps that the head is given, the neck's, averaged over the box.
        """
        batch = batch or (16 if torch.cuda.is_available() else 2)
        predictor = self._predictor(minimum_confidence, image_size or self.image_size, batch, in_torch=embed)
        neck = _Neck(predictor) if embed else None
        stream = iter(frames)
        while group := list(islice(stream, batch)):
            with neck or nullcontext():
                results = predictor([frame.image for frame in group])
            for place, (frame, result) in enumerate(zip(group, results, strict=True)):
                found = result.boxes.data.cpu().numpy().astype(np.float32).reshape(-1, 6)
                order = np.argsort(-found[:, 4], kind="stable")
                height, width = frame.image.shape[:2]
                corners = np.clip(found[order, :4], 0, np.array([width, height, width, height], dtype=np.float32))
                solid = (corners[:, 2] > corners[:, 0]) & (corners[:, 3] > corners[:, 1])
                yield Detections(
                    frame=frame.index,
                    corners=corners[solid],
                    scores=found[order, 4][solid],
                    classes=found[order, 5][solid].astype(np.int64),
                    embeddings=neck.embed(place, corners[solid], width, height) if neck else None,
                )

    def _predictor(self, minimum_confidence: float, image_size: int, batch: int, *, in_torch: bool = False) -> Any:
        from ultralytics.models.yolo.detect import DetectionPredictor

        predictor = DetectionPredictor(
            overrides={
                "imgsz": image_size,
                "conf": max(minimum_confidence, 1e-4),
                "iou": 0.7,
                "max_det": 100,
                "batch": batch,
                "rect": True,
                "verbose": False,
                "save": False,
                "mode": "predict",
            }
        )
        self.model.eval()
        if not torch.cuda.is_available():
            self.model.to(memory_format=torch.channels_last)
        predictor.setup_model(model=self.model, verbose=False)
        take_all_cores()
        if not in_torch and chosen(self.backend):  # the maps that embeddings are of are seen in PyTorch alone
            # Ultralytics still scales pictures before and suppresses boxes after, the same for both.
            predictor.inference = self._openvino(predictor.model.model)
        return predictor

    def _openvino(self, network: Any) -> OpenVINONetwork:
        """Return the network in OpenVINO; converted again where its tensors are others than last time."""
        tensors = digest(network.state_dict())
        if self._in_openvino is None or self._in_openvino[0] != tensors:
            self._in_openvino = (tensors, OpenVINONetwork(network))
        return self._in_openvino[1]

    def _trainer(self, dataset: Path, settings: FitSettings, work: Path, resumed: Path | None) -> Any:
        from courtside.detectors import ultralytics_trainer  # brings Ultralytics

        processes = len((settings.device or "").split(","))
        if settings.batch % processes:
            raise UserError(f"train.batch: {settings.batch} pictures cannot be shared by {processes} GPUs evenly")
        overrides = {
            "model": str(resumed) if resumed else f"{self.architecture}.yaml",
            "resume": str(resumed) if resumed else False,
            "data": str(_mirror(dataset, work, self.labels)),
            "project": str(work.resolve()),
            "name": "run",
            "exist_ok": True,
            "imgsz": self.image_size,
            "epochs": settings.epochs,
            "batch": settings.batch,
            "optimizer": settings.optimizer,
            "lr0": settings.lr0,
            "lrf": settings.lrf,
            "warmup_epochs": settings.warmup_epochs,
            "warmup_bias_lr": settings.lr0,
            "freeze": settings.freeze or None,
            "cls": settings.class_weight,
            "mosaic": settings.mosaic,
            "close_mosaic": min(10, settings.epochs // 3) if settings.mosaic else 0,
            "scale": settings.scale,
            "rect": settings.rectangular,
            "nbs": settings.batch,
            "patience": settings.patience,
            "workers": settings.workers,
            "device": settings.device,
            "seed": settings.seed,
            "deterministic": True,
            "amp": GPU_PRECISION if torch.cuda.is_available() and settings.device != "cpu" else False,
            "plots": False,
            "verbose": False,
        }
        try:
            return ultralytics_trainer.NetworkTrainer(overrides=overrides)
        except ValueError as error:
            if "device" not in str(error):
                raise
            raise UserError(
                f"train.device: there is no {settings.device!r} here; say cpu, mps, 0, 0,1 or null to choose"
            ) from None


class _Neck:
    """The maps that a network's head is given, kept while it is entered.

    It is entered for one group of frames at a time, so that two streams of predictions of one network may take turns.
    """

    def __init__(self, predictor: Any) -> None:
        self._head = predictor.model.model.model[-1]  # of the copy of the network that the predictor made
        self._maps: list[torch.Tensor] = []

    def __enter__(self) -> None:
        self._handle = self._head.register_forward_pre_hook(self._keep)

    def __exit__(self, *error: object) -> None:
        self._handle.remove()

    def _keep(self, module: torch.nn.Module, inputs: Any) -> None:
        self._maps = list(inputs[0])

    def embed(self, place: int, corners: NDArray[np.float32], width: int, height: int) -> NDArray[np.float16]:
        """Return how boxes on the frame at ``place`` of the group look.

        Args:
            place: of the frame in the group.
            corners: (n, 4) float32, x1, y1, x2, y2 in pixels of the frame.
            width: of the frame, in pixels.
            height: of the frame, in pixels.
        """
        rows, columns = self._maps[0].shape[-2:]
        input_size = np.array([columns, rows]) * int(self._head.stride[0])
        # Ultralytics scales a frame to fit the input, and puts it in the middle.
        gain = min(input_size / (width, height))
        left, top = np.round((input_size - np.round(np.array([width, height]) * gain)) / 2 - 0.1)
        placed = (corners * gain + np.array([left, top, left, top])).astype(np.float32)
        return pool([level[place] for level in self._maps], placed, *input_size.tolist())


def _build(architecture: str, labels: tuple[str, ...]) -> Any:
    from ultralytics.nn.tasks import DetectionModel

    try:
        model = DetectionModel(f"{architecture.removesuffix(SUFFIX)}.yaml", nc=len(labels), verbose=False)
    except FileNotFoundError:
        raise UserError(
            f"detector architecture {architecture!r} is unknown to Ultralytics and torchvision; try yolov8n, yolo11s, "
            "yolo26n or fasterrcnn_resnet50_fpn"
        ) from None
    if architecture.endswith(SUFFIX):
        replace_head(model, len(labels))
    model.names = dict(enumerate(labels))
    return model


def _mirror(dataset: Path, work: Path, labels: tuple[str, ...]) -> Path:
    """Link the dataset into ``work``: Ultralytics writes caches beside labels, and DVC's outputs must not change."""
    for kind in ("images", "labels"):
        for split in ("train", "val"):
            folder = work / "dataset" / kind / split
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted((dataset / kind / split).iterdir()):  # Ultralytics would resolve a linked folder
                link = folder / path.name
                link.unlink(missing_ok=True)
                link.symlink_to(path.resolve())
    description = work / "dataset" / "data.yaml"
    write_json(  # JSON is YAML
        description,
        {
            "path": str(description.parent.resolve()),
            "train": "images/train",
            "val": "images/val",
            "names": dict(enumerate(labels)),
        },
    )
    return description
