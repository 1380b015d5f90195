"""What is measured of every frame, in one pass over the video and without keeping a picture."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.errors import UserError
from courtside.executor import cores, map_in_processes
from courtside.quality.fingerprints import difference_hash, quarter, signature
from courtside.quality.shots import shot_numbers
from courtside.quality.similarity import NEXT, similarity_to_next
from courtside.video.reader import Luma, read_luma
from courtside.video.source import probe

Report = Callable[[int, int], None]

# Frames measured together; they are all that is held in memory, and fewer of them where they are large.
_BATCH_FRAMES = 32
_BATCH_BYTES = 48 << 20
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


@dataclass(frozen=True)
class _Batch:
    rows: NDArray[np.float64]
    similarity: NDArray[np.float64]
    hashes: list[bytes]
    signatures: list[NDArray[np.uint8]]


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
    measured: list[_Batch] = []
    threads_before = cv2.getNumThreads()
    cv2.setNumThreads(1)  # the pieces of work are small; OpenCV's threads would only wait for one another
    try:
        for done in _measure_batches(_batches(_lumas(part, damage), part.stop), part.measuring_threads):
            measured.append(done)
            if report is not None and len(done.rows):
                report(int(done.rows[-1, 0]) + 1, part.stop)
    finally:
        cv2.setNumThreads(threads_before)
    values = np.concatenate([batch.rows for batch in measured]) if measured else np.empty((0, 5))
    return _Measured(
        frame=values[:, 0].astype(np.int32),
        time_s=values[:, 1],
        light=values[:, 2:],
        similarity=np.concatenate([batch.similarity for batch in measured]) if measured else np.empty((0, NEXT)),
        hashes=[value for batch in measured for value in batch.hashes],
        signatures=np.stack([value for batch in measured for value in batch.signatures])
        if measured
        else np.empty((0, 0), dtype=np.uint8),
        damage=damage,
    )


def _measure_batches(batches: Iterator[tuple[list[Luma], int]], threads: int) -> Iterator[_Batch]:
    """Measure batches in threads (the work is done outside Python) while the next ones are decoded; in order."""
    if threads == 1:
        yield from (_measure_batch(batch, own) for batch, own in batches)
        return
    waiting: deque[Future[_Batch]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for batch, own in batches:
            waiting.append(pool.submit(_measure_batch, batch, own))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _measure_batch(batch: list[Luma], own: int) -> _Batch:
    """Measure the first ``own`` frames of a batch."""
    rows, hashes, signatures = [], [], []
    for luma in batch[:own]:
        image = luma.image
        rows.append((luma.index, luma.time_s, *light(image)))
        small = quarter(image)
        hashes.append(difference_hash(small))
        signatures.append(signature(small))
    return _Batch(np.array(rows, dtype=np.float64).reshape(-1, 5), _similarity(batch)[:own], hashes, signatures)


def _lumas(part: _Range, damage: list[str]) -> Iterator[Luma]:
    """Yield the frames of a range and the few after it that its last ones are compared with."""
    beyond = 0
    reached = part.start

    def tell(line: str) -> None:
        # Frames come in order, delivered or told; what lies beyond is for the next range to tell.
        nonlocal reached
        if reached < part.stop:
            damage.append(line)
        reached += 1

    for luma in read_luma(part.path, part.start, on_damage=tell, threads=part.threads):
        reached = luma.index + 1
        beyond += luma.index >= part.stop
        yield luma
        if beyond == NEXT:
            return


def _batches(lumas: Iterator[Luma], stop: int) -> Iterator[tuple[list[Luma], int]]:
    """Yield overlapping lists of frames and how many at the front of each are to be measured."""
    batch: list[Luma] = []
    for luma in lumas:
        batch.append(luma)
        if len(batch) >= NEXT + max(4, min(_BATCH_FRAMES, _BATCH_BYTES // luma.image.size)):
            yield batch, sum(frame.index < stop for frame in batch[:-NEXT])
            batch = batch[-NEXT:]
    own = sum(luma.index < stop for luma in batch)
    if own:
        yield batch, own


def _similarity(batch: Sequence[Luma]) -> NDArray[np.float64]:
    """Return the similarity of each frame to the next; pictures of different sizes have none."""
    runs = groupby((luma.image for luma in batch), key=lambda image: image.shape)
    return np.concatenate([similarity_to_next(list(images)) for _, images in runs])
