"""The published chains, with the files where they name them, from the first stage to the report; only in small."""

import importlib
import shutil
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import yaml

from courtside import boxes, layout
from courtside.apps.params import composed
from courtside.config import from_dictionary
from courtside.detectors.build import build_detector
from courtside.detectors.weights import load_weights, save_weights
from courtside.files import read_json
from courtside.formats import cvat
from courtside.formats.labels import read_labels
from courtside.tables import read_table
from courtside.video.source import probe
from courtside.workspace import Workspace
from imports import ROOT

pytestmark = pytest.mark.pipeline
SMALL = {
    "train": {"epochs": 1, "batch": 8, "workers": 0},
    "evaluate": {"bootstrap_resamples": 20, "examples": 2},
    "compare": {"trackers": ["game", "bytetrack"], "weighed": []},
    "single": {"trackers": ["kcf"]},
}
CLASSES = {1: "ball", 2: "player", 3: "referee"}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "ultralytics"))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    (tmp_path / "data/weights").mkdir(parents=True)


def run_experiment(name, root, changes):
    """Run all stages of an experiment in the order of dvc.yaml, in this process; return its configuration."""
    values = merged(yaml.safe_load(composed(ROOT / "conf", [f"experiment={name}"])), merged(SMALL, changes))
    config = from_dictionary(values)
    videos = [{"video": video} for video in config.videos]
    of_a_round = ("dataset", "train", "evaluate", "detect", "label")
    tracked = config.tracked
    calls = [(stage, video) for stage in ("extract", "clean") for video in videos]
    calls += [(stage, {}) for stage in ("annotate", "split", "classify")]
    calls += [(stage, {"round": each}) for each in config.rounds for stage in of_a_round]
    calls += [("observe", {"video": video}) for video in tracked.videos]
    calls += [("track", {"video": video, "tracker": each}) for video in tracked.videos for each in tracked.trackers]
    calls += [("compare", {}), *(("single", {"video": video}) for video in tracked.videos), ("report", {})]
    assert {stage for stage, _ in calls} | {"sample"} == set(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
    for stage, chosen in calls:
        call = getattr(importlib.import_module(f"courtside.stages.{stage}"), stage)
        call(from_dictionary({**values, **chosen}), Workspace(root, root))
    return config


def merged(values, changes):
    """Return nested values, some of them changed."""
    result = dict(values)
    for key, change in changes.items():
        result[key] = merged(result[key], change) if isinstance(change, dict) and key in result else change
    return result


def put(source, root, name):
    """Put a drawn game where an experiment names a video."""
    target = root / f"data/videos/{name}.mp4"
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source / "video.mp4", target)
    return target


def metrics_of(root, stage, name):
    return read_json(root / layout.report(stage, f"{name}/metrics.json"))


def test_the_nba_chain_runs_as_it_stands(pipeline, tmp_path):
    """A video with labels and sorted frames, one to test on with tracks of CVAT, hub weights by their names."""
    labels = tmp_path / "data/labels"
    labels.mkdir(parents=True)
    put(pipeline / "data/sample/harbor", tmp_path, "season_2024_25")
    shutil.copy(pipeline / "data/sample/harbor/labels.xml", labels / "season_2024_25.xml")
    shutil.copy(pipeline / "data/sample/harbor/sorted.csv", labels / "season_2024_25_sorted.csv")
    test_game = probe(put(pipeline / "data/sample/summit", tmp_path, "test_game"))
    shutil.copy(pipeline / "data/sample/summit/labels.xml", labels / "test_game.xml")
    truth = read_labels(pipeline / "data/sample/summit/gt/gt.txt", "summit", CLASSES, None, None, 0.0, test_game.frames)
    tracks = labels / "test_game_tracks.xml"
    cvat.write_video(tracks, truth.boxes, test_game.frames, test_game.width, test_game.height, "test game")
    shutil.copy(ROOT / "data/weights/yolov8n_drawn.pt", tmp_path / "data/weights/yolov8n.pt")
    build_detector("yolov8s", ["ball"], 96).save(tmp_path / "data/weights/yolov8s.pt")
    config = run_experiment(
        "nba",
        tmp_path,
        {
            "rounds": {
                name: {"images": images, "epochs": 1}
                for name, images in (("yolo_n_1100", 12), ("yolo_s_4256", 18), ("yolo_s_9310", 24))
            },
            "detector": {"image_size": 96},
            "classifiers": {
                "yolov8n_cls": {"weights": None, "image_size": 64, "head": {"epochs": 0}, "whole": {"epochs": 1}}
            },
            "classify": {"classifiers": ["yolov8n_cls"], "keep_above": 0.0},
            "detect": {"every": 6, "minimum_confidence": 0.001},
            "label": {"minimum_confidence": 0.001, "candidate_confidence": 0.001, "sure_confidence": 0.001},
        },
    )
    assert [settings.teacher for settings in config.rounds.values()] == ["gold", "yolo_n_1100", "yolo_s_4256"]
    for name in config.rounds:
        assert metrics_of(tmp_path, "evaluate", name)["images"] > 0
        assert metrics_of(tmp_path, "label", name)["before"]["f1"] is not None
        assert len(metrics_of(tmp_path, "train", name)["epochs"]) == 1
    assert metrics_of(tmp_path, "train", "yolo_s_4256")["detector"] == "yolov8s"
    images = read_table(tmp_path / layout.dataset("yolo_s_4256") / "images.parquet")
    assert {"human", "teacher"} == set(images["source"])
    tracked = read_json(tmp_path / layout.report("track", "test_game/game.json"))
    assert tracked["ball"]["MOTA"] is not None
    assert "yolo_s_9310" in (tmp_path / "reports/index.html").read_text()


def test_the_loop_without_a_human_label_runs_as_it_stands(pipeline, tmp_path, capsys):
    """Three videos and nothing else; what knows drawn games stands in for the hub's Faster R-CNN of COCO."""
    for source, name in (("harbor", "basketball"), ("forge", "streetball"), ("summit", "test_game")):
        put(pipeline / f"data/sample/{source}", tmp_path, name)
    drawn = load_weights(ROOT / "data/weights/yolov8n_drawn.pt")
    save_weights(tmp_path / "data/weights/yolov8n.pt", replace(drawn, labels=("sports ball", "person")))
    config = run_experiment(
        "sports_1m",
        tmp_path,
        {
            "rounds": {
                "zero_shot": {"architecture": "yolov8n", "weights": "auto"},
                "fasterrcnn_1000": {"images": 12, "weights": None},
                "fasterrcnn_2000": {"images": 16},
            },
            "detector": {
                "architecture": "fasterrcnn_mobilenet_v3_large_320_fpn",
                "weights": None,
                "image_size": 128,
                "inference_size": 640,
            },
            "train": {"freeze": 0},
            "detect": {"every": 5},
        },
    )
    said = capsys.readouterr().out
    assert "train zero_shot: yolov8n, 100% of its tensors from the initial weights; used as it comes" in said
    assert "nobody labelled a validation frame" in said
    assert "nobody labelled a frame of a test video" in said
    first = boxes.read(tmp_path / layout.labels("zero_shot"))
    assert first.height >= 3
    assert set(first["label"]) == {"ball"}
    truth = pl.concat(
        read_labels(pipeline / f"data/sample/{game}/gt/gt.txt", name, {1: "ball"}, None, None, 0.0).boxes
        for game, name in (("harbor", "basketball"), ("forge", "streetball"))
    )
    right = first.join(truth, on=["video", "frame"], suffix="_true")
    assert np.mean(np.abs((right["x1"] - right["x1_true"]).to_numpy()) < 8) > 0.7  # it has seen drawn balls before
    for name in config.rounds:
        audited, trained = metrics_of(tmp_path, "label", name), metrics_of(tmp_path, "train", name)
        assert audited["after"]["f1"] is None
        assert audited["accepted"]
        assert audited["champion"] == name
        assert metrics_of(tmp_path, "evaluate", name)["mAP50"] is None
        assert trained["human_images"] == 0
        assert len(trained["epochs"]) == (name != "zero_shot")
    images = read_table(tmp_path / layout.dataset("fasterrcnn_1000") / "images.parquet")
    assert set(images["source"]) == {"teacher"}
    assert set(images["split"]) == {"train", "val"}
    # What a round found nothing on keeps the labels of the round before.
    last = boxes.read(tmp_path / layout.labels("fasterrcnn_2000"))
    assert last.join(first, on=["video", "frame"], how="semi").select("video", "frame").unique().height > 0
    assert "fasterrcnn_2000" in (tmp_path / "reports/index.html").read_text()
