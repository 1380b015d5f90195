"""Tracks, their scores, and a video that plays."""

import pytest
from mlflow import MlflowClient

from courtside import boxes, layout
from courtside.files import read_json
from courtside.video.source import probe

pytestmark = pytest.mark.pipeline


def test_scores_have_the_keys_others_read(pipeline):
    metrics = read_json(pipeline / layout.report("track", "summit/bytetrack.json"))
    keys = "MOTA IDF1 HOTA precision recall false_positives false_negatives switches fragmentations"
    for part in ("overall", "ball", "player", "referee"):
        for key in [*keys.split(), "mostly_tracked", "partially_tracked", "mostly_lost"]:
            assert key in metrics[part]
    assert metrics["fps"] > 0
    found = MlflowClient(tracking_uri=f"sqlite:///{pipeline}/mlflow.db").get_run(metrics["mlflow_run_id"])
    assert found.info.run_name == "bytetrack summit"


def test_the_video_is_as_long_as_its_source(pipeline):
    info = probe(pipeline / layout.track_video("summit", "bytetrack"))
    assert (info.codec, info.frames, info.width, info.height) == ("h264", 100, 1280, 720)


def test_every_box_has_an_identity(pipeline):
    assert boxes.read(pipeline / layout.track("summit", "bytetrack"))["track"].null_count() == 0
