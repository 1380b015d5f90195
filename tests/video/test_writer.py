from fractions import Fraction

import av
import numpy as np
import pytest

from courtside.video.reader import read_frames
from courtside.video.source import probe
from courtside.video.writer import VideoWriter


def test_what_is_written_is_read_back(tmp_path):
    colours = [(30, 60, 200), (200, 40, 40), (20, 180, 60), (128, 128, 128), (0, 0, 0), (255, 255, 255)]
    path = tmp_path / "new" / "x.mp4"
    with VideoWriter(path, 64, 48, Fraction(30000, 1001), crf=12) as writer:
        for colour in colours:
            writer.write(np.broadcast_to(np.array(colour, dtype=np.uint8), (48, 64, 3)))
        # Nothing is there before all is written.
        assert not path.exists()
    info = probe(path)
    assert (info.width, info.height, info.frames, info.codec) == (64, 48, 6, "h264")
    assert info.frames_per_second == Fraction(30000, 1001)
    for frame, colour in zip(read_frames(path), colours, strict=True):
        assert np.abs(frame.image.reshape(-1, 3).mean(axis=0) - colour).max() < 5


def test_a_browser_can_play_it(tmp_path):
    path = tmp_path / "x.mp4"
    with VideoWriter(path, 64, 48, 25, keyframe_interval=10) as writer:
        for _ in range(30):
            writer.write(np.zeros((48, 64, 3), dtype=np.uint8))
    content = path.read_bytes()
    # The index stands before the data, so playing starts before all has come.
    assert 0 < content.index(b"moov") < content.index(b"mdat")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.pix_fmt == "yuv420p"
        keys = [number for number, packet in enumerate(container.demux(stream)) if packet.size and packet.is_keyframe]
    assert keys == [0, 10, 20]


def test_odd_sizes_are_padded(tmp_path):
    path = tmp_path / "x.mp4"
    with VideoWriter(path, 33, 21, 25) as writer:
        writer.write(np.full((21, 33, 3), 90, dtype=np.uint8))
    assert (probe(path).width, probe(path).height) == (34, 22)
    assert np.abs(next(read_frames(path)).image.astype(int) - 90).max() < 6


def test_after_an_error_nothing_is_left(tmp_path):
    path = tmp_path / "x.mp4"
    path.write_bytes(b"the file before")

    def write_and_fail():
        with VideoWriter(path, 64, 48, 25) as writer:
            writer.write(np.zeros((48, 64, 3), dtype=np.uint8))
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        write_and_fail()
    assert path.read_bytes() == b"the file before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.mp4"]


@pytest.mark.parametrize(
    "image",
    [np.zeros((47, 64, 3), np.uint8), np.zeros((48, 64), np.uint8), np.zeros((48, 64, 3), np.float32)],
    ids=["size", "grey", "type"],
)
def test_a_wrong_image_is_refused(tmp_path, image):
    with VideoWriter(tmp_path / "x.mp4", 64, 48, 25) as writer:
        writer.write(np.zeros((48, 64, 3), dtype=np.uint8))
        with pytest.raises(ValueError, match="the image has shape"):
            writer.write(image)
