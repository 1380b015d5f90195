"""The classifier is trained, scored on validation shots, and applied."""

import polars as pl
import pytest

from courtside import frames, layout
from courtside.classifiers import registry
from courtside.files import read_json
from courtside.tables import read_table

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
    loaded = registry.load(pipeline / layout.CLASSIFIER)
    assert (loaded.architecture, loaded.labels, loaded.image_size) == ("yolov8n-cls", ("no_ball", "ball"), 128)
    assert loaded.parameters > 1_000_000


def test_the_items_are_the_sorted_frames_of_both_sides(pipeline):
    items = read_table(pipeline / layout.CLASSIFIED_ITEMS)
    metrics = read_json(pipeline / layout.report("classify", "metrics.json"))
    assert dict(items.group_by("split").len().iter_rows()) == metrics["images"]
    assert metrics["classifiers"][0]["name"] == "yolov8n_cls"
