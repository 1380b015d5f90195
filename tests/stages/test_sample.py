"""The games are drawn, each with its truth beside it."""

import pytest

from courtside.formats import cvat, mot
from courtside.video.source import probe

pytestmark = pytest.mark.pipeline


@pytest.mark.parametrize(("game", "seconds"), [("harbor", 6), ("forge", 6), ("summit", 4)])
def test_video_and_truth_agree(pipeline, game, seconds):
    folder = pipeline / "data" / "sample" / game
    info = probe(folder / "video.mp4")
    assert (info.codec, info.width, info.height, info.frames) == ("h264", 1280, 720, seconds * 25)
    truth = mot.read_ground_truth(folder / "gt" / "gt.txt", game, {1: "ball", 2: "player", 3: "referee"})
    assert set(truth["label"]) == {"ball", "player", "referee"}
    assert truth["frame"].max() < info.frames
    by_hand = cvat.read(folder / "labels.xml", game)
    assert 0 < len(by_hand.frames) < info.frames
    every = cvat.read(folder / "annotations.xml", game)
    assert every.boxes.height == truth.height
