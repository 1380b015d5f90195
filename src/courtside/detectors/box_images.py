"""A dataset folder in YOLO form as pictures with boxes, at the size of a network's input."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import Dataset

from courtside.detectors.augmentation import augment
from courtside.errors import UserError
from courtside.formats.fields import read_lines
from courtside.formats.yolo import read_line
from courtside.video.images import list_images, read_image

Example = tuple[torch.Tensor, dict[str, torch.Tensor]]


class BoxImages(Dataset[Example | UserError]):
    """The pictures of one split, each with its boxes.

    An item is the picture, RGB, (3, height, width) uint8, its longer side ``image_size``, and ``boxes`` (n, 4) float32,
    x1, y1, x2, y2 in its pixels, with ``labels`` (n,) int64, from 1; n is 0 for background. A picture that cannot be
    read is a UserError to raise, because one that crosses processes would lose its one line.

    Args:
        dataset: folder with ``images/{train,val}`` and ``labels/{train,val}``.
        split: ``train`` or ``val``.
        labels: number of classes.
        image_size: longer side, in pixels.
        scale: of the zoom of augmented pictures; None augments nothing.
        seed: of the augmentation.

    Raises:
        UserError: when a folder or label file is missing, or a line is no box of a known class.
    """

    def __init__(
        self, dataset: Path, split: str, labels: int, image_size: int, scale: float | None = None, seed: int = 0
    ) -> None:
        if not (dataset / "images" / split).is_dir():
            raise UserError(f"{dataset / 'images' / split} does not exist; run `dvc repro` to make the dataset")
        self._images = list_images(dataset / "images" / split)
        self._boxes = [_read_labels(dataset / "labels" / split / f"{image.stem}.txt", labels) for image in self._images]
        self._image_size, self._scale, self._seed = image_size, scale, seed
        self.epoch = 0
        """Which pass this is: each augments anew, whichever process reads and wherever the training began again."""

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> Example | UserError:
        """Return a picture and its boxes."""
        content = read_image(self._images[index])
        if content is None:
            return UserError(f"{self._images[index]} is damaged or gone; run `dvc repro` to write the dataset again")
        image = to_tensor(fit(content, self._image_size))
        height, width = image.shape[-2:]
        shares = torch.from_numpy(self._boxes[index])
        boxes = shares[:, 1:].float() * torch.tensor([width, height] * 2, dtype=torch.float32)
        numbers = shares[:, 0].long() + 1
        if self._scale is not None:
            random = np.random.default_rng([self._seed, self.epoch, index])
            image, boxes, kept = augment(image, boxes, self._scale, random)
            numbers = numbers[kept]
        return image, {"boxes": boxes, "labels": numbers}


def fit(image: NDArray[np.uint8], image_size: int) -> NDArray[np.uint8]:
    """Return a picture (height, width, 3) whose longer side is ``image_size`` pixels."""
    height, width = image.shape[:2]
    factor = image_size / max(height, width)
    if factor == 1:
        return image
    size = max(1, round(width * factor)), max(1, round(height * factor))
    result = cv2.resize(image, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    return np.asarray(result, dtype=np.uint8)


def to_tensor(image: NDArray[np.uint8]) -> torch.Tensor:
    """Return a BGR picture (height, width, 3) as RGB (3, height, width), uint8."""
    return torch.from_numpy(np.ascontiguousarray(image[..., ::-1])).permute(2, 0, 1)


def _read_labels(path: Path, labels: int) -> NDArray[np.float64]:
    """Return class and x1, y1, x2, y2 as shares of the picture, one row a box, (n, 5)."""
    rows = []
    for place, line in enumerate(read_lines(path, "the label file of an image"), start=1):
        if line.strip():
            where = f"{path}, line {place}"
            number, _, corners = read_line(line.split(), where)
            if not 0 <= number < labels:
                raise UserError(f"{where}: class {number} is outside 0–{labels - 1}; write the dataset again")
            x1, y1, x2, y2 = np.clip(corners, 0, 1)
            if x1 < x2 and y1 < y2:
                rows.append([number, x1, y1, x2, y2])
    return np.array(rows, dtype=np.float64).reshape(-1, 5)
