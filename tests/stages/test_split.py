"""Whole shots on either side, and the test labels out of reach."""

import shutil

import polars as pl
import pytest

from courtside import boxes, frames, layout
from courtside.files import read_json
from miniature import run

pytestmark = pytest.mark.pipeline


def test_no_shot_is_on_both_sides(pipeline):
    table = frames.read(pipeline / layout.LEARN_FRAMES)
    assert table.group_by("video", "shot").agg(pl.col("split").n_unique())["split"].max() == 1
    assert set(table["split"]) == {"train", "val"}


def test_what_learning_may_see_holds_nothing_of_the_test_video(pipeline):
    assert set(frames.read(pipeline / layout.LEARN_FRAMES)["video"]) == {"harbor", "forge"}
    assert set(boxes.read(pipeline / layout.LEARN_BOXES)["video"]) == {"harbor", "forge"}
    assert set(boxes.read(pipeline / layout.labels("gold"))["video"]) == {"harbor", "forge"}
    assert set(read_json(pipeline / layout.LEARN_VIDEOS)) == {"harbor", "forge"}
    assert set(frames.read(pipeline / layout.TEST_FRAMES)["video"]) == {"summit"}


def test_the_proof_is_written(pipeline):
    metrics = read_json(pipeline / layout.report("split", "metrics.json"))
    assert set(metrics["frames"]) == {"train", "val", "test"}
    assert metrics["leaks"] == 0
    assert metrics["nearest"]["distance"] > 4


def test_a_test_video_that_is_also_learned_from_fails_the_stage(pipeline, tmp_path):
    for name in ("conf", "data/extract", "data/clean", "data/annotate"):
        shutil.copytree(pipeline / name, tmp_path / name)
    shutil.copy(pipeline / "params.yaml", tmp_path)
    # The test video stands among the learning ones under another name.
    table = frames.read(pipeline / layout.clean("summit")).with_columns(video=pl.lit("forge"))
    frames.write(tmp_path / layout.clean("forge"), table)
    command = ["python", "-m", "courtside.stages.split", "-cd", ".", "-cn", "params"]
    done = run(tmp_path, *command, check=False)
    assert done.returncode == 1
    assert "near-twin" in done.stderr
    assert "summit frame" in done.stderr
    assert not (tmp_path / "data" / "split").exists()
