"""Clips, measures and facts of each video."""

import shutil

import pytest

from courtside import frames, layout
from courtside.files import read_json, sha256
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
    import av
    import numpy as np

    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
