"""OpenCV's trackers behind the protocol, and what is said where weights are missing."""

from pathlib import Path

import numpy as np
import pytest

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.single.registry import NEED_WEIGHTS, TRACKERS, create
from moving_object import box_at, picture


@pytest.mark.parametrize("name", sorted(set(TRACKERS) - NEED_WEIGHTS))
def test_each_follows_a_slow_square(name):
    tracker = create(name)
    assert tracker.name == name
    # Started twice: the second start counts.
    tracker.start(picture(200, 150), box_at(200, 150))
    tracker.start(picture(60, 80), box_at(60, 80))
    for step in range(1, 9):
        found = tracker.update(picture(60 + 2 * step, 80 + step))
    least = 0.1 if name == "mil" else 0.6  # MIL draws its features by the clock: 0.2 to 1.0 in twenty runs
    assert boxes_table.iou(found[None], box_at(76, 88)[None])[0, 0] > least


def test_a_box_over_the_edge_is_cut_and_one_outside_refused():
    tracker = create("kcf")
    tracker.start(picture(0, 0), np.array([-10.0, -10.0, 40.0, 40.0]))
    with pytest.raises(UserError, match="outside the picture of 320 × 240"):
        tracker.start(picture(), np.array([400.0, 10.0, 440.0, 50.0]))


def test_a_tracker_that_was_not_started_says_so():
    with pytest.raises(ValueError, match="before it was started"):
        create("csrt").update(picture())


@pytest.mark.parametrize("name", sorted(NEED_WEIGHTS))
def test_weights_are_asked_for(name, tmp_path):
    with pytest.raises(UserError, match=rf"needs weights; name the file in single.weights.{name}"):
        create(name)
    with pytest.raises(UserError, match="does not exist"):
        create(name, tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "files"),
    [("vit", ["vit.onnx"]), ("nano", ["nanotrack_backbone_sim.onnx", "nanotrack_head_sim.onnx"])],
)
def test_a_damaged_network_is_told_before_the_first_frame(name, files, tmp_path):
    for file in files:
        (tmp_path / file).write_bytes(b"no network")
    with pytest.raises(UserError, match="is no network that the tracker"):
        create(name, tmp_path / files[0] if name == "vit" else Path(tmp_path))


def test_an_unknown_name_lists_the_known():
    with pytest.raises(UserError, match="there are: csrt, kcf, mil, mosse, medianflow, vit, nano"):
        create("goturn")
