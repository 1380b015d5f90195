"""Training pictures made more various without losing a box."""

from __future__ import annotations

import numpy as np
import torch
from torchvision.transforms.v2 import functional

FLIPPED = 0.5
"""Share of pictures that are mirrored."""
_COLOR = 0.2
_VISIBLE = 0.3


def augment(
    image: torch.Tensor, boxes: torch.Tensor, scale: float, random: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Mirror, zoom and tint a picture; its size stays.

    The zoom shows a window of the picture larger, or the picture smaller on black. The window lies so that every box
    is in it whole, as in "bounding box safe" crops; where the boxes lie too far apart for that, those stay of which at
    least 0.3 of the area is in view. Brightness, contrast and saturation change by up to 20 %.

    Args:
        image: RGB, (3, height, width) uint8.
        boxes: (n, 4) float32, x1, y1, x2, y2 in pixels.
        scale: greatest share by which the zoom differs from 1, 0–1.
        random: what decides; the same state gives the same picture.

    Returns:
        The picture, the boxes still in view, and which of the boxes given they are, (n,) bool.
    """
    height, width = image.shape[-2:]
    if random.random() < FLIPPED:
        image = functional.horizontal_flip(image)
        boxes = torch.stack((width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]), dim=1)
    for change in (functional.adjust_brightness, functional.adjust_contrast, functional.adjust_saturation):
        image = change(image, float(random.uniform(1 - _COLOR, 1 + _COLOR)))
    size = np.array([width, height])
    shown = np.maximum(np.round(size / random.uniform(max(1 - scale, 0.1), 1 + scale)), 1).astype(int)
    left, top = (
        _start(int(length), int(of_window), boxes[:, [axis, axis + 2]].numpy(), random)
        for axis, (length, of_window) in enumerate(zip(size, shown, strict=True))
    )
    image = functional.resized_crop(image, top, left, int(shown[1]), int(shown[0]), [height, width], antialias=True)
    factor = torch.tensor(size / shown, dtype=torch.float32).repeat(2)
    moved = (boxes - torch.tensor([left, top, left, top], dtype=torch.float32)) * factor
    cut = torch.minimum(moved.clamp(min=0), torch.tensor([width, height] * 2, dtype=torch.float32))
    sides, whole = (cut[:, 2:] - cut[:, :2]).clamp(min=0), moved[:, 2:] - moved[:, :2]
    kept = (sides.prod(1) >= _VISIBLE * whole.prod(1)) & (sides > 0).all(1)
    return image, cut[kept], kept


def _start(length: int, window: int, edges: np.ndarray, random: np.random.Generator) -> int:
    """Return where a window begins along one side of the picture, with all boxes in it where they fit."""
    low, high = sorted((0, length - window))  # a window longer than the picture begins before it
    if len(edges):
        first, last = int(np.ceil(edges.max() - window)), int(np.floor(edges.min()))
        if max(low, first) <= min(high, last):
            low, high = max(low, first), min(high, last)
    return int(random.integers(low, high + 1))
