"""Frames as JPEG, those that come next decoded before they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Self

import cv2

from courtside.errors import UserError
from courtside.review.questions import Key
from courtside.video.random_access import RandomReader

# Videos open at a time; each holds a decoder's pictures.
_OPEN_VIDEOS = 4


@dataclass(frozen=True)
class Picture:
    """A frame as a browser shows it.

    Attributes:
        content: a JPEG, made smaller where the frame is very large.
        size: width and height of the source frame in pixels.
    """

    content: bytes
    size: tuple[int, int]


class Pictures:
    """Reads frames in one thread beside the caller's, and keeps the last ones.

    Args:
        paths: of each video: a file or a folder of images.
        longest_side: of a JPEG, in pixels.
        quality: of the JPEGs, 1–100.
        kept: how many are kept.
    """

    def __init__(
        self, paths: Mapping[str, Path], *, longest_side: int = 1920, quality: int = 90, kept: int = 24
    ) -> None:
        self._paths = paths
        self._longest_side = longest_side
        self._parameters = [cv2.IMWRITE_JPEG_QUALITY, quality]
        self._kept = kept
        self._readers: OrderedDict[str, RandomReader] = OrderedDict()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._lock = Lock()
        self._waiting: OrderedDict[Key, Future[Picture | None]] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading and close the videos."""
        self._worker.shutdown(wait=True, cancel_futures=True)
        while self._readers:
            self._readers.popitem()[1].close()

    def get(self, key: Key) -> Picture | None:
        """Return a frame; None when it is damaged.

        Raises:
            UserError: when the video is missing or cannot be read.
        """
        while True:
            with self._lock:
                if key not in self._waiting:
                    # What was to be prefetched has to wait: a person does not.
                    for other in [other for other, future in self._waiting.items() if future.cancel()]:
                        del self._waiting[other]
                future = self._ask(key)
            try:
                return future.result()
            except CancelledError:  # for the sake of another caller
                continue
            except UserError:
                with self._lock:
                    self._waiting.pop(key, None)  # so that a file which is put back is found
                raise

    def prefetch(self, keys: Sequence[Key]) -> None:
        """Read frames that are likely to be asked for, first one first, without waiting."""
        with self._lock:
            for key in keys:
                self._ask(key)

    def _ask(self, key: Key) -> Future[Picture | None]:
        future = self._waiting.get(key)
        if future is None:
            future = self._waiting[key] = self._worker.submit(self._read, key)
        self._waiting.move_to_end(key)
        while len(self._waiting) > self._kept:
            self._waiting.popitem(last=False)[1].cancel()
        return future

    def _read(self, key: Key) -> Picture | None:
        image = self._reader(key.video).read(key.frame)
        if image is None:
            return None
        height, width = image.shape[:2]
        scale = self._longest_side / max(width, height)
        shown = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else image
        _, content = cv2.imencode(".jpg", shown, self._parameters)
        return Picture(content.tobytes(), (width, height))

    def _reader(self, video: str) -> RandomReader:
        if video not in self._readers:
            while len(self._readers) >= _OPEN_VIDEOS:
                self._readers.popitem(last=False)[1].close()
            self._readers[video] = RandomReader(self._paths[video])
        self._readers.move_to_end(video)
        return self._readers[video]
