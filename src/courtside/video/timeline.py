"""Which frames a video has: their numbers, times and the places where decoding can begin."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream
from numpy.typing import NDArray

from courtside.video.container import read_packets


@dataclass(frozen=True)
class Timeline:
    """The frames of a video in presentation order.

    A frame's number is the rank of its presentation time among all packets of the stream, so it does
    not depend on where decoding begins, nor on whether an earlier frame is damaged.

    Attributes:
        times: presentation times in units of ``time_base``, ascending, shape (frames,), int64.
        keyframes: numbers of the frames at which decoding can begin, ascending, shape (keyframes,), int64.
        time_base: seconds of one unit.
        timed: False where the container gives no usable presentation times; then frames can only be
            counted while decoding from the start, and ``times`` are evenly spaced.
    """

    times: NDArray[np.int64]
    keyframes: NDArray[np.int64]
    time_base: Fraction
    timed: bool

    @property
    def frames(self) -> int:
        """The number of frames."""
        return len(self.times)

    def time_s(self, index: int) -> float:
        """Return the time of a frame in seconds from the first frame."""
        return float((int(self.times[index]) - int(self.times[0])) * self.time_base)

    def index_of(self, time: int | None) -> int | None:
        """Return the number of the frame at a presentation time, or None when there is none."""
        if time is None:
            return None
        position = int(np.searchsorted(self.times, time))
        return position if position < self.frames and self.times[position] == time else None


def is_shown(packet: Packet[VideoStream]) -> bool:
    """Return whether a packet gives a frame: not cut away by an edit list, not a hidden VP8 reference."""
    if packet.is_discard:
        return False
    # VP8 stores its invisible reference frames as packets of their own; RFC 6386, section 9.1, bit 4.
    return packet.stream.codec_context.codec.canonical_name != "vp8" or bool(memoryview(packet)[0] & 0x10)


def scan(container: InputContainer, stream: VideoStream) -> Timeline:
    """Read all packets of a freshly opened container, decoding none, and return the timeline."""
    times: list[int | None] = []
    key_times: list[int | None] = []
    for packet in read_packets(container, stream):
        if is_shown(packet):
            times.append(packet.pts)
            if packet.is_keyframe:
                key_times.append(packet.pts)
    known = [time for time in times if time is not None]
    # AVI stores no presentation times: FFmpeg makes them up, wrong wherever pictures are reordered.
    invented = container.format.name == "avi"
    distinct = len(set(known)) == len(times)
    if stream.time_base is not None and distinct and not invented:
        ascending = np.array(sorted(known), dtype=np.int64)
        keys = np.array(sorted(time for time in key_times if time is not None), dtype=np.int64)
        return Timeline(ascending, np.searchsorted(ascending, keys), stream.time_base, timed=True)
    step = 1 / Fraction(stream.average_rate or stream.guessed_rate or 25)
    return Timeline(np.arange(len(times), dtype=np.int64), np.zeros(1, dtype=np.int64), step, timed=False)
