"""The honest numbers, on the frozen test set alone."""

import pytest

from courtside import frames, layout
from courtside.files import read_json

pytestmark = pytest.mark.pipeline


def test_metrics_have_the_keys_others_read(pipeline):
    metrics = read_json(pipeline / layout.report("evaluate", "yolo_n_40/metrics.json"))
    for key in ("mAP50", "mAP50-95", "precision", "recall", "f1", "confidence"):
        assert 0 <= metrics[key] <= 1
    assert set(metrics["confusion"]) == {"tp", "fp", "fn"}
    usable = frames.read(pipeline / layout.TEST_FRAMES).filter(verdict="usable")
    assert metrics["images"] == usable.height
    assert set(metrics["labels"]) == {"ball", "player", "referee"}


def test_curves_plots_and_examples_are_there(pipeline):
    folder = pipeline / layout.report("evaluate", "yolo_n_40")
    assert len(list((folder / "plots").glob("*.png"))) >= 4
    examples = read_json(folder / "examples" / "examples.json")
    assert len(examples) == 2
    for entry in examples:
        assert entry["video"] == "summit"
        assert (folder / "examples" / entry["file"]).stat().st_size > 10_000
    assert "ball" in read_json(folder / "curves.json")
