"""``courtside track``: a video in, a video with tracks out that a browser plays."""

import numpy as np
import polars as pl
import pytest

from chromium import CHROMIUM, MISSING
from command_errors import assert_one_line_error
from courtside.apps import cli
from courtside.detectors.protocol import Detections
from courtside.formats.mot import read_ground_truth
from courtside.video.reader import read_frames
from courtside.video.source import probe
from courtside.video.writer import VideoWriter

FRAMES = 24


class Squares:
    """A detector that finds the red square, where there is one."""

    architecture = "squares"
    labels = ("ball", "player")

    def predict(self, stream, minimum_confidence, *, embed=False):
        for frame in stream:
            rows, columns = np.nonzero(frame.image[..., 2].astype(int) - frame.image[..., 0] > 100)
            corners = [[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]] if rows.size else []
            yield Detections(
                frame.index,
                np.array(corners, dtype=np.float32).reshape(-1, 4),
                np.full(len(corners), 0.9, dtype=np.float32),
                np.ones(len(corners), dtype=np.int64),
            )


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """A red square on a court, and after a cut on another one."""
    path = tmp_path_factory.mktemp("track") / "game.mp4"
    court = np.random.default_rng(0).integers(40, 120, (2, 12, 16), dtype=np.uint8).repeat(10, 1).repeat(10, 2)
    with VideoWriter(path, 160, 120, 12, crf=10) as writer:
        for number in range(FRAMES):
            image = np.repeat(court[int(number >= 12), :, :, None], 3, axis=2)
            image[40:70, 10 + 4 * number : 40 + 4 * number] = (0, 0, 250)
            writer.write(image)
    return path


@pytest.fixture(autouse=True)
def squares(monkeypatch):
    monkeypatch.setattr("courtside.detectors.build.load_detector", lambda *_, **__: Squares())


def track(*arguments):
    cli.main(["track", *map(str, arguments), "--weights", "squares.pt", "--tracker", "bytetrack"])


def test_any_video_becomes_720p_at_25_with_its_tracks_beside(video, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    track(video, "out/tracks.mp4", "--tracks", "out/tracks.txt")
    info = probe(tmp_path / "out/tracks.mp4")
    assert (info.width, info.height, info.frames_per_second, info.frames) == (1280, 720, 25, 50)
    tracks = read_ground_truth(tmp_path / "out/tracks.txt", "game", {2: "player"})
    # One identity a shot, the first frame of each without, because it takes two to begin a track.
    assert tracks["track"].n_unique() == 2
    assert tracks.filter(pl.col("frame") < 12)["track"].n_unique() == 1
    last = tracks.tail(1).row(0, named=True)
    assert (last["frame"], last["x1"], last["x2"]) == (23, pytest.approx(102, abs=1), pytest.approx(132, abs=1))
    assert "2 tracks on 24 frames" in capsys.readouterr().out


def test_size_and_rate_may_stay_and_the_input_stand_beside(video, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    track(video, "tracks.mp4", "--size", "input", "--rate", "input", "--beside")
    info = probe(tmp_path / "tracks.mp4")
    assert (info.width, info.height, info.frames_per_second, info.frames) == (320, 120, 12, FRAMES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("none.mp4", "out.mp4"), ["none.mp4", "does not exist"]),
        (("VIDEO", "out.avi"), ["out.avi", ".mp4"]),
        (("VIDEO", "VIDEO"), ["is the video itself"]),
        (("VIDEO", "out.mp4", "--tracker", "kalman"), ["kalman", "bytetrack"]),
    ],
)
def test_mistakes_are_told_in_one_line_and_nothing_is_written(video, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    named = [str(video) if part == "VIDEO" else part for part in arguments]
    assert_one_line_error(lambda: cli.main(["track", *named, "--weights", "squares.pt"]), words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value"), [("--size", "720p"), ("--size", "8x8"), ("--rate", "0"), ("--rate", "fast")]
)
def test_sizes_and_rates_that_are_none_are_refused(video, option, value, capsys):
    with pytest.raises(SystemExit):
        track(video, "out.mp4", option, value)
    assert "nor 'input'" in capsys.readouterr().err


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason=MISSING)
def test_the_video_plays_in_a_browser(video, tmp_path, browser, monkeypatch):
    monkeypatch.chdir(tmp_path)
    track(video, "tracks.mp4", "--beside")
    (tmp_path / "page.html").write_text('<video src="tracks.mp4" muted></video>', encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.wait_for_function("document.querySelector('video').readyState >= 2", timeout=10_000)
    facts = "({videoWidth, videoHeight, duration}) => [videoWidth, videoHeight, duration]"
    shown = page.evaluate(f"({facts})(document.querySelector('video'))")
    assert shown == [2560, 720, pytest.approx(2.0, abs=0.05)]
    page.evaluate("document.querySelector('video').play()")
    page.wait_for_function("document.querySelector('video').currentTime > 0.3", timeout=10_000)
    page.close()


def test_the_index_of_the_video_is_in_front(video, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    track(video, "tracks.mp4")
    content = (tmp_path / "tracks.mp4").read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")
    assert next(iter(read_frames(tmp_path / "tracks.mp4"))).image.shape == (720, 1280, 3)
