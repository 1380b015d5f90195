"""Frames of a video as arrays: in sequence, or chosen ones in one forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from courtside.video.decoder import Decoder, quarter_turns
from courtside.video.images import list_images, read_gray, read_image

OnDamage = Callable[[str], None]
Place = Callable[[int, int], NDArray[np.uint8]]

# Decoding this many frames in vain costs less than a seek, which empties the decoder's pipeline.
_SEEK_WORTH_FRAMES = 24
_IMAGES_PER_SECOND = 25
# The first plane of these is the luma of every pixel, 8 bits each.
_PLANAR_LUMA = frozenset(
    {"gray", "nv12", "nv21"} | {f"yuv{j}{sampling}p" for j in ("", "j") for sampling in (420, 422, 440, 444, 411, 410)}
)


@dataclass(frozen=True)
class Frame:
    """One frame in colour.

    Attributes:
        index: number in the video, from 0, in the order of presentation.
        time_s: seconds from the first frame.
        image: BGR, shape (height, width, 3), uint8, upright (rotation metadata applied).
    """

    index: int
    time_s: float
    image: NDArray[np.uint8]


@dataclass(frozen=True)
class Luma:
    """One frame in shades of grey.

    Attributes:
        index: number in the video, from 0, in the order of presentation.
        time_s: seconds from the first frame.
        image: luma 0–255 (full range), shape (height, width), uint8, upright.
    """

    index: int
    time_s: float
    image: NDArray[np.uint8]


def read_frames(
    path: Path, start: int = 0, stop: int | None = None, *, on_damage: OnDamage | None = None, threads: int = 0
) -> Iterator[Frame]:
    """Yield the frames from ``start`` up to, not including, ``stop``, in colour.

    A frame that cannot be decoded is left out and the others keep their numbers. Frames of another
    size than the first are delivered as they are.

    Args:
        path: a video file, or a folder of images that are frames in the order of their names.
        start: number of the first frame, from 0.
        stop: number after the last frame; None reads to the end.
        on_damage: called with one line for each frame that is left out.
        threads: decoder threads; 0 takes one a core. Give 1 where several processes decode at once.

    Raises:
        UserError: when the path is missing or holds no video that can be read.
    """
    if path.is_dir():
        for index, image in _images(path, range(start, _bound(stop)), read_image, on_damage):
            yield Frame(index, index / _IMAGES_PER_SECOND, image)
        return
    with Decoder(path, threads) as decoder:
        for index, frame in _decode_range(decoder, path, start, stop, on_damage=on_damage):
            yield Frame(index, decoder.timeline.time_s(index), upright_bgr(frame))


def read_luma(
    path: Path,
    start: int = 0,
    stop: int | None = None,
    *,
    on_damage: OnDamage | None = None,
    threads: int = 0,
    place: Place | None = None,
) -> Iterator[Luma]:
    """Yield the frames from ``start`` up to, not including, ``stop``, as luma; the fast way to measure.

    The luma is the stream's own Y', decoded without a detour through colour. Limited range (16–235,
    assumed where the stream does not say) is expanded to 0–255 by ``(y − 16) · 255 / 219``, rounded
    and clipped, as a JPEG of the frame would hold it. Images are read as OpenCV reads them in grey.

    Against ``cv2.cvtColor`` of :func:`read_frames` it is brighter by 1.2 levels on average in BT.601
    video, because FFmpeg's fast conversion to BGR rounds down, and by 2 to 3 in BT.709 video, because
    OpenCV weighs the colours as BT.601 does; single pixels of strong colour differ by up to 19.
    Other arguments and errors are those of :func:`read_frames`.

    Args:
        place: called with the height and the width of each picture; returns the array of that shape, uint8, that
            it is to be written to, such as one that is used again. None makes a new one of each.
    """
    place = place or _new_place
    if path.is_dir():
        for index, image in _images(path, range(start, _bound(stop)), read_gray, on_damage):
            yield Luma(index, index / _IMAGES_PER_SECOND, _placed(image, place))
        return
    with Decoder(path, threads) as decoder:
        for index, frame in _decode_range(decoder, path, start, stop, on_damage=on_damage):
            yield Luma(index, decoder.timeline.time_s(index), _luma(frame, place))


def read_selected(
    path: Path, indices: Sequence[int], *, on_damage: OnDamage | None = None, threads: int = 0
) -> Iterator[Frame]:
    """Yield chosen frames in colour in one forward pass, seeking over long gaps.

    Args:
        path: a video file or a folder of images.
        indices: frame numbers, ascending, each at most once; numbers past the end yield nothing.
        on_damage: called with one line for each chosen frame that cannot be decoded.
        threads: decoder threads; 0 takes one a core.

    Raises:
        UserError: when the path is missing or holds no video that can be read.
        ValueError: when the indices are negative or not ascending.
    """
    wanted = np.asarray(indices, dtype=np.int64)
    if wanted.size and (wanted[0] < 0 or (np.diff(wanted) <= 0).any()):
        raise ValueError("the indices of the frames to read must be ascending and not negative")
    if path.is_dir():
        for index, image in _images(path, wanted.tolist(), read_image, on_damage):
            yield Frame(index, index / _IMAGES_PER_SECOND, image)
        return
    if not wanted.size:
        return
    with Decoder(path, threads) as decoder:
        wanted = wanted[wanted < decoder.timeline.frames]
        for stretch in _stretches(wanted, decoder):
            chosen = set(stretch)
            first, last = stretch[0], stretch[-1]
            for index, frame in _decode_range(decoder, path, first, last + 1, on_damage=on_damage, chosen=chosen):
                yield Frame(index, decoder.timeline.time_s(index), upright_bgr(frame))


def _stretches(wanted: NDArray[np.int64], decoder: Decoder) -> Iterator[list[int]]:
    """Yield the wanted numbers in groups, a new one wherever seeking saves decoding."""
    if not wanted.size:
        return
    keyframes = decoder.timeline.keyframes
    if not keyframes.size:  # damage has taken them all: there is nothing to seek to
        yield wanted.tolist()
        return
    begins = keyframes[np.maximum(np.searchsorted(keyframes, wanted, side="right") - 1, 0)]
    skipped = np.concatenate([[0], begins[1:] - wanted[:-1]])
    for group in np.split(wanted, np.flatnonzero(skipped > _SEEK_WORTH_FRAMES)):
        if group.size:
            yield [int(index) for index in group]


def _decode_range(
    decoder: Decoder,
    path: Path,
    start: int,
    stop: int | None,
    *,
    on_damage: OnDamage | None,
    chosen: set[int] | None = None,
) -> Iterator[tuple[int, VideoFrame]]:
    end = min(decoder.timeline.frames, _bound(stop))
    expected = start
    if start >= end:
        return
    for index, frame in decoder.decode(start):
        reached = min(index, end)
        _tell_missing(path, range(expected, reached), chosen, on_damage)
        expected = max(expected, reached)
        if index >= end:
            return
        if chosen is None or index in chosen:
            yield index, frame
        expected = index + 1
        if expected >= end:
            return
    _tell_missing(path, range(expected, end), chosen, on_damage)


def _tell_missing(path: Path, indices: range, chosen: set[int] | None, on_damage: OnDamage | None) -> None:
    if on_damage is None:
        return
    for index in indices:
        if chosen is None or index in chosen:
            on_damage(f"{path}: frame {index} is damaged and left out")


def _images(
    folder: Path,
    indices: Sequence[int],
    read: Callable[[Path], NDArray[np.uint8] | None],
    on_damage: OnDamage | None,
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    images = list_images(folder)
    for index in indices:
        if index >= len(images):
            return
        image = read(images[index])
        if image is not None:
            yield index, image
        elif on_damage is not None:
            on_damage(f"{images[index]} is damaged and left out")


def upright_bgr(frame: VideoFrame) -> NDArray[np.uint8]:
    """Return a decoded picture as BGR of shape (height, width, 3), uint8, upright (rotation metadata applied)."""
    image = frame.to_ndarray(format="bgr24")
    return np.ascontiguousarray(np.rot90(image, quarter_turns(frame)))


def _luma(frame: VideoFrame, place: Place) -> NDArray[np.uint8]:
    from courtside.video.levels import expand_levels  # brings the compiler; what reads colours needs none

    name = frame.format.name
    plane = frame.planes[0]
    turns = quarter_turns(frame)
    if name not in _PLANAR_LUMA or plane.line_size <= 0:
        shades = cv2.cvtColor(frame.to_ndarray(format="bgr24"), cv2.COLOR_BGR2GRAY)
        return _placed(np.rot90(np.asarray(shades, dtype=np.uint8), turns), place)
    rows = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(-1, plane.line_size)
    image = np.rot90(rows[: frame.height, : frame.width], turns)
    if name.startswith(("yuvj", "gray")) or frame.color_range == ColorRange.JPEG:
        return _placed(image, place)
    target = place(*image.shape)
    expand_levels(image, target)
    return target


def _placed(image: NDArray[np.uint8], place: Place) -> NDArray[np.uint8]:
    target = place(*image.shape)
    np.copyto(target, image)
    return target


def _new_place(height: int, width: int) -> NDArray[np.uint8]:
    return np.empty((height, width), dtype=np.uint8)


def _bound(stop: int | None) -> int:
    return 2**62 if stop is None else stop
