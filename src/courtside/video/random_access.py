"""Single frames of a video in any order, from a file that stays open."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from courtside.errors import UserError
from courtside.video.decoder import Decoder
from courtside.video.images import list_images, read_image
from courtside.video.reader import upright_bgr


class RandomReader:
    """An open video; opening reads all its packets once, and each frame then costs a seek and what lies behind it.

    For many frames in order :func:`courtside.video.reader.read_selected` is faster. One thread at a time may use it.

    Args:
        path: a video file or a folder of images.

    Raises:
        UserError: when the path is missing or holds no video that can be read.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise UserError(f"{path} does not exist; check the path of the video")
        self._images = list_images(path) if path.is_dir() else None
        self._decoder = None if path.is_dir() else Decoder(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._decoder is not None:
            self._decoder.__exit__(None, None, None)

    def read(self, index: int) -> NDArray[np.uint8] | None:
        """Return a frame as BGR of shape (height, width, 3), uint8, upright; None when damaged or behind the end.

        Args:
            index: its number, from 0.
        """
        if self._images is not None:
            return read_image(self._images[index]) if index < len(self._images) else None
        if self._decoder is None or index >= self._decoder.timeline.frames:
            return None
        found = next(self._decoder.decode(index), None)
        return upright_bgr(found[1]) if found is not None and found[0] == index else None
