"""A round's images and labels."""

import polars as pl
import pytest

from courtside import boxes, layout
from courtside.files import read_json
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


@pytest.mark.parametrize("name", ["yolo_n_20", "yolo_n_40"])
def test_the_labels_are_counted_and_drawn(pipeline, name):
    counted = read_json(pipeline / layout.report("dataset", f"{name}/metrics.json"))
    listed = read_table(pipeline / layout.dataset(name) / "images.parquet")
    for split in ("train", "val"):
        files = (pipeline / layout.dataset(name) / "labels" / split).iterdir()
        assert counted["images"][split] == listed.filter(split=split).height
        assert sum(boxes[split] for boxes in counted["boxes"].values()) == sum(
            len(path.read_text().splitlines()) for path in files
        )
    assert counted["human"] + counted["teacher"] == counted["images"]["train"]
    shapes = read_json(pipeline / layout.report("dataset", f"{name}/labels.json"))
    assert {label: sum(shape["counts"]["x"]) for label, shape in shapes.items()} == {
        label: boxes["train"] for label, boxes in counted["boxes"].items() if boxes["train"]
    }
    plots = pipeline / layout.report("dataset", f"{name}/plots")
    assert sorted(path.name for path in plots.iterdir()) == ["labels.png", "labels_correlogram.png"]
