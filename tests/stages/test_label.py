"""Pseudo-labels on training frames, audited on human ones; and the champion of the rounds."""

import json
import shutil

import numpy as np
import polars as pl
import pytest

from courtside import boxes, embeddings, frames, layout
from courtside.apps.params import read_params
from courtside.errors import UserError
from courtside.files import read_json, sha256
from courtside.pseudolabels.fusion import read_ensemble
from courtside.stages.label import label
from courtside.tables import read_table
from courtside.workspace import Workspace

pytestmark = pytest.mark.pipeline
ROUNDS = ("yolo_n_20", "yolo_n_40")


def metrics_of(pipeline, name):
    return read_json(pipeline / layout.report("label", f"{name}/metrics.json"))


def test_only_usable_training_frames_are_labelled(pipeline):
    found = boxes.read(pipeline / layout.labels("yolo_n_20"))
    table = frames.read(pipeline / layout.CLASSIFIED_FRAMES).filter(verdict="usable", split="train")
    assert found.join(table, on=["video", "frame"], how="anti").is_empty()
    assert set(found["source"]) <= {"yolo_n_20", "interpolated"}
    by_hand = read_table(pipeline / layout.LEARN_LABELLED)  # known already: nobody has to look again
    assert found.join(by_hand, on=["video", "frame"], how="semi").is_empty()


def test_the_audit_has_the_keys_others_read(pipeline):
    metrics = metrics_of(pipeline, "yolo_n_20")
    audited = {"precision", "recall", "f1", "mean_iou", "boxes"}
    for when in ("before", "after"):
        assert set(metrics[when]) == audited
        assert set(metrics["intervals"][when]) == audited - {"boxes"}
    for step in metrics["steps"]:
        assert set(step) == {"name", "removed", "added", "moved", *audited}
    assert metrics["steps"][-1]["f1"] == metrics["after"]["f1"]
    assert metrics["accepted"] == (metrics["after"]["f1"] >= metrics["before"]["f1"])
    assert metrics["frames"]["audited"] > 0


def test_a_round_may_look_at_fewer_frames_than_the_others(pipeline):
    second, fourth = (metrics_of(pipeline, name)["frames"] for name in ROUNDS)
    assert 0 < fourth["labelled"] < 0.6 * second["labelled"]
    assert fourth["audited"] == second["audited"]


def test_the_second_round_is_compared_with_the_first(pipeline):
    first, second = (metrics_of(pipeline, name) for name in ROUNDS)
    assert first["comparison"] is None
    assert first["champion"] == "yolo_n_20"
    assert second["comparison"]["with"] == "yolo_n_20"
    champion = "yolo_n_20" if second["rejected"] else "yolo_n_40"
    assert second["champion"] == champion
    assert sha256(pipeline / layout.champion("yolo_n_40")) == sha256(pipeline / layout.weights(champion))


def test_every_round_is_a_version_and_the_champion_has_the_alias(pipeline):
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=f"sqlite:///{pipeline}/mlflow.db")
    versions = {version.tags["round"]: version for version in client.search_model_versions("name='courtside-mini'")}
    assert set(versions) == set(ROUNDS)
    for name, version in versions.items():
        assert version.tags["teacher"] == {"yolo_n_20": "gold", "yolo_n_40": "yolo_n_20"}[name]
        assert {"git_commit", "sha256", "verdict", f"dvc.{layout.dataset(name)}"} <= set(version.tags)
    best = client.get_model_version_by_alias("courtside-mini", "champion")
    assert best.tags["round"] == metrics_of(pipeline, "yolo_n_40")["champion"]


def test_a_poisoned_round_is_rejected_and_the_champion_stays(pipeline, tmp_path, capsys):
    """The first round's detections are as good as truth; the second's are half of them moved off their objects."""
    config = read_params(pipeline / "params.yaml")
    config.label.temporal_labels, config.mlflow.tracking_uri = [], f"sqlite:///{tmp_path}/mlflow.db"
    workspace = Workspace(pipeline, tmp_path)
    truth = boxes.read(pipeline / layout.LEARN_BOXES).with_columns(score=pl.lit(0.9, pl.Float32))
    root = tmp_path / "repository"
    for name in ("data/split", "data/classify", "data/label", "data/audit", "data/train", "data/dataset", "reports"):
        shutil.copytree(pipeline / name, root / name, symlinks=False)
    workspace = Workspace(root, root)

    def run(name, found):
        (root / "data/detect").mkdir(exist_ok=True)
        boxes.write(root / layout.detections(name), found.with_columns(source=pl.lit(name)))
        config.round = name
        label(config, workspace)
        return json.loads((root / layout.report("label", f"{name}/metrics.json")).read_text())

    assert not run("yolo_n_20", truth)["rejected"]
    number = pl.int_range(pl.len())
    off = pl.when(number % 2 == 0).then(200.0).otherwise(0.0).cast(pl.Float32)
    poisoned = truth.with_columns(x1=pl.col("x1") + off, x2=pl.col("x2") + off)
    result = run("yolo_n_40", poisoned)
    assert result["rejected"]
    assert result["champion"] == "yolo_n_20"
    assert result["comparison"]["high"] < 0
    assert "rejected" in capsys.readouterr().out
    assert boxes.read(root / layout.labels("yolo_n_40")).equals(boxes.read(root / layout.labels("yolo_n_20")))
    assert sha256(root / layout.champion("yolo_n_40")) == sha256(root / layout.weights("yolo_n_20"))
    # An honest round after it is compared with the champion, not with the rejected one.
    assert not run("yolo_n_40", truth)["rejected"]


def test_a_round_is_fused_with_all_before_it(pipeline, tmp_path):
    config = read_params(pipeline / "params.yaml")
    config.label.temporal_labels, config.mlflow.tracking_uri = [], f"sqlite:///{tmp_path}/mlflow.db"
    config.label.fuse_teacher = True
    root = tmp_path / "repository"
    for name in ("split", "classify", "label", "audit", "train", "dataset", "detect", "ensemble"):
        shutil.copytree(pipeline / "data" / name, root / "data" / name, symlinks=False)
    shutil.copytree(pipeline / "reports", root / "reports", symlinks=False)
    assert read_ensemble(root / layout.ensemble("yolo_n_20")).looked.is_empty()  # nobody had asked for it
    for name in ROUNDS:
        config.round = name
        label(config, Workspace(root, root))
    first, second = (read_ensemble(root / layout.ensemble(name)) for name in ROUNDS)
    assert first.looked["detectors"].unique().to_list() == [1]
    assert second.looked["detectors"].max() == (1 if metrics_of(root, "yolo_n_40")["rejected"] else 2)
    assert second.looked.select("video", "frame").equals(first.looked.select("video", "frame"))


def test_boxes_that_look_like_nothing_else_become_no_labels(pipeline, tmp_path):
    config = read_params(pipeline / "params.yaml")
    config.round, config.mlflow.tracking_uri = "yolo_n_20", f"sqlite:///{tmp_path}/mlflow.db"
    config.label.temporal_labels, config.label.looks.labels, config.label.looks.components = [], ["player"], 4
    config.label.looks.minimum_reference, config.label.maximum_aspect_ratio = 20, 1e6
    root = tmp_path / "repository"
    for name in ("data/split", "data/classify", "data/label", "data/audit", "data/train", "data/dataset", "reports"):
        shutil.copytree(pipeline / name, root / name, symlinks=False)
    workspace = Workspace(root, root)
    # The players that the round found, sure of all but the last, which looks like nothing else.
    found = boxes.read(pipeline / layout.detections("yolo_n_20")).filter(label="player")
    found = found.unique(["video", "frame"], keep="first", maintain_order=True).with_columns(
        score=pl.when(pl.int_range(pl.len()) < pl.len() - 1).then(0.9).otherwise(0.3).cast(pl.Float32)
    )
    looks = np.random.default_rng(0).normal(0, 0.1, (found.height, 8))
    looks[-1] += 5
    for name in (layout.detections("yolo_n_20"), layout.embeddings("yolo_n_20")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
    boxes.write(root / layout.detections("yolo_n_20"), found)
    embeddings.write(root / layout.embeddings("yolo_n_20"), embeddings.table(found, looks.astype(np.float16)))
    label(config, workspace)
    steps = {step["name"]: step for step in metrics_of(root, "yolo_n_20")["steps"]}
    assert (steps["looks"]["removed"], steps["looks"]["added"], steps["looks"]["moved"]) == (1, 0, 0)
    embeddings.write(root / layout.embeddings("yolo_n_20"), embeddings.empty())
    with pytest.raises(UserError, match=r"detect\.embeddings: true"):
        label(config, workspace)
