"""A folder of images as a video: the files sorted by name, one frame each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from courtside.errors import UserError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})


def list_images(folder: Path) -> list[Path]:
    """Return the JPEG and PNG files of a folder, sorted by name; image *i* is frame *i*.

    Raises:
        UserError: when the folder holds no image.
    """
    images = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not images:
        raise UserError(f"{folder} holds no .jpg or .png image; name a folder of frames or a video file")
    return images


def read_image(path: Path) -> NDArray[np.uint8] | None:
    """Return an image as BGR of shape (height, width, 3), uint8; None when it is damaged or gone."""
    return _decode(path, cv2.IMREAD_COLOR)


def read_gray(path: Path) -> NDArray[np.uint8] | None:
    """Return an image as luma of shape (height, width), uint8; None when it is damaged or gone."""
    return _decode(path, cv2.IMREAD_GRAYSCALE)


def sizes(images: Sequence[Path]) -> list[tuple[int, int]]:
    """Return width and height of each image, in pixels; (1, 1) for one that is damaged."""
    found = (read_gray(path) for path in images)
    return [(1, 1) if image is None else (image.shape[1], image.shape[0]) for image in found]


def _decode(path: Path, mode: int) -> NDArray[np.uint8] | None:
    try:
        content = np.fromfile(path, dtype=np.uint8)
        image = cv2.imdecode(content, mode) if content.size else None
    except (OSError, cv2.error):
        return None
    return None if image is None else np.asarray(image, dtype=np.uint8)
