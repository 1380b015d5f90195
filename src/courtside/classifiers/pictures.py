"""Frames as a classifier sees them: whole, stretched to a square."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.video.reader import read_selected


def shrink(image: NDArray[np.uint8], image_size: int) -> NDArray[np.uint8]:
    """Return a BGR picture of any shape as ``(image_size, image_size, 3)``, stretched.

    Stretching keeps every pixel of the frame in view; a centre crop, as classifiers usually take, would
    cut off a ball near the side line.
    """
    return np.asarray(cv2.resize(image, (image_size, image_size), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def stream(
    frames: pl.DataFrame, paths: Mapping[str, Path], image_size: int
) -> Iterator[tuple[str, int, NDArray[np.uint8]]]:
    """Yield video, number and picture of each frame, read from the videos in one pass each.

    Args:
        frames: ``video`` and ``frame``, in any order, each at most once.
        paths: where each video is.
        image_size: side of the pictures in pixels.

    Yields:
        Videos in the order in which they appear, the frames of each ascending. A frame that cannot be decoded is left
        out.
    """
    for (video,), rows in frames.partition_by("video", as_dict=True, maintain_order=True).items():
        for frame in read_selected(paths[str(video)], rows["frame"].sort().to_list()):
            yield str(video), frame.index, shrink(frame.image, image_size)


def store(
    frames: pl.DataFrame,
    paths: Mapping[str, Path],
    image_size: int,
    target: Path,
    report: Callable[[int, int], None] | None = None,
) -> tuple[NDArray[np.uint8], pl.DataFrame]:
    """Read frames into a file that training draws from without holding it in memory.

    Args:
        frames: ``video`` and ``frame``, each at most once, and any other columns.
        paths: where each video is.
        image_size: side of the pictures in pixels.
        target: the ``.npy`` file, written anew.
        report: called with frames done and frames in all.

    Returns:
        The pictures, (n, image_size, image_size, 3) uint8, as a memory map of ``target``, and the rows of ``frames``
        that they are, in their order: those that could be decoded.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    shape = (frames.height, image_size, image_size, 3)
    pictures = np.lib.format.open_memmap(target, mode="w+", dtype=np.uint8, shape=shape)
    read: list[tuple[str, int]] = []
    for video, frame, picture in stream(frames, paths, image_size):
        pictures[len(read)] = picture
        read.append((video, frame))
        if report:
            report(len(read), frames.height)
    pictures.flush()
    key = pl.DataFrame(read, schema={"video": pl.String, "frame": frames.schema["frame"]}, orient="row")
    return pictures[: len(read)], key.join(frames, on=["video", "frame"], how="left", maintain_order="left")
