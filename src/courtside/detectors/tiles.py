"""Detection in overlapping tiles at native resolution, for balls that are lost when the whole picture is shrunk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import tee
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.ops import batched_nms

from courtside.detectors.protocol import Detections, Detector, Epoch, FitSettings
from courtside.detectors.wrapped import WrappedDetector
from courtside.errors import UserError
from courtside.video.reader import Frame
from courtside.video.tiling import Region, regions

MERGE_IOU = 0.5
"""Of two boxes of a label that overlap more, from whichever tile, the one with the higher score stays."""

_AT_EDGE_PX = 2.0
_SHARE_OF_PIECE = 0.7
_SCORE_OF_WHOLE = 0.5


class TiledDetector(WrappedDetector):
    """Another detector, asked about tiles of each frame and about the whole frame.

    Slicing aided inference (Akyon et al. 2022, "Slicing Aided Hyper Inference and Fine-tuning for Small Object
    Detection", section 3): tiles that overlap go through the network at their own resolution, the whole frame as ever,
    and the boxes of all are merged by non-maximum suppression, class by class. The overlap should be no less than the
    largest ball, so that each is whole in one tile at least; what is larger is found in the whole frame. Pieces cut by
    a tile's inner edge go where the whole is found too.

    It learns, is saved and is loaded as the detector it wraps: on whole pictures.

    Args:
        detector: the detector that is asked.
        side: side of the square tiles, in pixels of the frame.
        overlap: of neighbouring tiles, in pixels; at most half of ``side``.

    Raises:
        UserError: when the overlap is negative or more than half of the side.
    """

    def __init__(self, detector: Detector, side: int, overlap: int) -> None:
        if not 0 <= overlap <= side // 2:
            raise UserError(f"detector.tile_overlap: {overlap} is outside 0–{side // 2}, half of detector.tile_size")
        super().__init__(detector)
        self.side = side
        self.overlap = overlap

    @property
    def labels(self) -> tuple[str, ...]:
        """The wrapped detector's."""
        return self.detector.labels

    def fit(
        self,
        dataset: Path,
        settings: FitSettings,
        work: Path,
        on_epoch: Callable[[Epoch], None],
        on_batch: Callable[[int, int], None] | None = None,
    ) -> list[Epoch]:
        """Train the wrapped detector, on whole pictures."""
        return self.detector.fit(dataset, settings, work, on_epoch, on_batch)

    def save(self, path: Path) -> None:
        """Write the wrapped detector's weights, atomically."""
        self.detector.save(path)

    def predict(
        self,
        frames: Iterable[Frame],
        minimum_confidence: float,
        image_size: int | None = None,
        *,
        embed: bool = False,
    ) -> Iterator[Detections]:
        """Yield the detections of each frame, in order; a frame no larger than a tile is looked at once.

        Args:
            frames: any number of frames.
            minimum_confidence: boxes below are left out, 0–1.
            image_size: longer side of the input for whole frames; None takes the detector's. Tiles keep their size.
            embed: also say how each box looks where it was found, in a tile or in the whole frame. Tiles show things
                larger, so the two are not quite alike.
        """
        frames, whole, cut = tee(frames, 3)
        of_frames = self.detector.predict(whole, minimum_confidence, image_size, embed=embed)
        of_tiles = self.detector.predict(self._tiles(cut), minimum_confidence, self.side, embed=embed)
        for frame, found in zip(frames, of_frames, strict=True):
            height, width = frame.image.shape[:2]
            pieces = [(region, next(of_tiles)) for region in regions(width, height, self.side, self.overlap)]
            yield merge(found, pieces, width, height) if pieces else found

    def _tiles(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            height, width = frame.image.shape[:2]
            for x1, y1, x2, y2 in regions(width, height, self.side, self.overlap):
                yield Frame(frame.index, frame.time_s, np.ascontiguousarray(frame.image[y1:y2, x1:x2]))


def merge(whole: Detections, pieces: Iterable[tuple[Region, Detections]], width: int, height: int) -> Detections:
    """Return the boxes of a frame and of its tiles as one set, each object once.

    A box that ends at a tile's inner edge is a piece of something, and goes where a box of the same label that does not
    end there covers most of it and has at least half its score. Then non-maximum suppression, label by label.

    Embeddings go along where all have them.

    Args:
        whole: what was found on the whole frame, corners in its pixels.
        pieces: each tile, in pixels of the frame, with what was found on it, corners in pixels of the tile.
        width: of the frame, in pixels.
        height: of the frame, in pixels.
    """
    corners, scores, classes = [whole.corners], [whole.scores], [whole.classes]
    embeddings = [whole.embeddings]
    ends = [np.zeros(len(whole.scores), dtype=np.bool_)]
    for (x1, y1, x2, y2), found in pieces:
        placed = found.corners + np.array([x1, y1, x1, y1], dtype=np.float32)
        inner = np.array([x1 > 0, y1 > 0, x2 < width, y2 < height])
        ends.append((inner & (np.abs(placed - np.array([x1, y1, x2, y2])) <= _AT_EDGE_PX)).any(axis=1))
        corners.append(placed)
        scores.append(found.scores)
        classes.append(found.classes)
        embeddings.append(found.embeddings)
    boxes, score, label = np.concatenate(corners), np.concatenate(scores), np.concatenate(classes)
    left = ~_is_piece(boxes, score, label, np.concatenate(ends))
    boxes, score, label = boxes[left], score[left], label[left]
    known = [some for some in embeddings if some is not None]
    kept = batched_nms(torch.from_numpy(boxes), torch.from_numpy(score), torch.from_numpy(label), MERGE_IOU).numpy()
    looks = np.concatenate(known)[left][kept] if len(known) == len(embeddings) else None
    return Detections(whole.frame, boxes[kept], score[kept], label[kept], looks)


def _is_piece(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], classes: NDArray[np.int64], ends: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which boxes end at an inner edge while one that does not covers most of them, shape (n,)."""
    a, b = boxes[ends, None, :], boxes[None, ~ends, :]
    shared = np.clip(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0, None).prod(axis=2)
    area = (a[..., 2:] - a[..., :2]).prod(axis=2)
    covered = (shared >= _SHARE_OF_PIECE * area) & (classes[ends, None] == classes[None, ~ends])
    covered &= scores[None, ~ends] >= _SCORE_OF_WHOLE * scores[ends, None]
    result = ends.copy()
    result[ends] = covered.any(axis=1)
    return result
