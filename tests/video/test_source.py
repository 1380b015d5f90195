from fractions import Fraction

import cv2
import numpy as np
import pytest

from courtside.errors import UserError
from courtside.video.source import probe


def test_facts_of_a_video(plain):
    info = probe(plain)
    assert (info.path, info.width, info.height, info.frames, info.codec) == (plain, 96, 64, 90, "h264")
    assert info.frames_per_second == Fraction(30000, 1001)
    assert info.duration_s == pytest.approx(90 * 1001 / 30000)


def test_size_is_that_of_the_upright_picture(make_video, tmp_path):
    info = probe(make_video(tmp_path / "x.mp4", frames=3, rotation=90))
    assert (info.width, info.height) == (64, 96)


def test_a_folder_of_images(tmp_path):
    for number in range(4):
        cv2.imwrite(str(tmp_path / f"{number}.jpg"), np.zeros((10, 20, 3), dtype=np.uint8))
    info = probe(tmp_path, images_per_second=Fraction(2))
    assert (info.width, info.height, info.frames, info.codec, info.duration_s) == (20, 10, 4, "images", 2.0)
    assert probe(tmp_path).frames_per_second == 25


def test_what_is_no_video_ends_in_one_line(make_video, tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    (tmp_path / "text.mp4").write_text("this is not a video\n" * 100)
    (tmp_path / "notes.txt").write_text("this is not a video\n" * 100)
    whole = make_video(tmp_path / "whole.mp4").read_bytes()
    # FFmpeg puts the index of an MP4 at its end, so the first half has none.
    (tmp_path / "half.mp4").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "images").mkdir()
    for name, words in (
        ("absent.mp4", "does not exist"),
        ("empty.mp4", "is empty"),
        ("text.mp4", "is no video|holds no video"),
        ("notes.txt", "is no video|holds no video"),
        ("half.mp4", r"is truncated or damaged \(no index\)"),
        ("images", "holds no .jpg or .png image"),
    ):
        with pytest.raises(UserError, match=words) as caught:
            probe(tmp_path / name)
        assert str(tmp_path / name) in str(caught.value)


def test_sound_alone_is_no_video(tmp_path):
    import av

    with av.open(str(tmp_path / "sound.m4a"), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(UserError, match="holds no video stream"):
        probe(tmp_path / "sound.m4a")


def test_a_truncated_video_tells_what_is_left(make_video, tmp_path):
    # Matroska can be read up to where it ends.
    whole = make_video(tmp_path / "whole.mkv").read_bytes()
    (tmp_path / "part.mkv").write_bytes(whole[: len(whole) * 6 // 10])
    assert 20 < probe(tmp_path / "part.mkv").frames < 90


def test_real_clips(real_videos):
    found = {path.stem: probe(path) for path in real_videos}
    court = found["outdoor_court_720p"]
    assert (court.width, court.height, court.frames, court.frames_per_second) == (1280, 720, 270, 24)
    practice = found["outdoor_practice_656x712"]
    assert (practice.width, practice.height, practice.frames) == (656, 712, 338)
    assert float(practice.frames_per_second) == pytest.approx(30.05, abs=0.01)
