"""What a round sees on the learning videos: kept whole, so that other thresholds look at no frame again."""

import polars as pl
import pytest

from courtside import boxes, frames, layout
from courtside.tables import read_table

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
