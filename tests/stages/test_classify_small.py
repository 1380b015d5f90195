"""The stage on pictures of a few kilobytes: the comparison, the filter, and what is left behind."""

import polars as pl
import pytest
from mlflow import MlflowClient

from courtside import frames, layout
from courtside.classifiers import registry
from courtside.errors import UserError
from courtside.files import read_json
from courtside.stages.classify import classify
from courtside.tables import read_table, write_table
from sorted_videos import make_config, make_sorted

YOLO = {"architecture": "yolov8n-cls", "whole": {"epochs": 12, "lr0": 0.003}}
MOBILENET = {"architecture": "mobilenet_v3_small", "whole": {"epochs": 1, "lr0": 0.0001}}


@pytest.fixture(autouse=True)
def _tracking(tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")


def metrics_of(workspace):
    return read_json(workspace.input(layout.report("classify", "metrics.json")))


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A repository in which a good and a poor classifier were compared."""
    root = tmp_path_factory.mktemp("compared")
    workspace = make_sorted(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{root}/mlflow.db")
        assert classify(make_config({}, poor=MOBILENET, good=YOLO), workspace) == metrics_of(workspace)["top1"]
    return workspace


def test_the_better_of_two_is_used(compared):
    metrics = metrics_of(compared)
    assert metrics["classifier"] == "good"
    rows = {row["name"]: row for row in metrics["classifiers"]}
    assert list(rows) == ["poor", "good"]
    assert rows["good"]["val_loss"] < rows["poor"]["val_loss"]
    loaded = registry.load(compared.input(layout.CLASSIFIER))
    assert (loaded.architecture, loaded.labels, loaded.image_size) == ("yolov8n-cls", ("no_ball", "ball"), 32)
    for row in rows.values():
        assert row["error_rate"] == pytest.approx(1 - row["accuracy"])
        assert sum(map(sum, row["matrix"])) == metrics["images"]["val"] == 32
        assert row["labels"]["ball"]["support"] == 16
        assert row["images_per_s"] > 0
    assert [epoch["number"] for epoch in metrics["epochs"]] == list(range(1, 13))
    assert compared.input(layout.report("classify", "plots/poor.png")).is_file()
    assert not compared.scratch("classify/good").joinpath("best.pt").exists()


def test_each_is_a_run(compared):
    client = MlflowClient(tracking_uri=f"sqlite:///{compared.root}/mlflow.db")
    for row in metrics_of(compared)["classifiers"]:
        found = client.get_run(row["mlflow_run_id"])
        assert (found.info.run_name, found.info.status) == (row["name"], "FINISHED")
        assert found.data.params["classifier.architecture"] == row["architecture"]
        assert found.data.metrics["best/val_loss"] == pytest.approx(row["val_loss"])
        assert found.data.metrics["ball/recall"] == pytest.approx(row["labels"]["ball"]["recall"])
    assert found.data.metrics["filter/recall"] == metrics_of(compared)["recall"]


def test_the_filter_judges_what_nobody_sorted_and_takes_the_word_of_who_did(compared):
    after = frames.read(compared.input(layout.CLASSIFIED_FRAMES))
    by_hand = read_table(compared.input(layout.LEARN_SORTED))
    empty = after.filter(verdict="without_ball")
    assert set(empty.join(by_hand, on=["video", "frame"])["label"]) == {"no_ball"}
    assert by_hand.filter(label="no_ball").join(empty, on=["video", "frame"], how="anti").is_empty()
    metrics = metrics_of(compared)
    assert metrics["filter"]["applied"]
    judged = empty.join(by_hand, on=["video", "frame"], how="anti")
    assert judged.height == metrics["filter"]["taken_out"]
    assert (judged["shot"] % 2 == 0).mean() > 0.8  # the shots without a ball
    clips = read_json(compared.input(layout.report("classify", "clips.json")))
    assert [entry["video"] for entry in clips] == ["one", "two"]
    for entry in clips:
        total = entry["total"]
        assert total["total"] == 40 == sum(total[verdict] for verdict in frames.VERDICTS)
    assert sum(entry["total"]["without_ball"] for entry in clips) == empty.height


def test_frames_keep_what_was_said_of_their_ball(compared):
    after = frames.read(compared.input(layout.CLASSIFIED_FRAMES))
    by_hand = read_table(compared.input(layout.LEARN_SORTED)).join(after, on=["video", "frame"])
    assert set(by_hand.filter(label="ball")["ball_probability"]) == {1.0}
    assert set(by_hand.filter(label="no_ball")["ball_probability"]) == {0.0}
    judged = after.join(by_hand, on=["video", "frame"], how="anti").filter(pl.col("ball_probability").is_not_null())
    out = judged["ball_probability"] < metrics_of(compared)["threshold"]
    assert out.equals(judged["verdict"] == "without_ball")
    assert frames.sure_backgrounds(after, 0.3).height > by_hand.filter(label="no_ball", split="train").height
    assert frames.sure_backgrounds(after, None).is_empty()


def test_every_sorted_frame_is_an_item_with_its_loss(compared):
    items = read_table(compared.input(layout.CLASSIFIED_ITEMS))
    assert items.columns == ["video", "frame", "split", "label", "predicted", "probability", "loss"]
    assert items.height == read_table(compared.input(layout.LEARN_SORTED)).height
    right = items.filter(pl.col("label") == pl.col("predicted"))
    assert (right["loss"] - -right["probability"].log()).abs().max() < 1e-9
    wrong = items.filter(pl.col("label") != pl.col("predicted"))
    assert right["loss"].max() < 0.7
    assert wrong.height == 0 or wrong["loss"].min() > 0.69
    val = items.filter(split="val")
    row = metrics_of(compared)["classifiers"][1]
    assert val["loss"].mean() == pytest.approx(row["val_loss"])
    assert (val["label"] == val["predicted"]).mean() == pytest.approx(row["accuracy"])


def test_a_filter_that_is_no_gain_keeps_every_frame(tmp_path, capsys):
    workspace = make_sorted(tmp_path)
    classify(make_config({"keep_above": 0.0}, poor=MOBILENET), workspace)
    metrics = metrics_of(workspace)
    assert metrics["filter"]["applied"] is False
    assert metrics["confusion"]["fn"] == metrics["confusion"]["tn"] == 0
    assert "every usable frame stays" in capsys.readouterr().out
    empty = frames.read(workspace.input(layout.CLASSIFIED_FRAMES)).filter(verdict="without_ball")
    assert empty.height == 32  # those that a person sorted as such


def test_videos_that_nobody_sorted_are_left_alone_unless_asked(tmp_path, monkeypatch):
    workspace = make_sorted(tmp_path, ("one", "two", "three"))
    path = workspace.input(layout.LEARN_SORTED)
    write_table(path, read_table(path).filter(pl.col("video") != "three"))
    counts = {}
    for unsorted in (False, True):
        classify(make_config({"unsorted_videos": unsorted, "lost_ball_cost": 0.1}, good=YOLO), workspace)
        assert metrics_of(workspace)["filter"]["applied"]
        after = frames.read(workspace.input(layout.CLASSIFIED_FRAMES)).filter(video="three", verdict="without_ball")
        counts[unsorted] = after.height
    assert counts[False] == 0
    assert counts[True] > 10


def test_a_wanted_recall_chooses_the_threshold(tmp_path):
    workspace = make_sorted(tmp_path)
    classify(make_config({"keep_recall": 1.0}, poor=MOBILENET), workspace)
    metrics = metrics_of(workspace)
    assert metrics["recall"] == 1.0
    assert 0 < metrics["threshold"] < 1


def test_three_classes_are_compared_and_frames_pass(tmp_path):
    labels = ("baseball", "football", "tennis_ball")
    workspace = make_sorted(tmp_path, ("one", "two", "three"), labels)
    classify(make_config({"labels": list(labels)}, good=YOLO | {"whole": {"epochs": 1}}), workspace)
    metrics = metrics_of(workspace)
    assert metrics["labels"] == list(labels)
    assert metrics["confusion"] is metrics["filter"] is metrics["threshold"] is None
    row = metrics["classifiers"][0]
    assert metrics["top1"] == row["accuracy"]
    assert metrics["recall"] == pytest.approx(sum(row["labels"][label]["recall"] for label in labels) / 3)
    assert set(frames.read(workspace.input(layout.CLASSIFIED_FRAMES))["verdict"]) == {"usable"}


def test_too_few_sorted_frames_are_said_and_every_frame_stays(tmp_path, capsys):
    workspace = make_sorted(tmp_path)
    path = workspace.input(layout.LEARN_SORTED)
    few = read_table(path).filter((pl.col("label") == "ball") | (pl.col("frame") < 4))
    write_table(path, few)
    assert classify(make_config({}, good=YOLO), workspace) is None
    metrics = metrics_of(workspace)
    assert metrics["top1"] is metrics["mlflow_run_id"] is None
    assert "6 usable frames are sorted as no_ball" in metrics["reason"]
    assert metrics["reason"] in capsys.readouterr().out
    assert not workspace.input(layout.CLASSIFIER).exists()
    items = read_table(workspace.input(layout.CLASSIFIED_ITEMS))
    assert (items.height, len(items.columns)) == (0, 7)


def test_a_killed_comparison_goes_on_with_what_it_had(tmp_path, monkeypatch):
    workspace = make_sorted(tmp_path)
    config = make_config({}, first=MOBILENET, second=MOBILENET | {"batch": 16})

    def kill(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("courtside.stages.classify.write_table", kill)
        with pytest.raises(KeyboardInterrupt):
            classify(config, workspace)
    assert not workspace.input(layout.report("classify", "metrics.json")).exists()
    with monkeypatch.context() as patch:
        patch.setattr("courtside.classifiers.training.Training._epoch", kill)  # nothing is trained again
        classify(config, workspace)
    assert [row["epochs"] for row in metrics_of(workspace)["classifiers"]] == [1, 1]


def test_missing_weights_are_told_before_anything_is_trained(tmp_path, monkeypatch):
    workspace = make_sorted(tmp_path)
    config = make_config({}, first=MOBILENET, second=MOBILENET | {"weights": "data/weights/none.pth"})
    monkeypatch.setattr("courtside.stages.classify.read_examples", lambda *arguments: pytest.fail("it read frames"))
    with pytest.raises(UserError, match=r"none\.pth do not exist"):
        classify(config, workspace)
