"""torchvision's Faster R-CNN (BSD-3-Clause), its anchors for balls, and its three ways of use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from torchvision.models import detection
from torchvision.models.detection._utils import BalancedPositiveNegativeSampler
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList

from courtside.detectors.processor import multiplies_bfloat16
from courtside.errors import UserError

BUILDERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "fasterrcnn_resnet50_fpn": detection.fasterrcnn_resnet50_fpn,
        "fasterrcnn_mobilenet_v3_large_fpn": detection.fasterrcnn_mobilenet_v3_large_fpn,
        "fasterrcnn_mobilenet_v3_large_320_fpn": detection.fasterrcnn_mobilenet_v3_large_320_fpn,
    }
)
"""The architectures. The two with MobileNetV3 differ in how many proposals they look at when detecting."""

NEAR_SQUARE = (0.8, 1.0, 1.25)
ALL_SHAPES = (0.5, 1.0, 2.0)

REGIONS_LEARNED = 128
"""Regions of a picture that the head learns from, a quarter of them objects. torchvision's 512 are for pictures full of
objects; Girshick (2015, "Fast R-CNN", section 2.3) took 64."""
REGIONS_LOOKED_AT = 300
"""Regions of a picture that the head looks at when detecting, as Ren et al. (2015, "Faster R-CNN", section 4.1). The
head's work grows with both, and is most of the network's where the backbone is small."""

_LOSSES = {
    "loss_classifier": "class_loss",
    "loss_box_reg": "box_loss",
    "loss_objectness": "objectness_loss",
    "loss_rpn_box_reg": "proposal_loss",
}
_BATCH_NORM_MOMENTUM = 0.1

Target = dict[str, torch.Tensor]


class FasterRCNNNetwork:
    """Faster R-CNN (Ren et al. 2015) with a feature pyramid (Lin et al. 2017), with random weights.

    Its head tells the labels from the background. Anchors keep torchvision's sizes, 32 to 512 px of the input, and
    their number, so that trained region proposals fit; see :func:`aspect_ratios` for their shapes.

    Where the processor multiplies bfloat16 natively, the layers compute in it; what they tell of boxes is turned into
    coordinates and losses in 32 bits, because 8 bits of fraction know a coordinate of 500 px to 2 px.

    Args:
        architecture: one of :data:`BUILDERS`.
        labels: what the classes are called, in their order.

    Raises:
        UserError: when the architecture is unknown.
    """

    def __init__(self, architecture: str, labels: Sequence[str]) -> None:
        if architecture not in BUILDERS:
            raise UserError(f"detector architecture {architecture!r} is none of torchvision's {', '.join(BUILDERS)}")
        self.model: Any = BUILDERS[architecture](weights=None, weights_backbone=None, num_classes=len(labels) + 1)
        generator = self.model.rpn.anchor_generator
        ratios = (aspect_ratios(labels),) * len(generator.sizes)
        self.model.rpn.anchor_generator = AnchorGenerator(generator.sizes, ratios)
        heads = self.model.roi_heads
        heads.detections_per_img = 100
        heads.fg_bg_sampler = BalancedPositiveNegativeSampler(REGIONS_LEARNED, 0.25)
        proposed = self.model.rpn._post_nms_top_n
        proposed["testing"] = min(proposed["testing"], REGIONS_LOOKED_AT)
        for part in (self.model.backbone, self.model.rpn.head, heads.box_head, heads.box_predictor):
            part.register_forward_hook(_in_full_precision)
        self.device = torch.device("cpu")
        self.mixed = False
        self._fixed: list[torch.nn.Module] = []

    def to(self, device: torch.device) -> None:
        """Move the network to a device, and choose the precision that is fast there."""
        self.device = device
        self.mixed = device.type == "cuda" or (device.type == "cpu" and multiplies_bfloat16())
        layout = torch.channels_last if device.type == "cpu" else torch.contiguous_format
        self.model.to(device)
        self.model.backbone.to(memory_format=layout)

    def freeze(self, parts: int, fixed_statistics: bool) -> None:
        """Choose what learns.

        Args:
            parts: 0 all, 1 all but the backbone and its pyramid, 2 and more neither these nor the region proposals.
            fixed_statistics: whether batch normalisation keeps its statistics and factors, as for weights that were
                taught on larger batches than there is memory for (torchvision does so for COCO's).
        """
        self.model.requires_grad_(True)
        frozen = [self.model.backbone, self.model.rpn][: min(parts, 2)]
        for part in frozen:
            part.requires_grad_(False)
        of_frozen = {module for part in frozen for module in part.modules()}
        norms = [module for module in self.model.modules() if isinstance(module, torch.nn.BatchNorm2d)]
        self._fixed = [norm for norm in norms if fixed_statistics or norm in of_frozen]
        for norm in norms:
            if norm in self._fixed:
                norm.requires_grad_(False)
            else:
                norm.momentum = _BATCH_NORM_MOMENTUM  # MobileNet's 0.01 needs a thousand steps

    def learn(self, images: Sequence[torch.Tensor], targets: Sequence[Target]) -> dict[str, torch.Tensor]:
        """Return the losses, with gradients: of classes and boxes, and of the region proposals' two.

        Args:
            images: RGB, each (3, height, width) uint8, at the size of the input; they may differ in shape.
            targets: for each ``boxes`` (n, 4) float32, x1, y1, x2, y2 in its pixels, and ``labels`` (n,) int64, from 1.
                n may be 0: nothing but background.
        """
        self.model.train()
        for norm in self._fixed:
            norm.eval()
        with self._precision():
            batch = self._batch(images)
            features = self.model.backbone(batch.tensors)
            return self._losses(batch, features, targets)

    @torch.no_grad()
    def score(
        self, images: Sequence[torch.Tensor], targets: Sequence[Target], minimum_confidence: float
    ) -> tuple[dict[str, torch.Tensor], list[Target]]:
        """Return the losses as :meth:`learn` does, and the detections as :meth:`detect` does; nothing is learned."""
        self.model.eval()
        with self._precision(), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)  # of the samples that the losses are taken of
            batch = self._batch(images)
            features = self.model.backbone(batch.tensors)
            for part in (self.model.rpn, self.model.roi_heads):
                part.train()
            losses = self._losses(batch, features, targets)
            self.model.eval()
            return losses, self._found(batch, features, minimum_confidence)

    @torch.no_grad()
    def detect(self, images: Sequence[torch.Tensor], minimum_confidence: float, *, embed: bool = False) -> list[Target]:
        """Return for each image ``boxes`` in its pixels, ``labels`` from 1 and ``scores``, highest first.

        At most 100 an image, after non-maximum suppression at IoU 0.5, label by label. With ``embed`` also
        ``embeddings``, see :meth:`_embed`.
        """
        self.model.eval()
        with self._precision():
            batch = self._batch(images)
            features = self.model.backbone(batch.tensors)
            found = self._found(batch, features, minimum_confidence)
            if not embed:
                return found
            looks = self._embed(batch, features, [entry["boxes"] for entry in found])
            return [{**entry, "embeddings": of_image} for entry, of_image in zip(found, looks, strict=True)]

    def _precision(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.mixed)

    def _batch(self, images: Iterable[torch.Tensor]) -> ImageList:
        transform = self.model.transform  # its own resizing has no anti-aliasing
        plain = [transform.normalize(image.to(self.device).float().div_(255)) for image in images]
        stacked = transform.batch_images(plain, transform.size_divisible)
        if self.device.type == "cpu":
            stacked = stacked.contiguous(memory_format=torch.channels_last)
        return ImageList(stacked, [(image.shape[-2], image.shape[-1]) for image in plain])

    def _losses(self, batch: ImageList, features: Any, targets: Sequence[Target]) -> dict[str, torch.Tensor]:
        placed = [{name: value.to(self.device) for name, value in target.items()} for target in targets]
        proposals, of_proposals = self.model.rpn(batch, features, placed)
        _, of_heads = self.model.roi_heads(features, proposals, batch.image_sizes, placed)
        return {_LOSSES[name]: value for name, value in {**of_heads, **of_proposals}.items()}

    def _found(self, batch: ImageList, features: Any, minimum_confidence: float) -> list[Target]:
        self.model.roi_heads.score_thresh = minimum_confidence
        proposals, _ = self.model.rpn(batch, features, None)
        found, _ = self.model.roi_heads(features, proposals, batch.image_sizes, None)
        return [{name: value.cpu() for name, value in entry.items()} for entry in found]

    def _embed(self, batch: ImageList, features: Any, boxes: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """Return how the boxes of each image look: (n, channels of the pyramid) float16, each of length 1.

        It is the mean of what the head is given of a box, from the level of the pyramid that fits its size. All levels
        go through the same head, so boxes of any size can be compared.
        """
        placed = [of_image.to(self.device) for of_image in boxes]
        regions = self.model.roi_heads.box_roi_pool(features, placed, batch.image_sizes)
        pooled = torch.nn.functional.normalize(regions.float().mean(dim=(2, 3))).cpu().half()
        return list(torch.split(pooled, [len(of_image) for of_image in boxes]))


def aspect_ratios(labels: Sequence[str]) -> tuple[float, ...]:
    """Return the anchors' heights over widths: near square where all labels are balls, else torchvision's."""
    return NEAR_SQUARE if all(label.endswith("ball") for label in labels) else ALL_SHAPES


def _in_full_precision(module: torch.nn.Module, inputs: Any, output: Any) -> Any:
    if isinstance(output, torch.Tensor):
        return output.float()
    if isinstance(output, dict):
        return {name: value.float() for name, value in output.items()}
    return type(output)(_in_full_precision(module, inputs, value) for value in output)
