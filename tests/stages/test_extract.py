"""Clips, measures and facts of each video."""

import errno
import os
import shutil
import signal
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest

from courtside import frames, layout
from courtside.config import Config, VideoSettings
from courtside.errors import UserError
from courtside.files import read_json, sha256
from courtside.stages import extract as stage
from courtside.workspace import Workspace
from imports import ROOT
from miniature import run

pytestmark = pytest.mark.pipeline


def test_every_frame_is_measured_once(pipeline):
    table = frames.read(pipeline / layout.extract_frames("harbor"))
    assert table["frame"].to_list() == list(range(150))
    assert set(table["clip"]) == {0}
    assert table["ssim_1"].null_count() == 1  # the last frame has no next one
    assert table["shot"].n_unique() >= 3


def test_the_facts_name_the_file_and_its_hash(pipeline):
    facts = read_json(pipeline / layout.extract_facts("harbor"))
    assert facts["sha256"] == sha256(pipeline / facts["path"])
    assert (facts["frames"], facts["damaged_frames"], facts["frames_per_second"]) == (150, 0, 25.0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ["data/videos/bad.mp4"]),  # no such file
        (b"", ["data/videos/bad.mp4"]),
        (b"this is no video" * 100, ["data/videos/bad.mp4"]),
        ("head", ["data/videos/bad.mp4"]),  # cut off before the index is complete
        ("sound", ["data/videos/bad.mp4", "no video"]),  # without a video stream
    ],
)
def test_a_bad_video_is_one_line_and_leaves_earlier_outputs(pipeline, tmp_path, content, words):
    shutil.copytree(pipeline / "conf", tmp_path / "conf")
    shutil.copy(pipeline / "params.yaml", tmp_path)
    before = tmp_path / layout.extract("harbor")
    before.mkdir(parents=True)
    (before / "old").touch()
    bad = tmp_path / "data" / "videos" / "bad.mp4"
    bad.parent.mkdir(parents=True)
    if content == "head":
        bad.write_bytes((pipeline / "data/sample/harbor/video.mp4").read_bytes()[:2000])
    elif content == "sound":
        write_sound(bad)
    elif content is not None:
        bad.write_bytes(content)
    command = ["python", "-m", "courtside.stages.extract", "-cd", ".", "-cn", "params"]
    done = run(tmp_path, *command, "video=harbor", "videos.harbor.path=data/videos/bad.mp4", check=False)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 1
    assert len(lines) == 1, done.stderr
    for word in ["error: ", *words]:
        assert word in lines[0]
    assert [path.name for path in before.iterdir()] == ["old"]
    assert sorted(path.name for path in before.parent.iterdir()) == ["harbor"]


def write_sound(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


FRAMES = 60
KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from courtside.files import write_json
from courtside.stages import extract as stage
from stages.test_extract import run_extract

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

stage.write_json = kill  # the last of the outputs
run_extract(Path.cwd())
"""


@pytest.fixture
def repository(tmp_path):
    """A video in Matroska, which is readable from the front, and what an earlier run left."""
    write_video(tmp_path / "game.mkv")
    (tmp_path / layout.extract("game")).mkdir(parents=True)
    (tmp_path / layout.extract("game") / "old").touch()
    return tmp_path


def write_video(path):
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        # Noise has a cut at every frame, and each would be a keyframe or not as the encoder's threads happen to run.
        stream = container.add_stream("libx264", rate=Fraction(25), options={"x264-params": "scenecut=0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.gop_size = 10
        for _ in range(FRAMES):
            image = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))


def run_extract(root):
    config = Config(experiment="test", video="game", videos={"game": VideoSettings(path="game.mkv")})
    config.extract.clip_seconds = 1.0
    stage.extract(config, Workspace(root=root, outputs=root))


def outputs(root):
    """What lies where extract writes, hidden files too."""
    return sorted(path.relative_to(root / layout.EXTRACT).as_posix() for path in (root / layout.EXTRACT).rglob("*"))


def assert_a_run_finishes(root):
    run_extract(root)
    assert [name for name in outputs(root) if "clip_" not in name] == [
        "game",
        "game/clips",
        "game/frames.parquet",
        "game/video.json",
    ]
    facts = read_json(root / layout.extract_facts("game"))
    assert (facts["frames"], facts["damaged_frames"]) == (FRAMES, 0)
    assert facts["sha256"] == sha256(root / "game.mkv")


@pytest.mark.parametrize(
    "place",
    [
        "courtside.video.clips._write",  # FFmpeg, in the middle of a clip
        "polars.DataFrame.write_parquet",
        "pathlib.Path.write_text",
    ],
)
def test_no_space_is_one_line_and_leaves_earlier_outputs(repository, monkeypatch, place):
    def write(*_, **__):
        raise av.error.OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(place, write)
        with pytest.raises(UserError, match="no space is left on the disk"):
            run_extract(repository)
    assert outputs(repository) == ["game", "game/old"]
    assert_a_run_finishes(repository)


def test_a_video_that_grows_while_it_is_read_is_one_line(repository, monkeypatch):
    path = repository / "game.mkv"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    measure = stage.measure_video

    def measure_and_record(*arguments, **options):
        path.write_bytes(whole)
        return measure(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(stage, "measure_video", measure_and_record)
        with pytest.raises(UserError, match=r"game\.mkv changed while it was read"):
            run_extract(repository)
    assert outputs(repository) == ["game", "game/old"]
    assert_a_run_finishes(repository)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is a POSIX signal")
def test_a_killed_run_leaves_earlier_outputs_and_the_next_one_finishes(repository):
    program = KILLED.format(tests=str(ROOT / "tests"))
    done = subprocess.run([sys.executable, "-c", program], cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    left = [name for name in outputs(repository) if not name.startswith("game")]
    assert left  # nobody was there to remove it
    assert [name for name in outputs(repository) if name.startswith("game")] == ["game", "game/old"]
    assert_a_run_finishes(repository)


def test_damage_costs_what_is_damaged_and_is_counted(repository):
    path = repository / "game.mkv"
    content = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.pos + packet.size) for packet in container.demux(video=0) if packet.size]
    for first, last in places[25:30]:  # in file order, up to the keyframe of frame 30
        content[first + 12 : last] = bytes(last - first - 12)
    path.write_bytes(content)
    run_extract(repository)
    table = frames.read(repository / layout.extract_frames("game"))
    facts = read_json(repository / layout.extract_facts("game"))
    assert facts["frames"] == FRAMES
    assert facts["damaged_frames"] == FRAMES - table.height > 0
    assert set(table["frame"]) >= {*range(20), *range(30, FRAMES)}
