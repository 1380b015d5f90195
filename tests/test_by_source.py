"""``courtside classify by-source`` asks classifiers about videos they have never seen."""

import polars as pl
import pytest

from courtside import layout
from courtside.apps.by_source import fold_videos, measure
from courtside.apps.cli import parser
from courtside.apps.figures import classifier_figures
from courtside.errors import UserError
from courtside.files import read_json
from courtside.report.collect_classifiers import collect_classifier
from courtside.stages.classify import classify
from courtside.tables import read_table, write_table
from sorted_videos import make_config, make_sorted

YOLO = {"architecture": "yolov8n-cls", "whole": {"epochs": 40, "lr0": 0.003}, "patience": 40}


def test_each_video_is_left_out_once_and_judged_by_who_never_saw_it(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    workspace = make_sorted(tmp_path)
    # In the second video the labels are the wrong way round, which whoever learns from the first cannot know.
    path = workspace.input(layout.LEARN_SORTED)
    other = pl.when(pl.col("label") == "ball").then(pl.lit("no_ball")).otherwise(pl.lit("ball"))
    turned = pl.when(pl.col("video") == "two").then(other).otherwise("label")
    write_table(path, read_table(path).with_columns(label=turned))
    result = measure(make_config({}, small=YOLO), workspace)
    assert result == read_json(workspace.input(layout.report("classify", "by_source.json")))
    assert result["folds"] == [["one"], ["two"]]
    assert (result["frames"], result["shots"], result["always"]["accuracy"]) == (64, 16, 0.5)
    (row,) = result["classifiers"]
    assert row["seen_accuracy"] > 0.8
    assert row["accuracy"] < 0.2
    assert row["accuracy_interval"][0] <= row["accuracy"] <= row["accuracy_interval"][1]
    assert sum(map(sum, row["matrix"])) == 64
    assert [video["counts"] for video in row["videos"]] == [{"no_ball": 16, "ball": 16}] * 2
    assert all(video["filter"]["acts"] and video["filter"]["balls_out"] > 10 for video in row["videos"])
    # What it left is taken up beside the stage's own figures.
    classify(make_config({}, small=YOLO | {"whole": {"epochs": 1}}), workspace)
    assert collect_classifier(tmp_path).by_source.classifiers[0].accuracy == row["accuracy"]
    (tmp_path / "params.yaml").write_text("experiment: test\n")
    text = classifier_figures(tmp_path)
    assert "| `small` |" in text
    assert "| one | 16 | 16 |" in text
    assert f"{row['accuracy_interval'][0]:.3f}–{row['accuracy_interval'][1]:.3f}" in text
    assert "The filter" in text


def test_folds_are_of_about_the_same_size():
    counts = {"a": 50, "b": 30, "c": 20, "d": 5}
    table = pl.DataFrame({"video": [name for name, count in counts.items() for _ in range(count)]})
    assert fold_videos(table, None) == [["a"], ["b"], ["c"], ["d"]]
    assert fold_videos(table, 2) == [["a", "d"], ["b", "c"]]
    for folds in (1, 5):
        with pytest.raises(UserError, match=f"4 videos .* {folds} folds"):
            fold_videos(table, folds)


def test_a_label_that_one_video_alone_shows_is_named(tmp_path):
    workspace = make_sorted(tmp_path)
    path = workspace.input(layout.LEARN_SORTED)
    write_table(path, read_table(path).filter((pl.col("video") == "one") | (pl.col("label") == "ball")))
    with pytest.raises(UserError, match="without one no training frame is sorted as no_ball"):
        measure(make_config({}, small=YOLO), workspace)


def test_without_a_classifier_there_is_nothing_to_measure(tmp_path):
    with pytest.raises(UserError, match=r"classify\.classifiers"):
        measure(make_config({}), make_sorted(tmp_path))


def test_the_command_takes_a_number_of_folds():
    assert parser().parse_args(["classify", "by-source", "--folds", "3"]).folds == 3
