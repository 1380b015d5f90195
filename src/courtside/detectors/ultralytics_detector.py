"""Detectors of Ultralytics (YOLOv8, YOLO11, YOLO26, … in any size) behind the detector protocol."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from courtside.detectors.checkpoint import claim, digest
from courtside.detectors.embedding import pool
from courtside.detectors.openvino_network import OpenVINONetwork, chosen
from courtside.detectors.processor import multiplies_bfloat16, take_all_cores
from courtside.detectors.protocol import Detections, Epoch, FitSettings
from courtside.detectors.ultralytics_setup import prepare
from courtside.detectors.weights import Weights, load_weights, save_weights, transfer
from courtside.detectors.yolov5_anchors import SUFFIX, replace_head
from courtside.errors import UserError
from courtside.files import write_json
from courtside.video.reader import Frame

LOSSES = {"box_loss": "box_loss", "cls_loss": "class_loss", "dfl_loss": "focal_loss"}
SCORES = {"precision(B)": "precision", "recall(B)": "recall", "mAP50(B)": "mAP50", "mAP50-95(B)": "mAP50-95"}


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
        that an interrupted one finished. Afterwards the detector holds the weights of the epoch with the best
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
            UserError: when the architecture only detects, or the GPU's memory is too small.
        """
        if self.architecture.endswith(SUFFIX):
            raise UserError(f"{self.architecture} only detects; train {self.architecture.removesuffix(SUFFIX)}")
        network = [self.architecture, list(self.labels), self.image_size]
        claim(work, dataset, settings, network, self.model.state_dict())
        last = work / "run" / "weights" / "last.pt"
        resumed = last if last.is_file() else None
        history = _finished_epochs(work / "epochs.jsonl")
        for epoch in history:
            on_epoch(epoch)
        trainer = self._trainer(dataset, settings, work, resumed)
        done = {"batches": 0}

        def batch_end(engine: Any) -> None:
            done["batches"] += 1
            if on_batch:
                per_epoch = len(engine.train_loader)
                on_batch(engine.start_epoch * per_epoch + done["batches"], settings.epochs * per_epoch)

        def epoch_end(engine: Any) -> None:
            epoch = Epoch(engine.epoch + 1, settings.epochs, _figures(engine))
            history.append(epoch)
            with (work / "epochs.jsonl").open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(asdict(epoch)) + "\n")
            on_epoch(epoch)

        if trainer.device.type == "cpu":
            self.model.to(memory_format=torch.channels_last)  # a fifth faster than planes on CPUs
            if multiplies_bfloat16():
                # Ultralytics offers mixed precision on GPUs alone; with matrix units it is 3.6 times faster on a CPU.
                trainer.add_callback("on_train_start", lambda engine: setattr(engine, "amp", True))
        trainer.add_callback("on_train_start", _score_in_full_precision)
        trainer.add_callback("on_train_start", lambda engine: take_all_cores())
        if settings.average_share:

            def average(engine: Any) -> None:
                engine.ema.decay = _decay(settings.average_share * settings.epochs * len(engine.train_loader))

            trainer.add_callback("on_train_start", average)
        trainer.add_callback("on_train_batch_end", batch_end)
        trainer.add_callback("on_fit_epoch_end", epoch_end)
        try:
            trainer.train()
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
        from ultralytics.models.yolo.detect import DetectionTrainer

        network = self.model

        class Trainer(DetectionTrainer):  # type: ignore[misc]
            """Trains the network it is given instead of building one."""

            def get_model(self, cfg: Any = None, weights: Any = None, verbose: bool = True) -> Any:
                if weights is not None:
                    transfer(network, weights.float().state_dict())
                return network

            def final_eval(self) -> None:
                """Leave out: the best epoch was validated when it ended."""

        return Trainer(
            overrides={
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
                "amp": "bf16" if torch.cuda.is_available() and settings.device != "cpu" else False,
                "plots": False,
                "verbose": False,
            }
        )


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


def _decay(steps: float) -> Callable[[int], float]:
    """Return what share of an average of weights stays at each update, for an average over about so many steps.

    Ultralytics' own needs thousands of steps before it averages at all. The last iterates of a short training scatter
    around a point that is better than each of them (Polyak and Juditsky, 1992). At first the share is small, so that
    the random weights of a new head are forgotten.
    """
    return lambda update: min(1 - 1 / max(steps, 1.0), update / (update + 9))


class _FullPrecision:
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
        with torch.autocast(self.device, enabled=False):
            return self.loss(_as_float(predictions), batch)


def _score_in_full_precision(engine: Any) -> None:
    # A resumed training of YOLO26 has a loss already, which knows how far it is.
    loss = getattr(engine.model, "criterion", None) or engine.model.init_criterion()
    engine.model.criterion = _FullPrecision(loss, engine.device.type)


def _as_float(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.float()
    if isinstance(value, dict):
        return {name: _as_float(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_as_float(entry) for entry in value)
    return value


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


def _finished_epochs(log: Path) -> list[Epoch]:
    if not log.is_file():
        return []
    return [Epoch(**json.loads(line)) for line in log.read_text(encoding="utf-8").splitlines()]
