"""Cuts a video into clips without touching a single compressed picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from courtside.errors import UserError
from courtside.files import atomic_path
from courtside.video.container import open_video, read_packets
from courtside.video.decoder import Decoder
from courtside.video.timeline import is_shown, scan

# What these containers hold they can hold again; anything else goes into Matroska, which takes every codec.
_SAME_CONTAINER = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}
_H264_IDR = 5


@dataclass(frozen=True)
class Clip:
    """One part of a split video.

    Attributes:
        path: the clip's file.
        first: number, in the source video, of the clip's first frame.
        frames: how many frames the clip holds; the next clip begins at ``first + frames``.
    """

    path: Path
    first: int
    frames: int


@dataclass(frozen=True)
class _Packets:
    """Facts about a video's packets in file order, each array of shape (packets,)."""

    times: NDArray[np.int64]
    shown: NDArray[np.bool_]
    entry: NDArray[np.bool_]


class _LossError(Exception):
    """A clip does not hold what it should."""


def split_lossless(
    path: Path, folder: Path, seconds: float = 300.0, *, on_damage: Callable[[str], None] | None = None
) -> list[Clip]:
    """Split the video stream into clips of about ``seconds`` each by copying its packets.

    A cut lies at the first point at or after each multiple of ``seconds`` where decoding can start
    afresh: a keyframe with no picture after it in the file that is shown before it (a closed group of
    pictures), and in H.264 an IDR picture. So every frame is in exactly one clip and decodes to the
    same pixels as in the source. A video that offers no such point stays one clip. Sound is left out,
    rotation and rate are kept; each clip's time begins at 0.

    Args:
        path: the source; it is only read. Of a folder of images, a video whose container has no
            presentation times (AVI), or one whose times are damaged, no clip is written.
        folder: where ``clip_000.mp4``, … are written, in the source's container or in Matroska.
        seconds: length of a clip, more than 0.
        on_damage: called with one line when damage keeps the video from being split.

    Returns:
        The clips in order; empty where none is written.

    Raises:
        UserError: when the source cannot be read.
        ValueError: when ``seconds`` is not more than 0.
    """
    if seconds <= 0:
        raise ValueError(f"seconds is {seconds}; give the length of a clip, more than 0")
    if path.is_dir():
        return []
    with open_video(path, threads=1) as (container, stream):
        timeline = scan(container, stream)
    if not timeline.frames:
        raise UserError(f"{path} holds no frame; it is truncated or damaged, copy it again")
    if not timeline.timed:
        return []
    packets = _describe(path)
    length = max(1, round(seconds / timeline.time_base))
    begins = _cut_positions(packets, length)
    shown_before = np.concatenate([[0], np.cumsum(packets.shown)])
    counts = np.diff(shown_before[[*begins, len(packets.times)]])
    suffix = path.suffix.lower() if path.suffix.lower() in _SAME_CONTAINER else ".mkv"
    clips = [
        Clip(folder / f"clip_{number:03}{suffix}", int(shown_before[begin]), int(count))
        for number, (begin, count) in enumerate(zip(begins, counts, strict=True))
    ]
    try:
        _copy(path, packets, begins, clips)
    except (av.FFmpegError, _LossError) as error:
        for clip in clips:
            clip.path.unlink(missing_ok=True)
        if on_damage is not None:
            reason = getattr(error, "strerror", None) or str(error)
            on_damage(f"{path} is damaged and cannot be split without loss ({reason}); it stays one piece")
        return []
    return clips


def _describe(path: Path) -> _Packets:
    times: list[int] = []
    shown: list[bool] = []
    entry: list[bool] = []
    with open_video(path, threads=1) as (container, stream):
        is_h264 = stream.codec_context.codec.canonical_name == "h264"
        extradata = stream.codec_context.extradata or b""
        for packet in _with_times(read_packets(container, stream)):
            times.append(packet.pts or 0)
            shown.append(is_shown(packet))
            entry.append(packet.is_keyframe and (not is_h264 or _H264_IDR in _h264_units(bytes(packet), extradata)))
    return _Packets(np.array(times, dtype=np.int64), np.array(shown), np.array(entry))


def _cut_positions(packets: _Packets, length: int) -> list[int]:
    """Return the positions in file order at which clips begin; the first is 0."""
    times = packets.times
    earliest_from_here = np.minimum.accumulate(times[::-1])[::-1]
    latest_before = np.concatenate([times[:1] - 1, np.maximum.accumulate(times)[:-1]])
    closed = packets.entry & packets.shown & (earliest_from_here == times) & (latest_before < times)
    origin = int(times[packets.shown].min())
    begins = [0]
    next_cut = length
    for position in np.flatnonzero(closed):
        since_start = int(times[position]) - origin
        if position and since_start >= next_cut:
            begins.append(int(position))
            next_cut = (since_start // length + 1) * length
    return begins


def _copy(path: Path, packets: _Packets, begins: list[int], clips: list[Clip]) -> None:
    turn = _rotation(path)
    ends = [*begins[1:], len(packets.times)]
    with open_video(path, threads=1) as (container, stream):
        source = _with_times(read_packets(container, stream))
        for clip, begin, end in zip(clips, begins, ends, strict=True):
            origin = int(packets.times[begin:end][packets.shown[begin:end]].min())
            with atomic_path(clip.path) as temporary:
                _write(temporary, stream, islice(source, end - begin), origin=origin, turn=turn)
                with open_video(temporary, threads=1) as opened:
                    kept = scan(*opened).frames
                if kept != clip.frames:
                    raise _LossError(f"a clip holds {kept} frames instead of {clip.frames}")


def _write(
    target: Path, source: VideoStream, packets: Iterator[Packet[VideoStream]], *, origin: int, turn: int
) -> None:
    with av.open(str(target), "w", format=_SAME_CONTAINER.get(target.suffix, "matroska")) as container:
        stream = container.add_stream_from_template(source, opaque=True)
        if turn:
            stream.set_display_rotation(turn)
        for packet in packets:
            if packet.pts is not None:
                packet.pts -= origin
            if packet.dts is not None:
                packet.dts -= origin
            packet.stream = stream
            container.mux_one(packet)


def _rotation(path: Path) -> int:
    with Decoder(path, threads=1) as decoder:
        first = next(decoder.decode(0), None)
    return 0 if first is None else int(first[1].rotation)


def _with_times(packets: Iterator[Packet[VideoStream]]) -> Iterator[Packet[VideoStream]]:
    return (packet for packet in packets if packet.pts is not None)


def _h264_units(packet: bytes, extradata: bytes) -> set[int]:
    """Return the types of the NAL units in a packet (ITU-T H.264, table 7-1), whichever way it frames them."""
    if extradata[:1] != b"\x01":
        # Start codes 00 00 01 (annex B); emulation prevention keeps the pattern out of the payload.
        return {part[0] & 0x1F for part in packet.split(b"\0\0\1")[1:] if part}
    size_bytes = (extradata[4] & 3) + 1
    types: set[int] = set()
    position = 0
    while position + size_bytes < len(packet):
        types.add(packet[position + size_bytes] & 0x1F)
        position += size_bytes + int.from_bytes(packet[position : position + size_bytes], "big")
    return types
