"""What a video is, before anybody decodes all of it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from courtside.errors import UserError
from courtside.video.decoder import Decoder, display_size
from courtside.video.images import list_images, read_gray

IMAGES = "images"


@dataclass(frozen=True)
class VideoInfo:
    """Facts about a video.

    Attributes:
        path: the file or the folder of images.
        width: pixels of the first frame as it is shown, after rotation.
        height: pixels of the first frame as it is shown, after rotation.
        frames_per_second: average over the video.
        frames: number of frames that the file really holds, whatever its header says.
        codec: name of the codec, ``images`` for a folder.
        duration_s: seconds from the first frame to the end of the last.
    """

    path: Path
    width: int
    height: int
    frames_per_second: Fraction
    frames: int
    codec: str
    duration_s: float


def probe(path: Path, images_per_second: Fraction | int = 25) -> VideoInfo:
    """Return what a video is; reads all packets, decodes one frame.

    Args:
        path: a video file, or a folder of JPEG or PNG images that are frames in the order of their names.
        images_per_second: the rate of a folder of images, which cannot say it itself.

    Raises:
        UserError: when the path is missing, holds no video, or no frame of it can be decoded.
    """
    if path.is_dir():
        return _probe_images(path, Fraction(images_per_second))
    with Decoder(path) as decoder:
        timeline = decoder.timeline
        first = next(decoder.decode(0), None)
        if first is None:
            raise UserError(f"{path} holds no frame that can be decoded; copy it again")
        width, height = display_size(first[1])
        rate = _average_rate(decoder)
        return VideoInfo(
            path=path,
            width=width,
            height=height,
            frames_per_second=rate,
            frames=timeline.frames,
            codec=decoder.codec,
            duration_s=timeline.time_s(timeline.frames - 1) + float(1 / rate),
        )


def stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what changes when a video is written to: name, bytes and time of each of its files.

    Args:
        path: a video file or a folder of images; empty where there is none.
    """
    files = list_images(path) if path.is_dir() else [path] if path.is_file() else []
    facts = [(file.name, file.stat()) for file in files]
    return tuple((name, fact.st_size, fact.st_mtime_ns) for name, fact in facts)


def _average_rate(decoder: Decoder) -> Fraction:
    declared = decoder.declared_rate
    timeline = decoder.timeline
    if declared is None or not timeline.timed:
        declared = declared or Fraction(25)
    if timeline.timed and timeline.frames > 1:
        span_s = (int(timeline.times[-1]) - int(timeline.times[0])) * timeline.time_base
        measured = Fraction(timeline.frames - 1) / span_s
        # The declared rate is exact (30000/1001) where times are rounded, but wrong in a truncated file.
        if declared is None or abs(measured / declared - 1) > Fraction(1, 100):
            return measured.limit_denominator(1_000_000)
    return declared or Fraction(25)


def _probe_images(folder: Path, rate: Fraction) -> VideoInfo:
    images = list_images(folder)
    first = next((image for image in map(read_gray, images) if image is not None), None)
    if first is None:
        raise UserError(f"{folder} holds no image that can be read; copy its images again")
    height, width = first.shape
    return VideoInfo(
        path=folder,
        width=width,
        height=height,
        frames_per_second=rate,
        frames=len(images),
        codec=IMAGES,
        duration_s=float(len(images) / rate),
    )
