"""Pictures of any size in a frame of a given one: scaled evenly, black where nothing is left to show (letterbox)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Fit:
    """Where a picture lies in a larger or smaller one.

    Attributes:
        width: pixels of the whole.
        height: pixels of the whole.
        left: columns before the picture.
        top: rows above it.
        inner_width: pixels of the picture as it is shown.
        inner_height: pixels of the picture as it is shown.
        scale: how many pixels of the whole a pixel of the picture becomes.
    """

    width: int
    height: int
    left: int
    top: int
    inner_width: int
    inner_height: int
    scale: float

    @classmethod
    def of(cls, picture_width: int, picture_height: int, width: int, height: int) -> Self:
        """Fit a picture into a frame, as large as it goes, in the middle."""
        scale = min(width / picture_width, height / picture_height)
        inner_width, inner_height = max(1, round(picture_width * scale)), max(1, round(picture_height * scale))
        left, top = (width - inner_width) // 2, (height - inner_height) // 2
        return cls(width, height, left, top, inner_width, inner_height, scale)

    def picture(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return an image, BGR, uint8, in its frame: shape (height, width, 3)."""
        inner = (self.inner_width, self.inner_height)
        if (image.shape[1], image.shape[0]) != inner:
            way = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_CUBIC
            image = np.asarray(cv2.resize(image, inner, interpolation=way), dtype=np.uint8)
        if inner == (self.width, self.height):
            return image
        whole = np.zeros((self.height, self.width, 3), dtype=np.uint8)
        whole[self.top : self.top + self.inner_height, self.left : self.left + self.inner_width] = image
        return whole

    def corners(self, corners: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return boxes of the picture, corners (n, 4), as they lie in the frame."""
        moved: NDArray[np.float64] = corners * self.scale + np.array([self.left, self.top, self.left, self.top])
        return moved
