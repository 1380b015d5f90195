"""Writes video that a browser plays: H.264, yuv420p, MP4 with its index in front."""

from __future__ import annotations

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from courtside.files import atomic_path

# The value 1 stands for BT.709 in each of matrix, primaries and transfer (ITU-T H.273, tables 2–4).
_BT709 = 1


class VideoWriter:
    """A video file in the making; it appears under its name only when the ``with`` block ends well.

    Args:
        path: the file to write, ``.mp4``.
        width: pixels of the images; an odd width is padded by one column, as H.264 wants even sizes.
        height: pixels of the images; an odd height is padded by one row.
        frames_per_second: constant rate.
        crf: quality of x264, 0 (lossless) to 51; 23 is x264's default, 18 is hard to tell from the source.
        preset: speed of x264, ``ultrafast`` to ``veryslow``.
        keyframe_interval: frames between keyframes; fewer make seeking faster and files larger.
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        frames_per_second: Fraction | int,
        crf: int = 23,
        preset: str = "veryfast",
        keyframe_interval: int = 50,
    ) -> None:
        self._path = path
        self._width = width
        self._height = height
        self._rate = Fraction(frames_per_second)
        self._options = {"crf": str(crf), "preset": preset}
        self._keyframe_interval = keyframe_interval
        self._frames = 0
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        temporary = self._exit.enter_context(atomic_path(self._path))
        try:
            self._container = av.open(str(temporary), "w", format="mp4", options={"movflags": "+faststart"})
            stream = self._container.add_stream("libx264", rate=self._rate, options=self._options)
            stream.width = self._width + self._width % 2
            stream.height = self._height + self._height % 2
            stream.pix_fmt = "yuv420p"
            stream.codec_context.gop_size = self._keyframe_interval
            stream.codec_context.time_base = 1 / self._rate
            # Without these, players guess the matrix from the picture's height and shift the colours.
            stream.codec_context.colorspace = _BT709
            stream.codec_context.color_primaries = _BT709
            stream.codec_context.color_trc = _BT709
            stream.codec_context.color_range = ColorRange.MPEG
            self._stream = stream
        except BaseException as error:
            self._exit.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def write(self, image: NDArray[np.uint8]) -> None:
        """Append one image: BGR, shape (height, width, 3), uint8.

        Raises:
            ValueError: when the image has another shape or type than the video.
        """
        if image.shape != (self._height, self._width, 3) or image.dtype != np.uint8:
            wanted = (self._height, self._width, 3)
            raise ValueError(f"the image has shape {image.shape} and type {image.dtype}, not {wanted} and uint8")
        if self._height % 2 or self._width % 2:
            padded = cv2.copyMakeBorder(image, 0, self._height % 2, 0, self._width % 2, cv2.BORDER_REPLICATE)
            image = np.asarray(padded, dtype=np.uint8)
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24").reformat(
            format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        frame.pts = self._frames
        frame.time_base = 1 / self._rate
        self._frames += 1
        self._container.mux(self._stream.encode(frame))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
            self._exit.__exit__(kind, error, trace)
