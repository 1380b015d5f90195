"""Decodes a video file from any frame on, forward, past what is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from itertools import chain, islice, repeat
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from courtside.errors import UserError
from courtside.video.container import open_video, read_packets
from courtside.video.timeline import Timeline, scan

# After its last packet a damaged stream may answer with an error a few times before the decoder is empty.
_FLUSH_ATTEMPTS = 64
# So many pictures wait for one that is missing before them: the most that H.264 and HEVC reorder.
_EARLY_PICTURES = 16
# How many keyframes before the last possible one decoding begins, until the wanted frame comes out.
_ENTRY_ATTEMPTS = (0, 1, 3)
# A keyframe's picture comes out at the latest so many packets after it went in, whatever is reordered.
_LATEST_PACKETS = 2 * _EARLY_PICTURES


class _DamageError(Exception):
    """Several threads met something that only one of them can decode around."""


class Decoder:
    """An open video file with its timeline.

    Args:
        path: the file.
        threads: decoder threads; 0 lets FFmpeg take one a core.

    Raises:
        UserError: when the file is missing, empty, damaged beyond reading, or holds no video.
    """

    def __init__(self, path: Path, threads: int = 0) -> None:
        self._path = path
        self._threads = threads
        self._exit = ExitStack()
        with open_video(path, threads=1) as (container, stream):
            self.timeline: Timeline = scan(container, stream)
            self.codec: str = stream.codec_context.codec.canonical_name
            rate = stream.average_rate or stream.guessed_rate
            self.declared_rate: Fraction | None = Fraction(rate) if rate else None
        if not self.timeline.frames:
            raise UserError(f"{path} holds no frame; it is truncated or damaged, copy it again")
        self._container, self._stream = self._exit.enter_context(open_video(path, threads))
        self._fresh = True
        self._sought = False
        self._awaited: dict[int, int] = {}
        self._blocked_at: int | None = None
        self._sound_alone: dict[int, bool] = {}
        self._entered: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def decode(self, start: int) -> Iterator[tuple[int, VideoFrame]]:
        """Yield the number and the picture of every frame from ``start`` on that can be decoded.

        A frame that is damaged is left out; the numbers of the others do not change. A second call
        takes over from the first one, whose iterator must not be used any more.
        """
        last = start - 1
        try:
            for last, frame in self._decode_past_damage(start):
                yield last, frame
            sound = self._threads == 1 or last + 1 >= self.timeline.frames
        except _DamageError:
            sound = False
        if not sound:
            # Decoding in threads, an error also costs sound pictures near it, and not always the same
            # ones. One thread loses none, so what is left does not depend on the machine.
            with Decoder(self._path, threads=1) as careful:
                yield from careful.decode(last + 1)

    def _decode_past_damage(self, start: int) -> Iterator[tuple[int, VideoFrame]]:
        """Decode, and begin afresh with a new decoder where damage has left this one blocked.

        MPEG-4's takes a damaged header for the shape of all that follows, and gives no sound picture any more,
        not even from sound keyframes.
        """
        self._entered.clear()
        entry: int | None = start
        position = start
        while entry is not None:
            for index, frame in self._decode_from(max(position, entry)):
                # What came out early from behind a blocked keyframe is of the blocked decoder; it comes once more.
                late = self._blocked_at is not None and index >= self._blocked_at
                entry = self._blocked_at if late else self._missed_before(index)
                if entry is not None:
                    break
                yield index, frame
                position = index + 1
            else:
                entry = self._missed_before(self.timeline.frames) if self._blocked_at is None else self._blocked_at
            if entry is not None:
                self._entered.add(entry)
                self._reopen()

    def _decode_from(self, start: int) -> Iterator[tuple[int, VideoFrame]]:
        for keyframes_earlier in _ENTRY_ATTEMPTS:
            self._expect_nothing()
            packets = self._packets_from(start, keyframes_earlier)
            pictures = _in_order(self._numbered(self._until_blocked(packets)), start)
            first = next(pictures, None)
            if first is None and self._blocked_at is not None:
                return
            # A picture that comes out only when decoding begins earlier is no damage: streams with
            # gradual refresh need some frames after a keyframe to become whole.
            if first is None or (first[0] > start and self._sought and keyframes_earlier != _ENTRY_ATTEMPTS[-1]):
                continue
            yield first
            yield from pictures
            return

    def _numbered(self, packets: Iterator[Packet[VideoStream]]) -> Iterator[tuple[int, VideoFrame]]:
        count = 0
        for frame in self._pictures(packets):
            if self.timeline.timed:
                index = self.timeline.index_of(frame.pts)
            else:
                index, count = count, count + 1
            if frame.is_corrupt and self._threads != 1:
                raise _DamageError
            if index is not None and index < self.timeline.frames and not frame.is_corrupt:
                self._awaited.pop(index, None)
                yield index, frame

    def _pictures(self, packets: Iterator[Packet[VideoStream]]) -> Iterator[VideoFrame]:
        context = self._stream.codec_context
        for packet in chain(packets, repeat(None, _FLUSH_ATTEMPTS)):
            try:
                yield from context.decode(packet)
            except EOFError:
                return
            except (av.FFmpegError, OSError):
                if self._threads != 1:
                    raise _DamageError from None

    def _until_blocked(self, packets: Iterator[Packet[VideoStream]]) -> Iterator[Packet[VideoStream]]:
        """Yield packets up to where a keyframe before should have come out and has not, though it is sound."""
        if self._threads != 1 or not self.timeline.timed:
            yield from packets  # what several threads miss, one decodes once more; without times nothing can be told
            return
        for fed, packet in enumerate(packets):
            late = [keyframe for keyframe, when in self._awaited.items() if fed - when > _LATEST_PACKETS]
            self._blocked_at = next(filter(self._can_begin_at, late), None)
            if self._blocked_at is not None:
                return
            index = self.timeline.index_of(packet.pts) if packet.is_keyframe else None
            if index is not None:
                self._awaited[index] = fed
            yield packet

    def _missed_before(self, index: int) -> int | None:
        """Return the first keyframe before a frame that went in, did not come out, and would from a new decoder."""
        return next((key for key in sorted(self._awaited) if key < index and self._can_begin_at(key)), None)

    def _can_begin_at(self, keyframe: int) -> bool:
        """Return whether a new decoder would give the picture of a keyframe where none has been tried there yet."""
        self._awaited.pop(keyframe, None)
        if keyframe not in self._sound_alone:
            self._sound_alone[keyframe] = self._is_sound_alone(keyframe)
        return self._sound_alone[keyframe] and keyframe not in self._entered

    def _is_sound_alone(self, keyframe: int) -> bool:
        with open_video(self._path, threads=1) as (container, stream):
            try:
                container.seek(int(self.timeline.times[keyframe]), stream=stream)
                near = islice(read_packets(container, stream), _LATEST_PACKETS)
                packet = next((packet for packet in near if self.timeline.index_of(packet.pts) == keyframe), None)
                pictures = [] if packet is None else list(stream.codec_context.decode(packet))
                pictures += stream.codec_context.decode(None)
            except (av.FFmpegError, OSError):
                return False
        return any(self.timeline.index_of(found.pts) == keyframe and not found.is_corrupt for found in pictures)

    def _packets_from(self, start: int, keyframes_earlier: int) -> Iterator[Packet[VideoStream]]:
        """Yield packets from a place at or before ``start`` where decoding can begin."""
        keyframes = self.timeline.keyframes
        entry = int(np.searchsorted(keyframes, start, side="right")) - 1 - keyframes_earlier
        step = 1
        while self.timeline.timed and entry > 0:
            try:
                self._container.seek(int(self.timeline.times[keyframes[entry]]), stream=self._stream)
            except (av.FFmpegError, OSError):
                break
            self._fresh = False
            packets = read_packets(self._container, self._stream)
            first = next(packets, None)
            index = self.timeline.index_of(first.pts) if first is not None else None
            # A seek may land elsewhere than asked for (indexes hold decoding times), so look where it did.
            if first is not None and index is not None and first.is_keyframe and index <= start:
                self._sought = True
                return chain([first], packets)
            entry, step = entry - step, 2 * step
        if not self._fresh:
            self._reopen()
        self._fresh = self._sought = False
        return read_packets(self._container, self._stream)

    def _expect_nothing(self) -> None:
        self._awaited.clear()
        self._blocked_at = None

    def _reopen(self) -> None:
        self._exit.close()
        self._container, self._stream = self._exit.enter_context(open_video(self._path, self._threads))
        self._fresh = True


def _in_order(pictures: Iterator[tuple[int, VideoFrame]], start: int) -> Iterator[tuple[int, VideoFrame]]:
    """Put right what a decoder hands over early after damage; sound streams pass without delay."""
    early: dict[int, VideoFrame] = {}
    expected = start
    for index, frame in pictures:
        if index >= expected:
            early[index] = frame
        while early and (expected in early or len(early) > _EARLY_PICTURES):
            expected = min(early)
            yield expected, early.pop(expected)
            expected += 1
    yield from sorted(early.items())


def quarter_turns(frame: VideoFrame) -> int:
    """Return how many quarter turns against the clock, 0–3, show the frame upright."""
    return round(frame.rotation / 90) % 4


def display_size(frame: VideoFrame) -> tuple[int, int]:
    """Return the width and height in pixels of the frame as it is shown, after rotation."""
    return (frame.height, frame.width) if quarter_turns(frame) % 2 else (frame.width, frame.height)
