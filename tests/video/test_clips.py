import hashlib

import av
import pytest

from courtside.video.clips import split_lossless
from courtside.video.reader import read_frames
from courtside.video.source import probe


def hashes(path):
    return [hashlib.sha256(frame.image.tobytes()).hexdigest() for frame in read_frames(path)]


def assert_lossless(path, clips):
    """Every frame of the source is in exactly one clip, pixel for pixel."""
    source = hashes(path)
    assert len(set(source)) == len(source) == 90
    assert [frame for clip in clips for frame in hashes(clip.path)] == source
    for clip in clips:
        assert probe(clip.path).frames == clip.frames
    first = 0
    for clip in clips:
        assert clip.first == first
        first += clip.frames
    assert first == len(source)


CLOSED = {"x264-params": "bframes=3:b-adapt=0:scenecut=0"}


@pytest.mark.parametrize(
    ("name", "codec", "arguments", "firsts"),
    [
        # B-frames, 29.97 frames a second: 0.6 s are 17.98 frames, and keyframes come every 20.
        ("b.mp4", "libx264", {"options": CLOSED}, [0, 20, 40, 60, 80]),
        ("b.mkv", "libx264", {"options": CLOSED}, [0, 20, 40, 60, 80]),
        ("b.mov", "libx264", {"options": CLOSED}, [0, 20, 40, 60, 80]),
        # A transport stream becomes Matroska.
        ("b.ts", "libx264", {"options": CLOSED}, [0, 20, 40, 60, 80]),
        # Uneven times: at 40 ms a frame, 0.6 s are 15 frames.
        (
            "uneven.mp4",
            "libx264",
            {"options": CLOSED, "times_ms": [40 * i + i % 4 * 7 for i in range(90)]},
            [0, 20, 40, 60, 80],
        ),
        (
            "b.hevc.mp4",
            "libx265",
            {"options": {"x265-params": "open-gop=0:bframes=3:scenecut=0:log-level=none"}},
            [0, 20, 40, 60, 80],
        ),
        (
            "x.webm",
            "libvpx-vp9",
            {"options": {"cpu-used": "8", "auto-alt-ref": "1", "lag-in-frames": "10"}},
            [0, 20, 40, 60, 80],
        ),
        ("x.mp4", "mpeg4", {"b_frames": 0}, [0, 20, 40, 60, 80]),
        # In an open group pictures after the keyframe lean on those before it: no cut is safe.
        ("open.mp4", "libx264", {"options": {"x264-params": "open-gop=1:bframes=3:b-adapt=0:scenecut=0"}}, [0]),
        ("open.mkv", "libx265", {"options": {"x265-params": "open-gop=1:bframes=3:log-level=none"}}, [0]),
    ],
)
def test_no_frame_is_lost_or_changed(make_video, tmp_path, name, codec, arguments, firsts):
    path = make_video(tmp_path / name, codec, **arguments)
    clips = split_lossless(path, tmp_path / "clips", 0.6)
    assert [clip.first for clip in clips] == firsts
    assert_lossless(path, clips)


def test_cuts_keep_to_the_grid(plain, tmp_path):
    # 1 s is 29.97 frames, so the keyframes at or after 30, 60 and 90 are 40 and 60; 60 begins 2.002 s in.
    clips = split_lossless(plain, tmp_path, 1.0)
    assert [(clip.path.name, clip.first, clip.frames) for clip in clips] == [
        ("clip_000.mp4", 0, 40),
        ("clip_001.mp4", 40, 20),
        ("clip_002.mp4", 60, 30),
    ]


@pytest.mark.parametrize("name", ["turned.mp4", "turned.mkv", "turned.mov"])
def test_rotation_is_kept(make_video, tmp_path, name):
    path = make_video(tmp_path / name, rotation=-90, options=CLOSED)
    clips = split_lossless(path, tmp_path / "clips", 1.0)
    assert len(clips) == 3
    assert (probe(clips[1].path).width, probe(clips[1].path).height) == (64, 96)
    assert_lossless(path, clips)


def test_a_short_video_is_one_clip(plain, tmp_path):
    clips = split_lossless(plain, tmp_path)
    assert [(clip.first, clip.frames) for clip in clips] == [(0, 90)]
    assert_lossless(plain, clips)


def test_frames_that_an_edit_list_cuts_away_stay_away(plain, tmp_path):
    path = tmp_path / "cut.mp4"
    # Times below zero make the muxer write an edit list that hides the first five frames.
    with av.open(str(plain)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.size:
                shift = 5 * 1001 * packet.time_base.denominator // 30000
                packet.pts, packet.dts, packet.stream = packet.pts - shift, packet.dts - shift, stream
                target.mux(packet)
    whole = hashes(path)
    assert whole == hashes(plain)[5:]
    clips = split_lossless(path, tmp_path / "clips", 1.0)
    assert [frame for clip in clips for frame in hashes(clip.path)] == whole
    assert clips[1].first == clips[0].frames == 35


def test_the_source_is_left_alone_and_a_second_run_gives_the_same(plain, tmp_path):
    before = plain.read_bytes()
    first = [clip.path.read_bytes() for clip in split_lossless(plain, tmp_path, 1.0)]
    assert [clip.path.read_bytes() for clip in split_lossless(plain, tmp_path, 1.0)] == first
    assert plain.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 3


def test_where_no_clip_can_be_written(make_video, tmp_path):
    (tmp_path / "images").mkdir()
    assert split_lossless(tmp_path / "images", tmp_path / "clips") == []
    # AVI does not say when a frame is shown.
    assert split_lossless(make_video(tmp_path / "x.avi", frames=5), tmp_path / "clips") == []
    assert not (tmp_path / "clips").exists()


def test_a_clip_must_have_a_length(plain, tmp_path):
    with pytest.raises(ValueError, match="more than 0"):
        split_lossless(plain, tmp_path, 0.0)
