"""``courtside labels export``: out to an annotation tool, and back in."""

import shutil
import subprocess
import sys
from itertools import pairwise

import cv2
import polars as pl
import pytest

from command_errors import assert_one_line_error
from courtside import boxes, layout
from courtside.apps import cli
from courtside.formats import cvat
from courtside.tables import read_table
from miniature import run

pytestmark = pytest.mark.pipeline
ROUND = "yolo_n_40"


@pytest.fixture(scope="module")
def handed_over(pipeline):
    folder = pipeline / "review"
    arguments = ["labels", "export", "--round", ROUND, "--budget", "6", "--apart", "8", "--output", folder.name]
    run(pipeline, sys.executable, "-m", "courtside.apps.cli", *arguments)
    yield folder
    shutil.rmtree(folder)


def test_images_and_boxes_are_those_of_the_round(pipeline, handed_over):
    listed = pl.read_csv(handed_over / "chosen.csv")
    assert 0 < listed.height <= 6
    assert set(listed["video"]) <= {"harbor", "forge"}  # never a test game
    labels = boxes.read(pipeline / layout.labels(ROUND))
    seen = read_table(pipeline / layout.LEARN_LABELLED)
    for (video,), rows in listed.partition_by("video", as_dict=True).items():
        annotations = cvat.read(handed_over / video / "annotations.xml", video)
        numbers = sorted(rows["frame"].to_list())
        assert annotations.frames == numbers
        assert not set(numbers) & set(seen.filter(pl.col("video") == video)["frame"])
        assert all(later - earlier >= 8 for earlier, later in pairwise(numbers))
        expected = labels.filter((pl.col("video") == video) & pl.col("frame").is_in(numbers))
        columns = ["frame", "label", "x1", "y1", "x2", "y2"]
        assert annotations.boxes.select(columns).sort(columns).equals(expected.select(columns).sort(columns))
        for number in numbers:
            image = cv2.imread(str(handed_over / video / "images" / f"frame_{number:06}.jpg"))
            assert image.shape == (720, 1280, 3)


def test_what_comes_back_counts_as_human(pipeline, handed_over):
    """A person looked at a frame that was not labelled, and took every box away from one that was."""
    xml = handed_over / "harbor.xml"
    known = boxes.read(pipeline / layout.ANNOTATED_BOXES).filter(pl.col("video") == "harbor")
    emptied = known["frame"][0]
    added = known.filter(pl.col("frame") == emptied).with_columns(frame=pl.lit(1, dtype=pl.Int32))
    cvat.write_images(xml, added, [1, emptied], ["frame_000001.jpg", f"frame_{emptied:06}.jpg"], 1280, 720)
    override = f"+videos.harbor.reviewed={xml.relative_to(pipeline)}"
    command = [sys.executable, "-m", "courtside.stages.annotate", "-cd", ".", "-cn", "params", "-m", override]
    run(pipeline, *command)
    job = max((pipeline / "multirun").glob("**/data/annotate"), key=lambda path: path.stat().st_mtime)
    after = boxes.read(job / "boxes.parquet").filter(pl.col("video") == "harbor")
    assert set(after["source"]) == {"human"}
    assert after.filter(pl.col("frame") == 1).height == added.height
    assert after.filter(pl.col("frame") == emptied).is_empty()
    others = pl.col("frame").is_in([1, emptied]).not_()
    assert after.filter(others).equals(known.filter(others))
    looked_at = read_table(job / "frames.parquet").filter(pl.col("video") == "harbor")["frame"].to_list()
    assert {1, emptied} <= set(looked_at)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--round", "yolo_x_9"], "round 'yolo_x_9' is not in params.yaml"),
        (["--budget", "0"], "--budget 0 is below 1"),
        (["--quality", "0"], "--quality 0 is outside 1–100"),
        (["--output", "data"], "data exists"),
        (["--apart", "100000"], "no frame is left to look at"),
    ],
)
def test_mistakes_are_one_line(pipeline, monkeypatch, arguments, said):
    monkeypatch.chdir(pipeline)
    command = ["labels", "export", "--output", "nothing", *arguments]
    assert_one_line_error(lambda: cli.main(command), [said])
    assert not (pipeline / "nothing").exists()


def test_a_stage_that_has_not_run_is_one_line(tmp_path, pipeline):
    shutil.copy(pipeline / "params.yaml", tmp_path)
    command = [sys.executable, "-m", "courtside.apps.cli", "labels", "export"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "does not exist" in done.stderr
