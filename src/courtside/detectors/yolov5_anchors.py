"""The head of YOLOv5's own releases, for detecting with their weights as they are.

Ultralytics rebuilt YOLOv5 with the head of YOLOv8, into which only backbone and neck of the older weights fit. What
these know of COCO's classes is in the head: without it nothing starts from no human label at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

SUFFIX = "_anchors"
"""Ends the names of architectures with this head: ``yolov5n_anchors``."""

_ANCHORS = 3  # shapes a place of a map


class AnchorHead(nn.Module):
    """YOLOv5's head: from every place of every map three boxes, as factors of anchors (release 6, ``models/yolo.py``).

    Its tensors have the names they have in the releases (``anchors`` in strides, ``m.0.weight``, …). It only detects.

    Args:
        channels: of the maps that come in.
        strides: of the maps, in pixels of the input.
        classes: how many there are.
        sources: which layers the maps come from, as Ultralytics numbers them.
        number: of this layer.
    """

    def __init__(
        self, channels: Sequence[int], strides: Sequence[float], classes: int, sources: Sequence[int], number: int
    ) -> None:
        super().__init__()
        self.nc = classes
        self.strides = tuple(strides)
        self.m = nn.ModuleList(nn.Conv2d(count, _ANCHORS * (5 + classes), 1) for count in channels)
        self.register_buffer("anchors", torch.ones(len(channels), _ANCHORS, 2))
        # What Ultralytics reads from every layer.
        self.f, self.i, self.np = list(sources), number, 0
        self.end2end = False

    def forward(self, maps: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return (images, 4 + classes, boxes): centre, width and height in pixels of the input, and scores, 0–1."""
        rows = []
        anchors = self.get_buffer("anchors")
        for convolution, values, stride, shapes in zip(self.m, maps, self.strides, anchors, strict=True):
            images, _, height, width = values.shape
            predicted = convolution(values).view(images, _ANCHORS, 5 + self.nc, height, width).sigmoid()
            y, x = torch.meshgrid(
                torch.arange(height, device=values.device), torch.arange(width, device=values.device), indexing="ij"
            )
            centres = (predicted[:, :, :2] * 2 - 0.5 + torch.stack((x, y))) * stride
            sizes = (predicted[:, :, 2:4] * 2) ** 2 * shapes.view(1, _ANCHORS, 2, 1, 1) * stride
            scores = predicted[:, :, 4:5] * predicted[:, :, 5:]
            found = torch.cat((centres, sizes, scores), 2).permute(0, 2, 1, 3, 4)
            rows.append(found.reshape(images, 4 + self.nc, -1))
        return torch.cat(rows, 2)


def replace_head(model: Any, classes: int) -> None:
    """Put YOLOv5's own head in the place of the one that Ultralytics gave a network.

    Args:
        model: a detection model of Ultralytics, built from one of its ``yolov5*.yaml``.
        classes: how many there are.
    """
    old = model.model[-1]
    channels = [branch[0].conv.in_channels for branch in old.cv2]
    model.model[-1] = AnchorHead(channels, [float(stride) for stride in old.stride], classes, old.f, old.i)
