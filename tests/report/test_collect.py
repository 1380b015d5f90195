"""The content holds the numbers of the reports, and only a required report may not be missing."""

import json
import shutil
from dataclasses import replace

import pytest

from courtside.errors import UserError
from courtside.report.collect import collect
from courtside.report.settings import PlannedRound


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_the_ball_filter_supersedes_the_cleaning_where_it_was_applied(root, settings):
    cleaning = collect(root, settings).cleaning
    harbor, summit = cleaning.videos
    assert harbor.total.verdicts["usable"] == 1133  # from classify/clips.json
    assert harbor.total.verdicts["without_ball"] == 178
    assert summit.total.verdicts["usable"] == 300  # from clean/summit.json
    assert summit.total.verdicts["without_ball"] is None
    assert cleaning.total.verdicts["usable"] == 1433
    assert cleaning.total.total == 2293


def test_a_filter_that_was_not_trained_removed_nothing(root, settings):
    change(root / "reports/classify/metrics.json", top1=None)
    cleaning = collect(root, settings).cleaning
    assert cleaning.total.verdicts["without_ball"] is None
    assert cleaning.total.verdicts["usable"] == 900 + 411 + 300


def test_measures_count_every_frame_of_every_video(root, settings):
    blur, brightness, variance, similarity = collect(root, settings).cleaning.measures
    assert sum(blur.counts) == sum(brightness.counts) == sum(variance.counts) == 240
    assert sum(similarity.counts) == 238  # the last frame of a video has no next one
    assert blur.removed == 14
    assert blur.thresholds == (150.0,)
    assert brightness.thresholds == (20.0, 230.0)


def test_scores_are_those_of_the_reports(root, settings):
    content = collect(root, settings)
    final = content.final
    metrics = json.loads((root / "reports/evaluate/yolo_n_400/metrics.json").read_text())
    assert final.overall.map50 == metrics["mAP50"]
    assert final.overall.map50_95 == metrics["mAP50-95"]
    assert final.interval == tuple(metrics["mAP50_interval"])
    assert [scores.map50 for scores in final.labels] == [each["AP50"] for each in metrics["labels"].values()]
    assert final.confusion.counts == tuple(map(tuple, metrics["confusion_matrix"]["raw"]))
    assert final.teacher == "yolo_n_200"
    assert (final.train_images, final.val_images, final.human_images) == (285, 35, 120)


def test_losses_in_parts_are_summed_and_epochs_without_a_value_left_out(root, settings):
    training = collect(root, settings).final.training
    assert training.train_loss[:2] == ((1.0, 3.0), (2.0, 1.5))
    assert len(training.map50) == 6
    assert len(training.map50_95) == 5


def test_the_mean_of_the_curves_is_added_where_it_is_missing(root, settings):
    given = {
        "ball": {"recall": [0, 1], "precision": [1, 0.5], "confidence": [0, 1], "f1": [0.2, 0.8]},
        "player": {"recall": [0, 1], "precision": [1, 0.7], "confidence": [0, 1], "f1": [0.4, 0.9]},
    }
    path = root / "reports/evaluate/yolo_n_400/curves.json"
    path.write_text(json.dumps(given))
    mean, ball, _ = collect(root, settings).final.curves
    assert (mean.label, ball.label) == ("all", "ball")
    assert mean.precision_over_recall == ((0.0, 1.0), (1.0, pytest.approx(0.6)))
    assert mean.f1_over_confidence == ((0.0, pytest.approx(0.3)), (1.0, pytest.approx(0.85)))
    assert mean.precision_over_confidence == ()
    given["player"]["recall"] = [0, 0.9]  # points that differ have no mean
    path.write_text(json.dumps(given))
    assert [curves.label for curves in collect(root, settings).final.curves] == ["ball", "player"]


def test_the_glance_counts_hand_made_and_machine_made_labels(root, settings):
    glance = {count.name: count.value for count in collect(root, settings).glance}
    assert glance == {
        "videos": 2,
        "frames": 2293,
        "usable": 1433,
        "labelled by hand": 120,
        "labelled by a model": 200,  # 285 + 35 images of the final round less 120 human ones
        "test frames": 131,
    }


def test_other_names_for_the_same_keys_are_read(root, settings):
    path = root / "reports/evaluate/yolo_n_400/metrics.json"
    labels = {"ball": {"mAP50": 0.5, "mAP50-95": 0.25}}
    change(path, labels=labels, confusion_matrix={"labels": ["ball", "background"], "counts": [[3, 1], [1, 0]]})
    final = collect(root, settings).final
    assert (final.labels[0].map50, final.labels[0].map50_95, final.labels[0].f1) == (0.5, 0.25, None)
    assert final.confusion.shares == ((0.75, 1.0), (0.25, 0.0))


def test_a_video_above_the_limit_is_linked_and_not_embedded(root, settings):
    assert collect(root, settings).tracks[0].film.data_uri.startswith("data:video/mp4;base64,")
    film = collect(root, replace(settings, video_bytes_limit=10)).tracks[0].film
    assert film.data_uri is None
    assert film.link == "track/summit/bytetrack.mp4"
    assert film.poster.data_uri.startswith("data:image/jpeg;base64,")


def test_examples_are_shrunk(root, settings):
    (picture,) = collect(root, replace(settings, picture_width=320)).examples
    assert (picture.width, picture.height) == (320, 180)


def test_a_run_that_stages_share_is_listed_once(root, settings):
    change(root / "reports/evaluate/yolo_n_100/metrics.json", mlflow_run_id="bbbb0")
    runs = [run for run in collect(root, settings).provenance.runs if run.run_id == "bbbb0"]
    assert [(run.stage, run.name) for run in runs] == [("train, evaluate", "yolo_n_100")]


def test_parameters_are_listed_flat(root, settings):
    assert collect(root, settings).provenance.parameters == (
        ("seed", "7"),
        ("train.lr0", "0.001"),
        ("train.freeze", "none"),
        ("labels", "ball, player, referee"),
    )


@pytest.mark.parametrize("missing", ["clean/harbor.json", "split/metrics.json", "evaluate/yolo_n_200/metrics.json"])
def test_a_missing_required_report_is_named(root, settings, missing):
    (root / "reports" / missing).unlink()
    with pytest.raises(UserError, match=missing):
        collect(root, settings)


@pytest.mark.parametrize(
    ("file", "key"),
    [("clean/summit.json", "total"), ("split/metrics.json", "frames"), ("evaluate/yolo_n_100/metrics.json", "mAP50")],
)
def test_a_report_of_another_version_is_named(root, settings, file, key):
    path = root / "reports" / file
    values = json.loads(path.read_text())
    del values[key]
    path.write_text(json.dumps(values))
    with pytest.raises(UserError, match=f"{file} has no '{key}'"):
        collect(root, settings)


def test_what_is_optional_may_be_missing(root, settings):
    for folder in ("classify", "train", "label", "track"):
        shutil.rmtree(root / "reports" / folder)
    shutil.rmtree(root / "data")
    for name in ("yolo_n_100", "yolo_n_200", "yolo_n_400"):
        (root / f"reports/evaluate/{name}/curves.json").unlink()
    shutil.rmtree(root / "reports/evaluate/yolo_n_400/examples")
    content = collect(root, settings)
    assert content.classifier is None
    assert content.pseudo_labels == content.tracks == content.examples == content.cleaning.measures == ()
    assert content.final.training is None
    assert content.final.curves == ()
    assert content.final.detector == "yolov8n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"videos": {}}, "at least one video"),
        ({"final_round": "yolo_x"}, "final_round: 'yolo_x'"),
        ({"rounds": (PlannedRound("other", "yolov8n", 1, "gold"),)}, "other/metrics.json"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(root, settings, changes, message):
    with pytest.raises(UserError, match=message):
        collect(root, replace(settings, **changes))


def test_without_rounds_the_glance_counts_what_was_sorted(root, settings):
    path = root / "reports/split/metrics.json"
    changed = {"sorted": {"train": 600, "val": 150}, "twins": {"groups": 9, "pictures": 18}, "doubtful": 2}
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))
    content = collect(root, replace(settings, rounds=(), final_round="", tracked_videos=()))
    assert (content.rounds, content.final, content.pseudo_labels, content.examples) == ((), None, (), ())
    assert [(item.name, item.value) for item in content.glance][-1] == ("sorted into classes", 750)
    assert (content.split.twins, content.split.doubtful) == (18, 2)


def test_damaged_pictures_are_named(root, settings):
    facts = root / "data/extract/harbor/video.json"
    facts.parent.mkdir(parents=True)
    facts.write_text(json.dumps({"path": "gone", "damaged_frames": 2, "damaged_images": ["a.jpg", "b <1>.jpg"]}))
    video = next(each for each in collect(root, settings).cleaning.videos if each.video == "harbor")
    assert (video.damaged, video.images) == (2, ("a.jpg", "b <1>.jpg"))


def test_a_threshold_of_zero_removes_nothing_and_is_not_drawn(root, settings):
    thresholds = {**settings.thresholds, "blur_below": 0.0, "empty_below": 0.0}
    measures = collect(root, replace(settings, thresholds=thresholds)).cleaning.measures
    assert [measure.thresholds for measure in measures if measure.logarithmic] == [(), ()]


def test_a_damaged_picture_or_video_is_named(root, settings):
    picture = root / "reports/evaluate/yolo_n_400/examples/summit_000010.jpg"
    picture.write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"summit_000010\.jpg"):
        collect(root, settings)
    (root / "reports/track/summit/bytetrack.mp4").write_bytes(b"no video")
    with pytest.raises(UserError, match=r"bytetrack\.mp4"):
        collect(root, settings)


def test_damaged_frames_are_counted_where_the_video_has_some(root, settings):
    for name, damaged in (("harbor", 3), ("summit", 0)):
        facts = root / f"data/extract/{name}/video.json"
        facts.parent.mkdir(parents=True)
        facts.write_text(json.dumps({"path": "gone.mp4", "damaged_frames": damaged}))
    assert [video.damaged for video in collect(root, settings).cleaning.videos] == [3, 0]


def test_the_inflation_is_shown_for_the_split_it_was_measured_on(root, settings):
    scores = {"images": {"train": 80, "val": 29}, "mAP50": 0.9, "mAP50-95": 0.6, "mAP50_interval": [0.85, 0.93]}
    report = {"round": "yolo_n_100", "split": "abc", "shots": scores, "random": scores | {"mAP50": 0.95}}
    (root / "reports/split/inflation.json").write_text(json.dumps(report))
    assert collect(root, settings).split.inflation == ()
    change(root / "reports/split/metrics.json", sha256="abc", replays=2)
    split = collect(root, settings).split
    assert [(row.images, row.map50, row.interval) for row in split.inflation] == [
        (29, 0.9, (0.85, 0.93)),
        (29, 0.95, (0.85, 0.93)),
    ]
    assert split.replays == 2
