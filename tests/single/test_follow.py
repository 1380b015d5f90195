"""An object followed through a video, and several in processes."""

import numpy as np
import pytest

from courtside.errors import UserError
from courtside.formats.mot import read_ground_truth
from courtside.metrics.single_tracking import evaluate_single
from courtside.single.follow import Task, follow, follow_all
from courtside.single.registry import create
from courtside.single.settings import CheckSettings
from courtside.video.writer import VideoWriter
from moving_object import picture, row, table

# The square moves, is gone for ten frames, and comes back elsewhere.
PLACES = [(20 + 5 * step, 60) for step in range(20)] + [None] * 10 + [(200, 100 + 2 * step) for step in range(20)]


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    path = tmp_path_factory.mktemp("single") / "game.mp4"
    with VideoWriter(path, 320, 240, 25, crf=12) as writer:
        for place in PLACES:
            writer.write(picture(*(place or ())))
    return path


@pytest.fixture(scope="module")
def truth():
    return table(*(row(frame, *place) for frame, place in enumerate(PLACES) if place))


def test_the_result_is_a_boxes_table_of_that_object(video, truth):
    followed = follow(video, range(3, 15), truth.filter(truth["frame"] == 3), create("csrt"))
    assert followed.frames.tolist() == list(range(3, 15))
    assert followed.boxes["frame"].to_list() == list(range(3, 15))
    assert set(followed.boxes.select("video", "label", "track", "source").iter_rows()) == {("game", "ball", 1, "csrt")}
    assert followed.boxes.row(0, named=True)["x1"] == 35.0
    assert (followed.confidence == 1).all()
    assert followed.frames_per_second > 0


@pytest.mark.parametrize("known", [False, True])
def test_with_the_check_it_says_when_the_object_is_gone_and_finds_it_again(video, truth, known):
    detections = truth.filter(truth["frame"] > 32) if known else None
    settings = CheckSettings(reach=3.0, reach_growth=0.5)
    followed = follow(video, range(len(PLACES)), truth.head(1), create("csrt"), check=settings, detections=detections)
    gone = followed.lost[23:30]
    assert gone.all()
    assert not followed.lost[:20].any()
    assert not followed.lost[36:].any()
    assert followed.boxes.filter(followed.boxes["frame"].is_between(23, 29)).height == 0
    last = followed.boxes.tail(1).row(0, named=True)
    assert (last["x1"], last["y1"]) == pytest.approx((200, 138), abs=6)


def test_processes_give_what_one_gives(video, truth):
    tasks = [Task(video, 0, 12, truth.head(1), name) for name in ("kcf", "medianflow")]
    one, two = follow_all(tasks, workers=1), follow_all(tasks, workers=2)
    for alone, beside in zip(one, two, strict=True):
        assert alone.boxes.equals(beside.boxes)
        assert np.array_equal(alone.confidence, beside.confidence)


def test_what_cannot_be_followed_is_told(video, truth):
    with pytest.raises(UserError, match="has no frame 99"):
        follow(video, range(99, 120), truth.head(1), create("kcf"))
    with pytest.raises(ValueError, match="one box"):
        follow(video, range(5), truth.head(2), create("kcf"))
    with pytest.raises(ValueError, match="consecutive"):
        follow(video, range(0, 9, 2), truth.head(1), create("kcf"))


def test_a_real_ball_is_held_longer_with_the_check(shared_data):
    clip = "outdoor_shot_540p"
    truth = read_ground_truth(shared_data / "video_truth" / clip / "gt.txt", clip, {1: "ball"})
    path = shared_data / "video" / f"{clip}.mp4"
    frames = range(truth.height)
    alone, checked = (
        evaluate_single(truth, follow(path, frames, truth.head(1), create("csrt"), check=check).boxes, frames)
        for check in (None, CheckSettings())
    )
    assert alone.auc < 0.3
    assert checked.auc > alone.auc + 0.1
    assert checked.failed_said > checked.failed / 2
