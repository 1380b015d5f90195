"""A round is trained and logged; a sweep is logged under one parent."""

import pytest
from mlflow import MlflowClient

from courtside import layout
from courtside.detectors.weights import load_weights
from courtside.files import read_json
from miniature import run

pytestmark = pytest.mark.pipeline


def client(folder):
    return MlflowClient(tracking_uri=f"sqlite:///{folder}/mlflow.db")


def test_the_run_has_its_name_parameters_metrics_and_origin(pipeline):
    report = read_json(pipeline / layout.report("train", "yolo_n_40/metrics.json"))
    found = client(pipeline).get_run(report["mlflow_run_id"])
    assert found.info.run_name == "yolo_n_40"
    assert found.info.status == "FINISHED"
    assert found.data.params["teacher"] == "yolo_n_20"
    assert found.data.params["train.lr0"] == "0.0005"  # the round's own, over that of all
    assert found.data.metrics["mAP50"] == pytest.approx(report["epochs"][-1]["mAP50"])
    assert found.data.metrics["test/mAP50"] == pytest.approx(
        read_json(pipeline / layout.report("evaluate", "yolo_n_40/metrics.json"))["mAP50"]
    )
    assert len(found.data.tags["git_commit"].split("+")[0]) == 40
    assert found.data.tags["dvc.data/train/yolo_n_40/weights.pt"]
    artifacts = {entry.path for entry in client(pipeline).list_artifacts(found.info.run_id, "plots")}
    assert any("confusion" in path for path in artifacts)


def test_the_weights_say_what_they_are(pipeline):
    weights = load_weights(pipeline / layout.weights("yolo_n_20"))
    assert (weights.architecture, weights.labels, weights.image_size) == (
        "yolov8n",
        ("ball", "player", "referee"),
        384,  # the size to detect at, not the one trained at
    )


def test_training_leaves_the_dataset_as_it_was(pipeline):
    assert "Data and pipelines are up to date" in run(pipeline, "dvc", "status").stdout


def test_a_sweep_has_one_parent_and_changes_nothing_dvc_tracks(pipeline):
    command = ["python", "-m", "courtside.stages.train", "experiment=mini", "round=yolo_n_20"]
    run(pipeline, *command, "-m", "detector=yolov8n,yolo11n", "train.lr0=0.01", "detector.weights=null")
    experiment = client(pipeline).get_experiment_by_name("courtside")
    runs = client(pipeline).search_runs([experiment.experiment_id])
    children = [found for found in runs if "mlflow.parentRunId" in found.data.tags]
    assert {found.data.params["architecture"] for found in children} == {"yolov8n", "yolo11n"}
    assert len({found.data.tags["mlflow.parentRunId"] for found in children}) == 1
    assert "Data and pipelines are up to date" in run(pipeline, "dvc", "status").stdout


@pytest.mark.parametrize(
    ("override", "environment", "words"),
    [
        ("detector.weights=data/weights/none.pt", {}, ["data/weights/none.pt", "do not exist"]),
        ("detector.architecture=yolov99z", {}, ["yolov99z"]),
        ("train.epochs=0", {}, ["train.epochs", "1–10000"]),
        ("seed=1", {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}, ["127.0.0.1:9", "cannot be reached"]),
    ],
)
def test_mistakes_are_one_line_and_leave_earlier_outputs(pipeline, override, environment, words):
    before = (pipeline / layout.weights("yolo_n_20")).read_bytes()
    command = ["python", "-m", "courtside.stages.train", "-cd", ".", "-cn", "params", "round=yolo_n_20", override]
    done = run(pipeline, *command, check=False, **environment)
    lines = [line for line in done.stderr.strip().splitlines() if line.startswith("error: ")]
    assert done.returncode == 1
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in lines[0]
    assert (pipeline / layout.weights("yolo_n_20")).read_bytes() == before
