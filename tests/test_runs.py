"""Runs in MLflow: names, nesting, origin, and a server that is not there."""

import pytest
from mlflow import MlflowClient

from courtside.config import MLflowSettings, TrainSettings
from courtside.errors import UserError
from courtside.runs import open_run, tracking_uri
from courtside.workspace import Workspace

LOCK = """\
schema: '2.0'
stages:
  dataset@one:
    outs:
    - path: data/dataset/one
      md5: 1234.dir
"""


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)  # MLflow puts local artifacts beside the program
    (tmp_path / "dvc.lock").write_text(LOCK)
    return Workspace(root=tmp_path, outputs=tmp_path)


def test_what_is_logged_can_be_read(workspace):
    client = MlflowClient(tracking_uri=tracking_uri(MLflowSettings(), workspace.root))
    with open_run(MLflowSettings(), workspace, name="one", stage="train", inputs=["data/dataset/one"]) as run:
        run.log_parameters({"train": TrainSettings(), "round": "one"})
        run.log_parameters({"many": {str(number): number for number in range(150)}})
        run.log_metrics({"mAP50": 0.5, "top1": None}, step=1)
        run.log_metrics({"mAP50": 0.7}, step=2)
        (workspace.root / "plot.png").write_bytes(b"png")
        run.log_artifact(workspace.root / "plot.png", "plots")
    found = client.get_run(run.id)
    assert (found.info.run_name, found.info.status) == ("one", "FINISHED")
    assert found.data.params["train.batch"] == "16"
    assert [point.value for point in client.get_metric_history(run.id, "mAP50")] == [0.5, 0.7]
    assert "top1" not in found.data.metrics
    assert found.data.tags["dvc.data/dataset/one"] == "1234.dir"
    assert {f"many.{number}" for number in range(150)} <= set(found.data.params)  # more than MLflow takes at once
    assert [entry.path for entry in client.list_artifacts(run.id, "plots")] == ["plots/plot.png"]
    # A later stage goes on with the run, and one whose run is unknown here begins a new one.
    with open_run(MLflowSettings(), workspace, name="one", stage="evaluate", run_id=run.id) as again:
        again.log_parameters({"round": "other words are not a second value"})
        assert again.id == run.id
    with open_run(MLflowSettings(), workspace, name="one", stage="evaluate", run_id="0" * 32) as new:
        assert new.id != run.id
    # A run whose block raises is left behind as failed.
    with (
        pytest.raises(ZeroDivisionError),
        open_run(MLflowSettings(), workspace, name="two", stage="train") as failing,
    ):
        raise ZeroDivisionError
    assert client.get_run(failing.id).info.status == "FAILED"


def test_what_stages_say_of_a_run_stands_in_its_description(workspace):
    client = MlflowClient(tracking_uri=tracking_uri(MLflowSettings(), workspace.root))
    with open_run(MLflowSettings(), workspace, name="one", stage="label") as run:
        run.describe("label", "Its labels are good.")
        run.describe("evaluate", "It scores.")
        run.describe("evaluate", "It scores well.")
        run.set_tags({"verdict": "accepted"})
        run.log_metrics({"test/ball/mAP50": 0.5})
    found = client.get_run(run.id).data
    assert found.tags["mlflow.note.content"] == "It scores well.\n\nIts labels are good."
    assert found.tags["verdict"] == "accepted"
    assert found.metrics == {"test/ball/mAP50": 0.5}


@pytest.mark.parametrize("uri", ["http://127.0.0.1:9", "sqlite:////proc/none/mlflow.db"])
def test_an_unreachable_store_is_one_line(workspace, uri):
    with (
        pytest.raises(UserError, match="MLflow at"),
        open_run(MLflowSettings(tracking_uri=uri), workspace, name="one", stage="train"),
    ):
        pass


def test_the_environment_wins(workspace, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking:5000")
    assert tracking_uri(MLflowSettings(), workspace.root) == "http://tracking:5000"
