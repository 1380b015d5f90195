"""Pseudo-labels on training frames, audited on human ones."""

import pytest

from courtside import boxes, frames, layout
from courtside.files import read_json
from courtside.tables import read_table

pytestmark = pytest.mark.pipeline


def test_only_usable_training_frames_are_labelled(pipeline):
    found = boxes.read(pipeline / layout.labels("yolo_n_20"))
    table = frames.read(pipeline / layout.CLASSIFIED_FRAMES).filter(verdict="usable", split="train")
    assert found.join(table, on=["video", "frame"], how="anti").is_empty()
    assert set(found["source"]) <= {"yolo_n_20", "interpolated"}
    by_hand = read_table(pipeline / layout.LEARN_LABELLED)  # known already: nobody has to look again
    assert found.join(by_hand, on=["video", "frame"], how="semi").is_empty()


def test_the_audit_has_the_keys_others_read(pipeline):
    metrics = read_json(pipeline / layout.report("label", "yolo_n_20/metrics.json"))
    for when in ("before", "after"):
        assert set(metrics[when]) == {"precision", "recall", "f1", "mean_iou", "boxes"}
    for step in metrics["steps"]:
        assert set(step) == {"name", "removed", "added", "moved"}
    assert metrics["accepted"] == (metrics["after"]["f1"] >= metrics["before"]["f1"])
    assert metrics["frames"]["audited"] > 0


def test_a_round_may_look_at_fewer_frames_than_the_others(pipeline):
    names = ("yolo_n_20", "yolo_n_40")
    second, fourth = (read_json(pipeline / layout.report("label", f"{name}/metrics.json"))["frames"] for name in names)
    assert 0 < fourth["labelled"] < 0.6 * second["labelled"]
    assert fourth["audited"] == second["audited"]
