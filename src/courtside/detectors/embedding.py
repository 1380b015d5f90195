"""How a box looks to the network that found it: its feature maps, averaged over the box."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.ops import roi_align


def pool(maps: Sequence[torch.Tensor], corners: NDArray[np.float32], width: int, height: int) -> NDArray[np.float16]:
    """Return one embedding a box: the mean of each map inside it, side by side.

    Every map's part has length 1 before all are put together, so that maps with larger numbers do not drown the
    others, and so has the whole: the product of two embeddings is the cosine of the angle between them. Regions are
    averaged without rounding them to cells (He et al. 2017, "Mask R-CNN", section 3, RoIAlign): a ball is often smaller
    than a cell.

    Args:
        maps: of one picture, each (channels, rows, columns); all show the same region, whatever their resolution.
        corners: (n, 4) float32, x1, y1, x2, y2 in pixels of that region.
        width: of the region, in pixels.
        height: of the region, in pixels.

    Returns:
        (n, channels of all maps) float16.
    """
    parts = []
    for level in maps:
        rows, columns = level.shape[-2:]
        scale = np.array([columns / width, rows / height] * 2, dtype=np.float32)
        regions = torch.from_numpy(corners * scale).to(level.device)
        values = level[None].float().contiguous()
        pooled = roi_align(values, [regions], output_size=1, sampling_ratio=-1, aligned=True)
        parts.append(torch.nn.functional.normalize(pooled.flatten(1)))
    whole = torch.nn.functional.normalize(torch.cat(parts, dim=1))
    result: NDArray[np.float16] = whole.cpu().numpy().astype(np.float16)
    return result
