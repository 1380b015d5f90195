import av
import numpy as np
import pytest

from courtside.errors import UserError
from courtside.video.clips import split_lossless
from courtside.video.reader import read_frames, read_luma, read_selected
from courtside.video.source import probe


def spans(path):
    """Return (presentation time, first byte, last byte) of each packet in file order."""
    with av.open(str(path)) as container:
        return [
            (packet.pts, packet.pos, packet.pos + packet.size) for packet in container.demux(video=0) if packet.size
        ]


def read_all(path):
    """Read with everything that reads; return the frames' numbers and what was told about damage."""
    damage = []
    numbers = [frame.index for frame in read_frames(path, on_damage=damage.append)]
    assert numbers == sorted(set(numbers))
    # With several threads FFmpeg may deliver a damaged frame that it drops with one; never the other way round.
    assert {luma.index for luma in read_luma(path, threads=1)} <= {luma.index for luma in read_luma(path)}
    list(read_selected(path, [3, 50, 88]))
    return numbers, damage


@pytest.mark.parametrize("threads", [1, 2])
def test_a_damaged_frame_costs_that_frame(make_video, tmp_path, threads):
    # Intra only, so no other frame leans on the damaged one.
    path = make_video(tmp_path / "x.mp4", "mpeg4", b_frames=0, keyframe_interval=1)
    whole = {frame.index: frame.image for frame in read_frames(path)}
    content = bytearray(path.read_bytes())
    _, first, last = spans(path)[40]
    content[first:last] = bytes(last - first)
    path.write_bytes(content)
    damage = []
    left = list(read_frames(path, on_damage=damage.append, threads=threads))
    assert [frame.index for frame in left] == [index for index in range(90) if index != 40]
    assert all((frame.image == whole[frame.index]).all() for frame in left)
    assert damage == [f"{path}: frame 40 is damaged and left out"]


def test_only_damage_within_the_range_is_told(make_video, tmp_path):
    path = make_video(tmp_path / "x.mp4", "mpeg4", b_frames=0, keyframe_interval=1)
    content = bytearray(path.read_bytes())
    for number in (10, 40):
        _, first, last = spans(path)[number]
        content[first:last] = bytes(last - first)
    path.write_bytes(content)
    for start, stop, told in ((0, 10, []), (5, 12, [10]), (38, 40, []), (40, 41, [40]), (10, 41, [10, 40])):
        damage = []
        list(read_frames(path, start, stop, on_damage=damage.append))
        assert damage == [f"{path}: frame {index} is damaged and left out" for index in told]
    damage = []
    assert [frame.index for frame in read_selected(path, [9, 11, 40], on_damage=damage.append)] == [9, 11]
    assert damage == [f"{path}: frame 40 is damaged and left out"]


def test_after_damage_h264_comes_back_at_the_next_keyframe(plain, tmp_path):
    whole = {frame.index: frame.image for frame in read_frames(plain)}
    content = bytearray(plain.read_bytes())
    for _, first, last in spans(plain)[22:25]:
        content[first + 6 : last] = bytes(last - first - 6)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(content)
    left = {frame.index: frame.image for frame in read_frames(path)}
    assert set(range(20)) | set(range(40, 90)) <= set(left)
    assert all((left[index] == whole[index]).all() for index in (*range(20), *range(40, 90)))


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("name", ["x.mkv", "x.ts"])
def test_a_truncated_tail_costs_the_tail(make_video, tmp_path, name, share):
    path = make_video(tmp_path / name)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    numbers, _ = read_all(path)
    assert len(numbers) >= probe(path).frames - 8
    assert numbers[0] == 0
    assert 0.5 * share * 90 < len(numbers) < 90


def test_a_truncated_mp4_whose_index_is_in_front(make_video, tmp_path):
    from courtside.video.writer import VideoWriter

    path = tmp_path / "x.mp4"
    rng = np.random.default_rng(0)
    with VideoWriter(path, 64, 48, 25, keyframe_interval=10) as writer:
        for _ in range(60):
            writer.write(rng.integers(0, 255, (48, 64, 3), dtype=np.uint8))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    numbers, _ = read_all(path)
    assert numbers == list(range(len(numbers)))
    assert 15 < len(numbers) < 45
    assert probe(path).frames - len(numbers) < 8


def damaged_copies(content, count):
    """Yield copies with bytes changed, stretches zeroed, pieces cut out, or the end cut off."""
    rng = np.random.default_rng(7)
    for number in range(count):
        data = bytearray(content)
        match number % 4:
            case 0:
                for place in rng.integers(0, len(data), rng.integers(1, 200)):
                    data[place] = int(rng.integers(256))
            case 1:
                place, length = int(rng.integers(len(data))), int(rng.integers(1, len(data) // 4))
                data[place : place + length] = bytes(len(data[place : place + length]))
            case 2:
                place = int(rng.integers(len(data)))
                del data[place : place + int(rng.integers(1, len(data) // 3))]
            case 3:
                del data[int(rng.integers(1, len(data))) :]
        yield bytes(data)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("name", "codec"), [("x.mp4", "libx264"), ("x.mkv", "libx264"), ("x.webm", "libvpx-vp9"), ("x.avi", "mpeg4")]
)
def test_damaged_copies_neither_crash_nor_hang(make_video, tmp_path, name, codec):
    content = make_video(
        tmp_path / f"whole_{name}", codec, options={"cpu-used": "8"} if "vp9" in codec else {}
    ).read_bytes()
    readable = 0
    for number, data in enumerate(damaged_copies(content, 30)):
        path = tmp_path / f"{number}_{name}"
        path.write_bytes(data)
        try:
            frames = probe(path).frames
            numbers, damage = read_all(path)
            split_lossless(path, tmp_path / "clips", 0.6)
        except UserError as error:
            assert "\n" not in str(error)
            continue
        readable += 1
        assert all(0 <= index < frames for index in numbers)
        assert len(numbers) + len(damage) == frames
    # Most copies lose something, not everything; of an MP4 the index at the end is lost more often.
    assert readable >= 5
