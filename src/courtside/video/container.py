"""Opens video files with FFmpeg and walks their packets, whatever state the file is in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from courtside.errors import UserError

# FFmpeg reads any text as a picture drawn in characters; to a person that is no video.
_TEXT_CODECS = frozenset({"ansi", "bintext", "idf", "xbin"})
# A file cut off in the middle answers every further read with an error; a few in a row mean its end.
_READ_ERRORS_IN_A_ROW = 64


@contextmanager
def open_video(path: Path, threads: int = 0) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video file and choose its first video stream (a cover picture is none).

    Args:
        path: the file.
        threads: decoder threads; 0 lets FFmpeg take one a core.

    Raises:
        UserError: when the file is missing, empty, damaged, or holds no video.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist; check the path of the video")
    if not path.is_file():
        raise UserError(f"{path} is a folder, not a video file; name the file in it")
    if path.stat().st_size == 0:
        raise UserError(f"{path} is empty; copy or download it again")
    try:
        container = av.open(str(path))
    except PermissionError:
        raise UserError(f"{path} may not be read; change its permissions") from None
    except (av.FFmpegError, ValueError, OSError) as error:
        raise UserError(_why_unreadable(path, error)) from None
    with container:
        streams = [
            stream
            for stream in container.streams.video
            if not stream.disposition & av.stream.Disposition.attached_pic
            and stream.codec_context is not None
            and stream.codec_context.codec.canonical_name not in _TEXT_CODECS
        ]
        if not streams:
            raise UserError(f"{path} holds no video stream; name a video file")
        stream = streams[0]
        stream.codec_context.thread_type = "AUTO"
        stream.codec_context.thread_count = threads
        yield container, stream


def read_packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """Yield the stream's packets in file order from where the container stands; what cannot be read is skipped.

    Packets without data are left out: they carry no picture, and a decoder takes them for the end.
    """
    errors = 0
    while errors < _READ_ERRORS_IN_A_ROW:
        try:
            for packet in container.demux(stream):
                if packet.size:
                    errors = 0
                    yield packet
            return
        except (av.FFmpegError, OSError):
            errors += 1


def _why_unreadable(path: Path, error: Exception) -> str:
    with path.open("rb") as stream:
        head = stream.read(12)
    if head[4:8] in (b"ftyp", b"mdat", b"moov", b"wide", b"free"):
        return f"{path} is truncated or damaged (no index); copy it again or repair it with ffmpeg"
    reason = getattr(error, "strerror", None) or str(error)
    return f"{path} is no video that can be read ({reason}); name a video file or a folder of images"
