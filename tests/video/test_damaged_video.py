from dataclasses import replace

import av
import numpy as np
import pytest

from courtside.errors import UserError
from courtside.quality.measures import measure_video
from courtside.video.clips import split_lossless
from courtside.video.decoder import Decoder
from courtside.video.reader import read_frames, read_luma, read_selected
from courtside.video.source import probe
from courtside.video.timeline import scan


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


@pytest.mark.parametrize("slices", [1, 2])
def test_a_damaged_header_does_not_block_mpeg4_for_good(make_video, tmp_path, slices):
    # Of a picture whose header is gone, the decoder infers another shape of all headers and then refuses even sound
    # keyframes; they come every 20 frames.
    path = make_video(tmp_path / "x.mp4", "mpeg4", b_frames=0, threads=slices)
    whole = {frame.index: frame.image for frame in read_frames(path)}
    content = bytearray(path.read_bytes())
    _, first, last = spans(path)[25]
    content[first + 4 : last] = bytes(last - first - 4)
    path.write_bytes(content)
    for threads in (1, 2):
        left = {frame.index: frame.image for frame in read_frames(path, threads=threads)}
        sound = [*range(25), *range(40, 90)]
        assert set(sound) <= set(left)
        assert all((left[index] == whole[index]).all() for index in sound)
    assert [frame.index for frame in read_selected(path, [24, 41, 89])] == [24, 41, 89]
    with Decoder(path, threads=1) as decoder:
        for start in (0, 30, 26):  # a second time, too
            assert {index for index, _ in decoder.decode(start)} >= {*range(40, 90)}


SMALL = {"frames": 30, "size": (64, 48), "keyframe_interval": 10}
CLOSED = {"x264-params": "bframes=3:b-adapt=0:scenecut=0", "preset": "veryfast"}
FORMATS = [
    ("index_behind.mp4", "libx264", {"options": CLOSED}),
    ("index_in_front.mp4", "libx264", {"options": CLOSED, "container_options": {"movflags": "+faststart"}}),
    ("h264.mkv", "libx264", {"options": CLOSED}),
    ("mpeg4.mp4", "mpeg4", {"b_frames": 0}),
    ("mpeg4.mkv", "mpeg4", {"b_frames": 2}),
    ("counted.avi", "mpeg4", {"b_frames": 0}),
    ("vp9.webm", "libvpx-vp9", {"options": {"cpu-used": "8"}}),
]
COPIES = 80


def damaged_copies(content, count):
    """Yield copies with bytes or bits changed, stretches zeroed, pieces cut out, or the end cut off."""
    rng = np.random.default_rng(7)
    for number in range(count):
        data = bytearray(content)
        match number % 5:
            case 0:
                for place in rng.integers(0, len(data), rng.integers(1, 100)):
                    data[place] = int(rng.integers(256))
            case 1:
                place, length = int(rng.integers(len(data))), int(rng.integers(1, len(data) // 4))
                data[place : place + length] = bytes(len(data[place : place + length]))
            case 2:
                place = int(rng.integers(len(data)))
                del data[place : place + int(rng.integers(1, len(data) // 3))]
            case 3:
                del data[int(rng.integers(1, len(data))) :]
            case 4:
                for place in rng.integers(0, len(data), rng.integers(1, 6)):
                    data[place] ^= 1 << int(rng.integers(8))
        yield bytes(data)


def assert_nothing_is_miscounted(path):
    """Every frame is delivered once or told to be damaged, by whatever reads."""
    total = probe(path).frames
    numbers, damage = read_all(path)
    assert all(0 <= index < total for index in numbers)
    assert len(numbers) + len(damage) == total
    # Several ranges (of 7 frames, below) as in a long video, and one.
    for parallel_above in (0, total):
        damage = []
        measured = measure_video(path, workers=2, parallel_above=parallel_above, on_damage=damage.append)["frame"]
        assert measured.to_list() == sorted(set(measured))
        assert 0 <= measured[0] <= measured[-1] < total
        assert len(measured) + len(damage) == len(measured) + len(set(damage)) == total


def assert_split_without_loss(path, folder, original):
    """Clips follow one another without gap, and every frame that can be read is in one of them; or there is none.

    Now and then a decoder hands out what damage made of a picture as if it were sound; out of a clip it may come as
    something else, or not at all. So only those count as read that are the original.
    """
    damage = []
    clips = split_lossless(path, folder, 0.3, on_damage=damage.append)
    if not clips:
        assert not list(folder.glob("*"))
        return
    assert damage == []
    assert [clip.first for clip in clips] == [sum(clip.frames for clip in clips[:k]) for k in range(len(clips))]
    assert sum(clip.frames for clip in clips) == probe(path).frames
    whole = {luma.index for luma in readable(path) if np.array_equal(luma.image, original.get(luma.index))}
    for clip in clips:
        in_clip = [clip.first + luma.index for luma in readable(clip.path)]
        assert set(in_clip) <= set(range(clip.first, clip.first + clip.frames))
        # What leans on a clip's damaged first frame is put together from frames before it, where there are any.
        if clip.first in whole:
            assert whole & set(range(clip.first, clip.first + clip.frames)) <= set(in_clip)


def readable(path):
    try:
        return list(read_luma(path, threads=1))
    except UserError:
        return []


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("name", "codec", "arguments"), FORMATS, ids=[name for name, *_ in FORMATS])
def test_damaged_copies_neither_crash_nor_hang_nor_are_miscounted(
    make_video, tmp_path, monkeypatch, name, codec, arguments
):
    monkeypatch.setattr("courtside.quality.measures._RANGE_FRAMES", 7)
    monkeypatch.setattr(
        "courtside.quality.measures.map_in_processes", lambda function, ranges, **_: [function(part) for part in ranges]
    )
    sound = make_video(tmp_path / f"whole_{name}", codec, **SMALL, **arguments)
    content = sound.read_bytes()
    original = {luma.index: luma.image for luma in read_luma(sound)}
    counted = 0
    for number, data in enumerate(damaged_copies(content, COPIES)):
        path = tmp_path / f"{number}_{name}"
        path.write_bytes(data)
        for check in (
            assert_nothing_is_miscounted,
            lambda path: assert_split_without_loss(path, tmp_path / path.stem, original),
        ):
            try:
                check(path)
                counted += 1
            except UserError as error:
                assert "\n" not in str(error)
    # Most copies lose something, not everything; of an MP4 the index at the end is lost more often.
    assert counted >= COPIES / 2


def test_the_sweep_is_as_wide_as_promised():
    assert len(FORMATS) * COPIES >= 500


def test_chosen_frames_of_a_video_without_a_keyframe_are_looked_for_from_its_beginning(
    make_video, tmp_path, monkeypatch
):
    path = make_video(tmp_path / "x.mp4")
    monkeypatch.setattr(
        "courtside.video.decoder.scan", lambda *opened: replace(scan(*opened), keyframes=np.empty(0, np.int64))
    )
    assert [frame.index for frame in read_selected(path, [3, 50])] == [3, 50]
