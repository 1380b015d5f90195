"""Human labels become tables."""

import shutil

import polars as pl
import pytest

from courtside import boxes, layout
from courtside.tables import read_table
from miniature import run

pytestmark = pytest.mark.pipeline


def test_boxes_are_human_and_on_frames_that_were_looked_at(pipeline):
    found = boxes.read(pipeline / layout.ANNOTATED_BOXES)
    looked_at = read_table(pipeline / layout.ANNOTATED_FRAMES)
    assert set(found["source"]) == {"human"}
    assert set(found["video"]) == {"harbor", "forge", "summit"}
    assert found.join(looked_at, on=["video", "frame"], how="anti").is_empty()


def test_tracks_are_of_the_test_video_with_identities(pipeline):
    tracks = boxes.read(pipeline / layout.ANNOTATED_TRACKS)
    assert set(tracks["video"]) == {"summit"}
    assert tracks["track"].null_count() == 0
    assert tracks.filter(pl.col("label") == "ball")["track"].n_unique() == 1


def test_labelled_frames_count_as_sorted(pipeline):
    sorted_frames = read_table(pipeline / layout.ANNOTATED_SORTED)
    looked_at = read_table(pipeline / layout.ANNOTATED_FRAMES)
    assert looked_at.join(sorted_frames, on=["video", "frame"], how="anti").is_empty()
    assert sorted_frames.height > looked_at.height


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("videos.harbor.labels=data/sample/nothing.xml", ["nothing.xml"]),  # no such file
        ("videos.harbor.labels=data/sample/harbor/video.mp4", ["video.mp4"]),  # no labels at all
        ("+videos.harbor.classes={0: ball}", None),  # CVAT names stand for themselves: fewer labels, no error
    ],
)
def test_bad_labels_are_one_line(pipeline, tmp_path, override, words):
    for name in ("conf", "data/sample", "data/extract"):
        shutil.copytree(pipeline / name, tmp_path / name)
    shutil.copy(pipeline / "params.yaml", tmp_path)
    command = ["python", "-m", "courtside.stages.annotate", "-cd", ".", "-cn", "params", override]
    done = run(tmp_path, *command, check=False)
    if words is None:
        assert done.returncode == 0, done.stderr
        return
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 1
    assert len(lines) == 1, done.stderr
    for word in words:
        assert word in lines[0]
    assert not (tmp_path / "data" / "annotate").exists()


def test_no_labels_at_all_is_one_line(pipeline, tmp_path):
    for name in ("conf", "data/extract"):
        shutil.copytree(pipeline / name, tmp_path / name)
    shutil.copy(pipeline / "params.yaml", tmp_path)
    command = ["python", "-m", "courtside.stages.annotate", "-cd", ".", "-cn", "params"]
    done = run(tmp_path, *command, "videos.harbor.labels=null", "videos.forge.labels=null", check=False)
    assert done.returncode == 1
    assert "videos.NAME.labels" in done.stderr
