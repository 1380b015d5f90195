"""Trackers side by side, on what was seen and on what is there."""

import pytest

from courtside import layout
from courtside.files import read_json

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def compared(pipeline):
    return read_json(pipeline / layout.report("compare", "metrics.json"))


def test_every_tracker_is_scored_on_detections_and_on_the_true_boxes(compared):
    assert list(compared["trackers"]) == ["courtside", "bytetrack", "fairmot"]
    for entry in compared["trackers"].values():
        for given in ("detections", "truth"):
            for part in ("overall", "ball", "player", "referee"):
                assert {"HOTA", "MOTA", "IDF1", "switches"} <= set(entry[given]["scores"][part])
            assert entry[given]["fps"] > 0


def test_a_detector_without_fault_is_no_worse(compared):
    for entry in compared["trackers"].values():
        recall = {given: entry[given]["scores"]["overall"]["recall"] for given in ("detections", "truth")}
        assert recall["truth"] >= recall["detections"]


def test_one_video_is_the_combination_of_itself(compared):
    for entry in compared["trackers"].values():
        assert compared["videos"] == ["summit"]
        assert entry["detections"]["videos"]["summit"] == entry["detections"]["scores"]


def test_overlap_is_weighed_against_looks(compared):
    steps = compared["overlap_weights"]["fairmot"]
    assert [step["overlap_weight"] for step in steps] == [0, 1]
    assert all("HOTA" in step["scores"]["player"] for step in steps)


def test_what_the_best_tracker_first_loses_is_shown(pipeline, compared):
    about = read_json(pipeline / layout.FIRST_LOSSES / "losses.json")
    best = max(
        compared["trackers"], key=lambda name: compared["trackers"][name]["detections"]["scores"]["overall"]["HOTA"]
    )
    assert about["tracker"] == best
    lost = {
        row["condition"]: row["first_loss"]["summit"]
        for row in compared["trackers"][best]["detections"]["conditions"]
        if row["first_loss"] and row["condition"] not in {"all", "none"}
    }
    assert {loss["condition"]: loss["frame"] for loss in about["losses"]} == lost
    assert all((pipeline / layout.FIRST_LOSSES / loss["file"]).is_file() for loss in about["losses"])
