"""The classifier is trained, scored on validation shots, and applied."""

import polars as pl
import pytest

from courtside import frames, layout
from courtside.classifiers import network
from courtside.files import read_json

pytestmark = pytest.mark.pipeline


def test_metrics_add_up(pipeline):
    metrics = read_json(pipeline / layout.report("classify", "metrics.json"))
    confusion = metrics["confusion"]
    total = sum(confusion.values())
    assert total == metrics["images"]["val"]
    assert metrics["top1"] == pytest.approx((confusion["tp"] + confusion["tn"]) / total)
    assert len(metrics["mlflow_run_id"]) == 32


def test_only_usable_frames_become_without_ball(pipeline):
    before = frames.read(pipeline / layout.LEARN_FRAMES)
    after = frames.read(pipeline / layout.CLASSIFIED_FRAMES)
    assert before.height == after.height
    changed = before.join(after, on=["video", "frame"], suffix="_after").filter(
        pl.col("verdict") != pl.col("verdict_after")
    )
    assert set(changed["verdict"]) <= {"usable"}
    assert set(changed["verdict_after"]) <= {"without_ball"}
    clips = read_json(pipeline / layout.report("classify", "clips.json"))
    assert sum(entry["total"]["without_ball"] for entry in clips) == changed.height


def test_the_weights_load(pipeline):
    model, image_size = network.load(pipeline / layout.CLASSIFIER)
    assert image_size == 128
    assert sum(parameter.numel() for parameter in model.parameters()) > 1_000_000
