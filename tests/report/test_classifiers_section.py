"""The section on classifiers: the comparison, the filter, and videos they have never seen."""

import json

import pytest

from courtside.report.collect import collect
from courtside.report.page import render


@pytest.fixture
def metrics(root):
    """Return a function that changes the metrics of the stage."""
    path = root / "reports/classify/metrics.json"

    def change(**values):
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    return change


def write_by_source(root, split="current"):
    labels = {
        name: {
            "precision": 0.5,
            "recall": 0.25,
            "support": 40,
            "precision_interval": None,
            "recall_interval": [0.1, 0.4],
        }
        for name in ("no_ball", "ball")
    }
    video = {"video": "harbor", "frames": 80, "counts": {"no_ball": 40, "ball": 40}, "accuracy": 0.7}
    acts = {"acts": False, "threshold": 0.5, "balls_out": 17, "empty_out": 23}
    row = {
        "name": "mobilenet",
        "seen_accuracy": 0.94,
        "accuracy": 0.7125,
        "accuracy_interval": [0.6, 0.8],
        "labels": labels,
        "videos": [video | {"filter": acts}],
    }
    report = {
        "split": split,
        "labels": ["no_ball", "ball"],
        "folds": [["harbor"], ["canyon"]],
        "frames": 80,
        "shots": 9,
    }
    report |= {"always": {"label": "ball", "accuracy": 0.8125}, "classifiers": [row]}
    (root / "reports/classify/by_source.json").write_text(json.dumps(report))
    path = root / "reports/split/metrics.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"sha256": "current"}))


def test_classifiers_stand_side_by_side_and_the_used_one_is_known(root, settings):
    classifier = collect(root, settings).classifier
    assert [(each.name, each.used, each.val_loss) for each in classifier.compared] == [
        ("resnet", False, 0.4),
        ("mobilenet", True, 0.2),
    ]
    assert classifier.compared[0].labels[0].recall == 0.719
    html = render(collect(root, settings))
    assert "1,519,906" in html
    assert "It took 171 frames out" in html


def test_every_classifier_is_a_run_of_the_provenance(root, settings):
    runs = [run for run in collect(root, settings).provenance.runs if run.stage == "classify"]
    assert [(run.name, run.run_id) for run in runs] == [("resnet", "cccc"), ("mobilenet", "dddd")]


def test_an_idle_filter_says_why(root, settings, metrics):
    metrics(filter={"applied": False, "reason": "it takes out 8 without and 26 with a ball", "taken_out": 0})
    content = collect(root, settings)
    assert "The filter takes no frame out: it takes out 8 without and 26 with a ball." in render(content)
    assert any("takes no frame out" in finding.text for finding in content.findings if not finding.good)


def test_the_reason_for_no_classifier_is_told(root, settings, metrics):
    metrics(top1=None, confusion=None, classifiers=[], filter=None, reason="of training 9 usable frames are sorted")
    assert "Not trained: of training 9 usable frames are sorted. Every usable frame" in render(collect(root, settings))


def test_scores_on_unseen_videos_are_shown_with_their_intervals(root, settings):
    write_by_source(root)
    content = collect(root, settings)
    unseen = content.classifier.by_source.classifiers[0]
    assert (unseen.accuracy, unseen.interval, unseen.labels[0].precision_interval) == (0.7125, (0.6, 0.8), None)
    assert unseen.videos[0].filter.balls_out == 17
    html = render(content)
    assert "On videos they have never seen" in html
    assert "0.600–0.800" in html
    wary = [finding.text for finding in content.findings if not finding.good]
    assert any("mobilenet calls 71.2%" in text and "94.0%" in text for text in wary)


def test_scores_of_another_split_are_out_of_date(root, settings):
    write_by_source(root, split="earlier")
    assert collect(root, settings).classifier.by_source is None
    assert "never seen" not in render(collect(root, settings))


def test_more_than_two_classes_have_no_filter(root, settings, metrics):
    labels = ["baseball", "football", "tennis_ball"]
    scores = {name: {"precision": 0.5, "recall": 0.5, "support": 20} for name in labels}
    row = json.loads((root / "reports/classify/metrics.json").read_text())["classifiers"][1]
    row |= {"labels": scores, "matrix": [[10, 5, 5]] * 3, "normalized": [[0.5, 0.25, 0.25]] * 3}
    metrics(labels=labels, confusion=None, threshold=None, filter=None, classifiers=[row])
    html = render(collect(root, settings))
    assert "Classes of frames" in html
    assert "Ball or no ball" not in html
    assert "<th>tennis_ball</th>" in html
