"""What a round sees on the learning videos: kept whole, so that other thresholds look at no frame again."""

import polars as pl
import pytest

from courtside import boxes, embeddings, frames, layout
from courtside.apps.params import read_params
from courtside.stages.detect import detect
from courtside.tables import read_table
from courtside.workspace import Workspace

pytestmark = pytest.mark.pipeline


def test_only_frames_that_the_round_is_asked_about_are_looked_at(pipeline):
    found = boxes.read(pipeline / layout.detections("yolo_n_20"))
    usable = frames.read(pipeline / layout.CLASSIFIED_FRAMES).filter(verdict="usable")
    assert found.height
    assert found.join(usable, on=["video", "frame"], how="anti").is_empty()
    assert set(found["source"]) == {"yolo_n_20"}


def test_of_frames_labelled_by_hand_only_those_of_validation_are_looked_at(pipeline):
    found = boxes.read(pipeline / layout.detections("yolo_n_20"))
    labelled = read_table(pipeline / layout.LEARN_LABELLED)
    table = frames.read(pipeline / layout.CLASSIFIED_FRAMES).join(labelled, on=["video", "frame"], how="semi")
    seen = table.join(found, on=["video", "frame"], how="semi")
    assert set(seen["split"]) == {"val"}


def test_boxes_weaker_than_labels_are_kept(pipeline):
    found = boxes.read(pipeline / layout.detections("yolo_n_20"))
    labels = boxes.read(pipeline / layout.labels("yolo_n_20"))
    assert found["score"].min() >= 0.002 - 1e-6
    assert labels.filter(pl.col("source") == "yolo_n_20").height < found.height


def test_how_boxes_look_is_kept_where_it_is_wanted(pipeline, tmp_path):
    """Off, the output is there all the same, as DVC wants it; on, boxes are the same and each has a row."""
    kept = pipeline / layout.detections("yolo_n_40")
    assert read_table(pipeline / layout.embeddings("yolo_n_40")).equals(embeddings.empty())
    config = read_params(pipeline / "params.yaml")
    config.round, config.detect.embeddings = "yolo_n_40", True
    detect(config, Workspace(pipeline, tmp_path))
    found = boxes.read(tmp_path / layout.detections("yolo_n_40"))
    assert found.drop("source").equals(boxes.read(kept).drop("source"))
    looks = embeddings.read(tmp_path / layout.embeddings("yolo_n_40"), found)
    assert looks.shape == (found.height, 64 + 128 + 256)
