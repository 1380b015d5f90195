"""``courtside frames export``: JPEGs by batch from the frames tables and the source videos."""

import subprocess
import sys

import cv2
import numpy as np
import polars as pl
import pytest
import yaml

from command_errors import assert_one_line_error
from courtside import frames, layout
from courtside.apps import cli
from courtside.video.reader import read_selected
from courtside.video.writer import VideoWriter

FRAMES = 40


def write_video(path):
    rng = np.random.default_rng(0)
    with VideoWriter(path, 64, 48, 25, keyframe_interval=10) as writer:
        for _ in range(FRAMES):
            grey = rng.integers(0, 255, (6, 8), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
            writer.write(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))


def write_images(folder):
    folder.mkdir()
    for index in range(FRAMES):
        cv2.imwrite(str(folder / f"shot_{index:03}.png"), np.full((48, 64, 3), 6 * index, dtype=np.uint8))


def judged(video, verdicts):
    """A frames table; clips of 16 frames."""
    count = len(verdicts)
    numbers = pl.Series(range(count), dtype=pl.Int32)
    measures = dict.fromkeys(("blur", "brightness", "variance"), [1.0] * count)
    return pl.DataFrame(
        {
            "video": [video] * count,
            "frame": numbers,
            "clip": numbers // 16,
            "time_s": numbers / 25,
            "shot": [0] * count,
            **measures,
            "hash": [b"\0" * 32] * count,
            "verdict": verdicts,
        }
    )


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Two videos, a file and a folder of images, of which ``clean`` found every other frame usable."""
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "game.mp4")
    write_images(tmp_path / "stills")
    videos = {"game": {"path": "game.mp4"}, "stills": {"path": "stills", "role": "test"}}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({"experiment": "test", "videos": videos}))
    for name in videos:
        frames.write(tmp_path / layout.clean(name), judged(name, ["usable", "blur"] * (FRAMES // 2)))
    return tmp_path


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def expected(numbers):
    return [f"batch_{number // 16:02}/images/{number:06}.jpg" for number in numbers]


def call(*arguments):
    cli.main(["frames", "export", *map(str, arguments)])


@pytest.mark.parametrize("video", ["game", "stills"])
def test_frames_lie_in_their_batch_under_their_number(repository, capsys, video):
    call("--video", video)
    numbers = range(0, FRAMES, 2)
    assert names(repository / "batches") == expected(numbers)
    source = repository / ("game.mp4" if video == "game" else "stills")
    for frame in read_selected(source, list(numbers)):
        image = cv2.imread(str(repository / "batches" / expected([frame.index])[0]))
        assert image.shape == (48, 64, 3)
        assert np.abs(image.astype(int) - frame.image).mean() < 3
    captured = capsys.readouterr()
    assert "wrote 20 images to batches" in captured.out
    assert "20/20 images" in captured.err


def test_several_videos_have_a_folder_each(repository):
    call("--output", "out/jpegs", "--verdict", "blur", "--verdict", "usable")
    both = [f"{name}/{path}" for name in ("game", "stills") for path in expected(range(FRAMES))]
    assert names(repository / "out/jpegs") == both
    assert [path.name for path in (repository / "out").iterdir()] == ["jpegs"]


def test_frames_without_a_ball_are_not_usable(repository):
    # `classify` judged the learning video only; frame 1 has been judged blurred since.
    verdicts = ["without_ball"] * 4 + ["usable"] * (FRAMES - 4)
    frames.write(repository / layout.CLASSIFIED_FRAMES, judged("game", verdicts))
    call("--video", "game", "--output", "usable")
    call("--video", "game", "--output", "without", "--verdict", "without_ball")
    call("--video", "stills", "--output", "stills_usable")
    assert names(repository / "usable") == expected(range(4, FRAMES, 2))
    assert names(repository / "without") == expected([0, 2])
    assert len(names(repository / "stills_usable")) == FRAMES // 2


def test_quality_is_that_of_the_jpegs(repository):
    call("--output", "good")
    call("--output", "bad", "--quality", 5)
    sizes = {name: sum(path.stat().st_size for path in (repository / name).rglob("*.jpg")) for name in ("good", "bad")}
    assert sizes["bad"] < 0.8 * sizes["good"]


def test_a_frame_that_cannot_be_read_any_more_costs_itself(repository, capsys):
    (repository / "stills" / "shot_006.png").write_bytes(b"no image")
    call("--video", "stills")
    assert names(repository / "batches") == expected([index for index in range(0, FRAMES, 2) if index != 6])
    captured = capsys.readouterr()
    assert "stills: 1 frames cannot be read any more" in captured.err
    assert "wrote 19 images" in captured.out


@pytest.mark.parametrize(
    ("arguments", "change", "words"),
    [
        (["--video", "nowhere"], None, ["nowhere", "game, stills"]),
        (["--verdict", "sharp"], None, ["sharp", "usable", "without_ball"]),
        (["--verdict", "dark"], None, ["no frame of game, stills is dark"]),
        (["--quality", "0"], None, ["quality 0", "1–100"]),
        # The folder is there already.
        (["--output", "stills"], None, ["stills exists", "--output"]),
        # A stage has not run yet.
        ([], "data/clean/game.parquet", ["data/clean/game.parquet does not exist", "dvc repro"]),
        (["--verdict", "without_ball"], None, ["data/classify/frames.parquet does not exist", "dvc repro"]),
        # The source is gone.
        ([], "game.mp4", ["game.mp4 does not exist"]),
        # Not in a repository.
        ([], "params.yaml", ["params.yaml does not exist", "root"]),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(repository, capsys, arguments, change, words):
    if change:
        (repository / change).unlink()
    before = names(repository)
    assert_one_line_error(lambda: call(*arguments), words)
    assert capsys.readouterr().err == ""
    assert names(repository) == before


@pytest.mark.parametrize("content", ["[1, 2]", "{a: ]", "{experiment: test, vidoes: {}}"])
def test_params_that_are_none_are_one_line(repository, content):
    (repository / "params.yaml").write_text(content)
    with pytest.raises(SystemExit, match=r"^error: [^\n]+$"):
        call()


def test_the_module_is_the_command(repository):
    command = [sys.executable, "-m", "courtside.apps.cli", "frames", "export", "--video", "game"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(names(repository / "batches")) == FRAMES // 2
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert again.stderr.strip() == "error: batches exists; delete it, or name another folder with --output"
