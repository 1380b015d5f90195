"""What is measured of every frame, in one pass over the video and without keeping a picture."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.errors import UserError
from courtside.executor import cores, map_in_processes
from courtside.quality.fingerprints import difference_hash, quarter, signature
from courtside.quality.shots import shot_numbers
from courtside.quality.similarity import NEXT, similarity_to_next
from courtside.video.reader import Luma, Place, read_luma
from courtside.video.source import probe

Report = Callable[[int, int], None]

# Frames compared together, fewer where they are large: with those before them they are all that is held in memory.
_BATCH_FRAMES = 16
_LEAST_FRAMES = 6
_BATCH_BYTES = 24 << 20
# A range of its own for a process: long against the frames decoded in vain before its first one.
_RANGE_FRAMES = 1000


@dataclass(frozen=True)
class _Range:
    path: Path
    start: int
    stop: int
    threads: int
    measuring_threads: int = 1


@dataclass(frozen=True)
class _Measured:
    frame: NDArray[np.int32]
    time_s: NDArray[np.float64]
    light: NDArray[np.float64]
    similarity: NDArray[np.float64]
    hashes: list[bytes]
    signatures: NDArray[np.uint8]
    damage: list[str]


def light(luma: NDArray[np.uint8]) -> tuple[float, float, float]:
    """Return sharpness, mean and variance of a picture.

    Sharpness is the variance of the Laplacian, ``cv2.Laplacian(luma, cv2.CV_64F).var()``; low is blurred. The
    measure of Pech-Pacheco, Cristóbal, Chamorro-Martínez and Fernández-Valdivia, "Diatom autofocusing in
    brightfield microscopy" (2000). Sums are of integers, so the results are exact.

    Args:
        luma: shape (height, width), uint8.
    """
    from courtside.quality.pixel_sums import add_pixel_sums  # brings the compiler; stages that only judge need none

    totals = np.zeros(4, dtype=np.int64)
    add_pixel_sums(luma, totals)
    edges, edges_squared, total, squared = (int(value) for value in totals)
    pixels = luma.size
    square = pixels * pixels
    sharpness = (pixels * edges_squared - edges * edges) / square
    return sharpness, total / pixels, (pixels * squared - total * total) / square


def measure_video(
    path: Path,
    *,
    workers: int | None = None,
    parallel_above: int = 2000,
    report: Report | None = None,
    on_damage: Callable[[str], None] | None = None,
) -> pl.DataFrame:
    """Measure every frame of a video that can be decoded.

    Args:
        path: a video file or a folder of images.
        workers: processes for a long video, threads for a short one; None takes one a core.
        parallel_above: videos of more frames than this are measured in several processes.
        report: called with (frames done, frames in all).
        on_damage: called with one line for each frame that cannot be decoded; it has no row.

    Returns:
        Columns ``frame`` (int32), ``time_s``, ``shot`` (int32), ``blur``, ``brightness``, ``variance``,
        ``ssim_1`` to ``ssim_3`` (null where the video ends, or the picture size changes, before) and
        ``hash``, as in :mod:`courtside.frames`. "Next" frames are the next that can be decoded.

    Raises:
        UserError: when the video cannot be read or no frame of it can be decoded.
    """
    total = probe(path).frames
    count = min(cores() if workers is None else workers, -(-total // _RANGE_FRAMES))
    if total <= parallel_above or count <= 1:
        threads = cores() if workers is None else workers
        parts = [_measure_range(_Range(path, 0, total, threads=0, measuring_threads=threads), report)]
    else:
        ranges = [
            _Range(path, start, min(start + _RANGE_FRAMES, total), threads=1)
            for start in range(0, total, _RANGE_FRAMES)
        ]

        def report_frames(done: int, of: int) -> None:
            if report is not None:
                report(min(total, done * _RANGE_FRAMES) if done < of else total, total)

        parts = map_in_processes(_measure_range, ranges, workers=count, report=report_frames)
    if on_damage is not None:
        for line in (line for part in parts for line in part.damage):
            on_damage(line)
    # Damage may cost all frames of a range, which then has no thumbnails to join with those of others.
    readable = [part for part in parts if len(part.frame)]
    if not readable:
        raise UserError(f"{path} holds no frame that can be decoded; copy it again")
    return _table(readable)


def _table(parts: Sequence[_Measured]) -> pl.DataFrame:
    similarity = np.concatenate([part.similarity for part in parts])
    light = np.concatenate([part.light for part in parts])
    columns: dict[str, object] = {
        "frame": np.concatenate([part.frame for part in parts]),
        "time_s": np.concatenate([part.time_s for part in parts]),
        "shot": shot_numbers(np.concatenate([part.signatures for part in parts])),
        "blur": light[:, 0],
        "brightness": light[:, 1],
        "variance": light[:, 2],
    }
    columns |= {f"ssim_{distance}": similarity[:, distance - 1] for distance in range(1, NEXT + 1)}
    columns["hash"] = pl.Series([value for part in parts for value in part.hashes], dtype=pl.Binary)
    return pl.DataFrame(columns).with_columns(pl.col("^ssim_.$").fill_nan(None))


def _measure_range(part: _Range, report: Report | None = None) -> _Measured:
    """Measure the frames of a range; the frames after it are decoded to compare with."""
    damage: list[str] = []
    rows: list[tuple[int, float, float, float, float]] = []
    hashes: list[bytes] = []
    signatures: list[NDArray[np.uint8]] = []
    threads_before = cv2.getNumThreads()
    cv2.setNumThreads(1)  # the pieces of work are small; OpenCV's threads would only wait for one another
    try:
        with _Similarities(part.measuring_threads) as similarities:
            for luma in _lumas(part, damage, similarities.place):
                if luma.index < part.stop:  # while it is in the cache
                    rows.append((luma.index, luma.time_s, *light(luma.image)))
                    small = quarter(luma.image)
                    hashes.append(difference_hash(small))
                    signatures.append(signature(small))
                    if report is not None and len(rows) % _BATCH_FRAMES == 0:
                        report(luma.index + 1, part.stop)
                similarities.add()
            similarity = similarities.finish()[: len(rows)]
    finally:
        cv2.setNumThreads(threads_before)
    if report is not None and rows:
        report(rows[-1][0] + 1, part.stop)
    values = np.array(rows, dtype=np.float64).reshape(-1, 5)
    return _Measured(
        frame=values[:, 0].astype(np.int32),
        time_s=values[:, 1],
        light=values[:, 2:],
        similarity=similarity,
        hashes=hashes,
        signatures=np.stack(signatures) if signatures else np.empty((0, 0), dtype=np.uint8),
        damage=damage,
    )


class _Similarities:
    """The similarity of each frame to the next, worked out batch by batch while the frames come in.

    They are written to memory that is used again and again; the last ones of a batch are copied to the next one.

    Args:
        threads: batches that are worked on at once (outside Python) while more frames come in; with 1, each is
            worked on as soon as it is full.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self._running: deque[tuple[int, Future[NDArray[np.float64]], NDArray[np.uint8]]] = deque()
        self._done: list[tuple[int, NDArray[np.float64]]] = []
        self._free: list[NDArray[np.uint8]] = []
        self._batch: NDArray[np.uint8] = np.empty((0, 0, 0), dtype=np.uint8)
        self._filled = self._known = self._frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def place(self, height: int, width: int) -> NDArray[np.uint8]:
        """Return where to write the next frame, of this size; it is not compared with frames of another size."""
        if self._batch.shape[1:] != (height, width):
            self._compare()
            self._batch = self._room((height, width))
            self._filled = self._known = 0
        place: NDArray[np.uint8] = self._batch[self._filled]
        return place

    def add(self) -> None:
        """Take the frame that has been written to the last place."""
        self._filled += 1
        self._frames += 1
        if self._filled == len(self._batch):
            self._compare()
            last = self._batch[-NEXT:]
            self._batch = self._room(last.shape[1:])
            self._batch[:NEXT] = last
            self._filled = self._known = NEXT

    def finish(self) -> NDArray[np.float64]:
        """Return the similarity of every frame to the first, second and third after it, shape (frames, 3)."""
        self._compare()
        while self._running:
            self._collect()
        similarity = np.full((self._frames, NEXT), np.nan)
        for first, part in self._done:
            np.copyto(similarity[first : first + len(part)], part, where=~np.isnan(part))
        return similarity

    def _compare(self) -> None:
        if self._filled == self._known:
            return
        first, frames = self._frames - self._filled, self._batch[: self._filled]
        if self._pool is None:
            self._done.append((first, similarity_to_next(frames, known=self._known)))
            self._free.append(self._batch)
        else:
            future = self._pool.submit(similarity_to_next, frames, known=self._known)
            self._running.append((first, future, self._batch))
            if len(self._running) > self._threads:
                self._collect()

    def _collect(self) -> None:
        first, future, batch = self._running.popleft()
        self._done.append((first, future.result()))
        self._free.append(batch)

    def _room(self, size: tuple[int, ...]) -> NDArray[np.uint8]:
        """Return memory for a batch of pictures of a height and width."""
        self._free = [batch for batch in self._free if batch.shape[1:] == size]
        if self._free:
            return self._free.pop()
        frames = max(_LEAST_FRAMES, min(_BATCH_FRAMES, _BATCH_BYTES // (size[0] * size[1])))
        return np.empty((NEXT + frames, *size), dtype=np.uint8)


def _lumas(part: _Range, damage: list[str], place: Place) -> Iterator[Luma]:
    """Yield the frames of a range and the few after it that its last ones are compared with."""
    beyond = 0
    reached = part.start

    def tell(line: str) -> None:
        # Frames come in order, delivered or told; what lies beyond is for the next range to tell.
        nonlocal reached
        if reached < part.stop:
            damage.append(line)
        reached += 1

    for luma in read_luma(part.path, part.start, on_damage=tell, threads=part.threads, place=place):
        reached = luma.index + 1
        beyond += luma.index >= part.stop
        yield luma
        if beyond == NEXT:
            return
