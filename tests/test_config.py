"""Every mistake in the configuration ends in one line that names the key and what is allowed."""

from pathlib import Path

import pytest
import yaml

from courtside.apps.params import composed
from courtside.config import Config, from_dictionary
from courtside.errors import UserError

ROOT = Path(__file__).resolve().parent.parent


def good():
    return {
        "experiment": "test",
        "videos": {"one": {"path": "one.mp4"}},
        "rounds": {
            "yolo_n_10": {"teacher": "gold", "images": 10},
            "yolo_n_20": {"teacher": "yolo_n_10", "images": 20},
        },
        "final_round": "yolo_n_20",
        "classifiers": {"small": {"architecture": "yolov8n-cls"}},
    }


def test_a_good_configuration_becomes_dataclasses():
    config = from_dictionary(good())
    assert isinstance(config, Config)
    assert config.rounds["yolo_n_20"].teacher == "yolo_n_10"
    assert config.clean.blur_below == 150.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clean": {"blur_belw": 1}}, ["blur_belw", "blur_below"]),  # unknown name: the known ones are told
        ({"clean": {"blur_below": "sharp"}}, ["clean.blur_below", "sharp"]),  # wrong type
        ({"clean": {"dark_below": 300}}, ["clean.dark_below", "0–255"]),  # out of range
        ({"videos": {"one": {"path": "a", "role": "train"}}}, ["videos.one.role", "learn, test, infer"]),
        ({"videos": {"one": {}}}, ["videos.one.path"]),  # a video needs a path
        ({"videos": {"Two Words": {"path": "a"}}}, ["Two Words", "lower-case"]),
        ({"labels": []}, ["labels", "empty"]),
        ({"videos": {"one": {"path": "a", "classes": {0: "puck"}}}}, ["puck", "ball"]),
        ({"rounds": {"yolo_n_20": {"teacher": "yolo_n_99", "images": 5}}}, ["yolo_n_99", "gold"]),  # no such teacher
        ({"rounds": {"yolo_n_10": {"teacher": "yolo_n_10", "images": 5}}}, ["yolo_n_10", "earlier"]),  # itself
        ({"rounds": {"yolo_n_20": {"teacher": "gold", "images": -1}}}, ["images", "at least 1"]),
        ({"rounds": {"yolo_n_20": {"teacher": "gold", "images": 0}}}, ["images", "yolo_n_20.weights"]),  # none to use
        (
            {"rounds": {"yolo_n_9": {"teacher": "gold", "images": 9, "classes": {"sports ball": "ball"}}}},
            ["classes", "images to 0"],
        ),
        (
            {"rounds": {"zero": {"teacher": "gold", "images": 0, "weights": "a.pt", "classes": {"ball": "hoop"}}}},
            ["rounds.zero.classes", "hoop"],
        ),
        ({"dataset": {"tiles": True}}, ["dataset.tiles", "detector.tile_size"]),
        ({"label": {"exclusive_labels": ["ball", "hoop"]}}, ["exclusive_labels", "hoop"]),
        ({"label": {"wanted_precisions": {"hoop": 0.9}}}, ["wanted_precisions", "hoop"]),
        ({"label": {"wanted_precisions": {"ball": 1.1}}}, ["wanted_precisions.ball", "1.1"]),
        ({"rounds": {"yolo_n_9": {"teacher": "gold", "images": 9, "label_every": 0}}}, ["label_every", "at least 1"]),
        (
            {"rounds": {"yolo_n_9": {"teacher": "gold", "images": 9, "weights": "data/train/yolo_n_10/weights.pt"}}},
            ["rounds.yolo_n_9.weights", "yolo_n_10", "its teacher hands on"],
        ),
        ({"label": {"minimum_confidence": 0.01}}, ["label.minimum_confidence", "detect.minimum_confidence", "lower"]),
        ({"label": {"temporal_labels": ["ball"], "candidate_confidence": 0.01}}, ["label.candidate_confidence"]),
        ({"dataset": {"choice": "random"}}, ["dataset.choice", "random", "diverse, even"]),
        ({"dataset": {"hard_weight": -1}}, ["dataset.hard_weight", "0–100"]),
        ({"dataset": {"sure_background_below": 1.5}}, ["dataset.sure_background_below", "0–1"]),
        ({"label": {"looks": {"labels": ["ball"]}}}, ["label.looks.labels", "detect.embeddings: true"]),
        ({"label": {"looks": {"labels": ["puck"]}}}, ["label.looks.labels", "'puck'", "(ball)"]),
        (
            {"label": {"looks": {"labels": ["ball"]}, "fuse_teacher": True}, "detect": {"embeddings": True}},
            ["label.looks.labels", "label.fuse_teacher: false"],
        ),
        ({"dataset": {"surest_share": 0}}, ["dataset.surest_share", "0.01–1"]),
        ({"detect": {"every": 0}}, ["detect.every", "1"]),
        ({"single": {"labels": ["puck"]}}, ["single.labels", "'puck'", "(ball)"]),
        ({"single": {"check": {"lost_below": 1.5}}}, ["single.check.lost_below", "0–1"]),
        ({"conditions": {"scale_ratio": 0.5}}, ["conditions.scale_ratio", "1–100"]),
        ({"final_round": "yolo_x"}, ["yolo_x", "yolo_n_10"]),
        ({"tracked": {"videos": ["two"]}}, ["two", "one"]),
        ({"tracked": {"trackers": ["bytetrack"]}}, ["bytetrack"]),
        ({"classify": {"classifiers": ["resnet"]}}, ["classify.classifiers", "resnet", "it has: small"]),
        ({"classify": {"classifiers": ["small", "small"]}}, ["classify.classifiers", "twice"]),
        ({"classify": {"labels": ["ball"]}}, ["classify.labels", "two or more"]),
        ({"classify": {"labels": ["ball", "no ball"]}}, ["classify.labels", "no ball", "lower-case"]),
        ({"classify": {"keep_recall": 1.1}}, ["classify.keep_recall", "0–1"]),
        ({"detector": {"tile_size": 400, "tile_overlap": 201}}, ["detector.tile_overlap", "0–200"]),
        ({"detector": {"backend": "onnx"}}, ["detector.backend", "'onnx'", "auto, torch, openvino"]),
        (
            {"classifiers": {"small": {"architecture": "a", "whole": {"epochs": 0}}}},
            ["classifiers.small", "at least 1"],
        ),
        (
            {"classifiers": {"small": {"architecture": "a", "head": {"lr0": 0}}}},
            ["classifiers.small.head.lr0", "1e-08–1"],
        ),
        (
            {"classifiers": {"small": {"architecture": "a", "image_size": 8}}},
            ["classifiers.small.image_size", "32–2048"],
        ),
    ],
)
def test_mistakes_are_named(change, words):
    values = good()
    for key, value in change.items():
        values[key] = {**values[key], **value} if isinstance(value, dict) and key in values else value
    with pytest.raises(UserError) as caught:
        from_dictionary(values)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_a_call_without_a_video_says_which_there_are():
    with pytest.raises(UserError, match="video=NAME with one of: one"):
        from_dictionary(good()).chosen_video()


def test_params_yaml_is_what_conf_composes_to():
    committed = (ROOT / "params.yaml").read_text(encoding="utf-8")
    experiment = yaml.safe_load(committed)["experiment"]
    assert committed == composed(ROOT / "conf", [f"experiment={experiment}"]), "run `make params`"


@pytest.mark.parametrize("path", sorted((ROOT / "conf" / "experiment").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_experiment_composes_and_passes_its_checks(path):
    values = yaml.safe_load(composed(ROOT / "conf", [f"experiment={path.stem}"]))
    assert values["experiment"] == path.stem


@pytest.mark.parametrize("path", sorted((ROOT / "conf" / "detector").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_detector_of_the_group_is_of_its_name(path):
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["architecture"] == path.stem
