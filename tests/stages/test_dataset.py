"""A round's images and labels."""

import polars as pl
import pytest

from courtside import boxes, layout
from courtside.tables import read_table

pytestmark = pytest.mark.pipeline


@pytest.mark.parametrize("name", ["yolo_n_20", "yolo_n_40"])
def test_every_image_has_its_labels_and_its_row(pipeline, name):
    folder = pipeline / layout.dataset(name)
    listed = read_table(folder / "images.parquet")
    for split in ("train", "val"):
        stems = {f"{video}_{frame:06d}" for video, frame in listed.filter(split=split).select("video", "frame").rows()}
        assert {path.stem for path in (folder / "images" / split).iterdir()} == stems
        assert {path.stem for path in (folder / "labels" / split).iterdir()} == stems
    assert listed.height <= int(name.rsplit("_", 1)[1])


def test_human_labels_and_no_others_on_human_frames(pipeline):
    listed = read_table(pipeline / layout.dataset("yolo_n_40") / "images.parquet").filter(source="human")
    human = boxes.read(pipeline / layout.LEARN_BOXES)
    for video, frame, split in listed.select("video", "frame", "split").rows():
        path = pipeline / layout.dataset("yolo_n_40") / "labels" / split / f"{video}_{frame:06d}.txt"
        expected = human.filter((pl.col("video") == video) & (pl.col("frame") == frame)).height
        assert len(path.read_text().splitlines()) == expected


def test_no_image_is_of_a_test_video(pipeline):
    for name in ("yolo_n_20", "yolo_n_40"):
        assert "summit" not in set(read_table(pipeline / layout.dataset(name) / "images.parquet")["video"])


def test_the_second_round_learns_from_the_first(pipeline):
    listed = read_table(pipeline / layout.dataset("yolo_n_40") / "images.parquet")
    taught = listed.filter(source="teacher")
    assert taught.height > 0
    assert set(taught["split"]) == {"train"}
