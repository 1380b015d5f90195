"""The honest numbers, on the frozen test set alone."""

from pathlib import Path

import numpy as np
import pytest
from mlflow import MlflowClient

from courtside import frames, layout
from courtside.files import read_json

pytestmark = pytest.mark.pipeline
ROUNDS = ("yolo_n_20", "yolo_n_40")


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
    assert {path.stem for path in (folder / "plots").glob("*.png")} == {
        "confusion_matrix",
        "f1_confidence",
        "precision_confidence",
        "precision_recall",
        "recall_confidence",
        "training",
    }
    examples = read_json(folder / "examples" / "examples.json")
    assert len(examples) == 2
    for entry in examples:
        assert entry["video"] == "summit"
        assert (folder / "examples" / entry["file"]).stat().st_size > 10_000
    assert "ball" in read_json(folder / "curves.json")


def test_all_rounds_are_scored_on_the_same_drawn_test_sets(pipeline):
    drawn = [read_json(pipeline / layout.report("evaluate", f"{name}/resamples.json")) for name in ROUNDS]
    assert drawn[0]["groups"] == drawn[1]["groups"] > 1
    for name, each in zip(ROUNDS, drawn, strict=True):
        low, high = read_json(pipeline / layout.report("evaluate", f"{name}/metrics.json"))["mAP50_interval"]
        known = [value for value in each["mAP50"] if value is not None]
        assert len(each["mAP50"]) == 20
        assert np.quantile(known, [0.025, 0.975]) == pytest.approx((low, high), abs=1e-5)


def test_a_round_is_one_run_that_shows_all(pipeline, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    client = MlflowClient(tracking_uri=f"sqlite:///{pipeline / 'mlflow.db'}")
    for name in ROUNDS:
        run_id = read_json(pipeline / layout.report("train", f"{name}/metrics.json"))["mlflow_run_id"]
        metrics = read_json(pipeline / layout.report("evaluate", f"{name}/metrics.json"))
        assert metrics["mlflow_run_id"] == run_id
        plots = {Path(entry.path).stem for entry in client.list_artifacts(run_id, "plots")}
        assert {"labels", "labels_correlogram", "confusion_matrix", "recall_confidence", "training"} <= plots
        data = client.get_run(run_id).data
        assert data.metrics["test/mAP50"] == metrics["mAP50"]
        assert data.metrics["test/ball/mAP50"] == metrics["labels"]["ball"]["mAP50"]
        assert data.metrics["data/boxes/ball"] > 0
        assert data.metrics["data/human"] > 0
        assert data.tags["verdict"] in ("accepted", "rejected")
        assert f"mAP50 {metrics['mAP50']:.3f}" in data.tags["mlflow.note.content"]
        assert "audit" in data.tags["mlflow.note.content"]
