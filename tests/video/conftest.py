"""Small videos for the tests, in any codec and container."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest


def picture(index: int, width: int, height: int) -> np.ndarray:
    """A picture that no other index has: a moving pattern of blocks and the index as a grey level in the corner."""
    rng = np.random.default_rng(1)
    blocks = rng.integers(0, 255, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    image = np.roll(blocks.repeat(8, 0).repeat(8, 1)[:height, :width], (index, 2 * index), (0, 1)).copy()
    image[:16, :16] = index % 256
    return image


def encode(
    path: Path,
    codec: str = "libx264",
    frames: int = 90,
    *,
    options: dict[str, str] | None = None,
    rate: Fraction = Fraction(30000, 1001),
    times_ms: list[int] | None = None,
    rotation: int = 0,
    size: tuple[int, int] = (96, 64),
    pixel_format: str = "yuv420p",
    b_frames: int = 3,
    keyframe_interval: int = 20,
    container_options: dict[str, str] | None = None,
    threads: int = 2,
) -> Path:
    """Write a video of numbered pictures; ``threads`` decides how FFmpeg slices them, so it is the same everywhere."""
    width, height = size
    base = Fraction(1, 1000) if times_ms else 1 / rate
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.codec_context.thread_count = threads
        stream.codec_context.gop_size = keyframe_interval
        stream.codec_context.max_b_frames = b_frames
        stream.codec_context.time_base = base
        if rotation:
            stream.set_display_rotation(rotation)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(index, width, height), format="bgr24")
            frame.pts, frame.time_base = (times_ms[index] if times_ms else index), base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def make_video():
    return encode


@pytest.fixture(scope="session")
def make_picture():
    return picture


@pytest.fixture(scope="session")
def plain(tmp_path_factory):
    """90 frames of H.264 with B-frames, a keyframe every 20."""
    options = {"x264-params": "bframes=3:b-adapt=0:scenecut=0", "preset": "fast"}
    return encode(tmp_path_factory.mktemp("videos") / "plain.mp4", options=options)


@pytest.fixture(scope="session")
def real_videos():
    folder = Path(__file__).resolve().parents[3] / "shared" / "data" / "video"
    if not folder.is_dir():
        pytest.skip(f"the real clips are not here ({folder})")
    return sorted(folder.glob("*.mp4"))
