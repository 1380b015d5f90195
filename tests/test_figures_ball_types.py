"""The table of ten kinds of ball says what was measured, beside what was published."""

import json
import sys

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside import layout
from courtside.apps import figures
from courtside.apps.figures_ball_types import interval
from courtside.classifiers.comparison import ITEMS
from courtside.tables import write_table


def put(root, name, values):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values), encoding="utf-8")


def row(name, architecture, accuracy, weights=None):
    labels = {label: {"precision": 0.5, "recall": 0.25} for label in ("football", "golf")}
    return {
        "name": name,
        "architecture": architecture,
        "image_size": 96,
        "epochs": 15,
        "weights": weights,
        "train_loss": 1.5,
        "val_loss": 1.8,
        "error_rate": 1 - accuracy,
        "accuracy": accuracy,
        "labels": labels,
    }


@pytest.fixture
def root(tmp_path):
    (tmp_path / "params.yaml").write_text("experiment: ball_types\n")
    put(tmp_path, layout.LEARN_VIDEOS, {name: {"frames": 10, "damaged_frames": 1} for name in ("football", "golf")})
    put(tmp_path, layout.report("annotate", "metrics.json"), {"dropped_frames": 3})
    split = {"twins": {"groups": 2, "pictures": 5}, "doubtful": 1, "sorted": {"train": 12, "val": 3}}
    put(tmp_path, layout.report("split", "metrics.json"), split)
    rows = [row("resnet34", "resnet34", 2 / 3), row("drawn", "yolov8n-cls", 1 / 3, "data/weights/drawn.pt")]
    metrics = {"top1": 2 / 3, "images": {"train": 12, "val": 3}, "classifier": "resnet34", "classifiers": rows}
    put(tmp_path, layout.report("classify", "metrics.json"), metrics)
    items = [
        ("football", 0, "train", "football", "football", 0.9, 0.1),
        ("football", 1, "val", "football", "golf", 0.8, 2.0),
        ("golf", 4, "train", "golf", "football", 0.7, 3.0),
    ]
    (tmp_path / layout.CLASSIFIED_ITEMS).parent.mkdir(parents=True)
    write_table(tmp_path / layout.CLASSIFIED_ITEMS, pl.DataFrame(items, schema=ITEMS, orient="row"))
    (tmp_path / "balls.md").write_text("# Balls\n\n<!-- ball_types -->\n<!-- end of ball_types -->\n")
    return tmp_path


def call(monkeypatch, root):
    arguments = ["figures", str(root / "balls.md"), "--root", str(root), "--section", "ball_types"]
    monkeypatch.setattr(sys, "argv", arguments)
    figures.main()
    return (root / "balls.md").read_text(encoding="utf-8")


def test_ours_and_the_published_stand_side_by_side(root, monkeypatch):
    text = call(monkeypatch, root)
    assert "20 pictures, 2 of them damaged; a person dropped 3." in text
    assert "5 look like another one and stay on its side, in 2 groups; 1 look like one of another class." in text
    assert (
        "| `resnet34` | random | 96 | 15 | 1.500 | 1.800 | 0.333 | 66.7% | 20.8%–93.9% | 0.052/0.043/0.011 | 98.87% |"
    ) in text
    assert "| `drawn` | data/weights/drawn.pt | 96 |" in text
    assert text.count("| – | – |") == 1  # nothing was published of YOLOv8n
    # What it got right is no doubt; the highest loss comes first.
    assert text.index("| golf | football | train | 0.700 | 3.000 |") < text.index("| football | golf | val | 0.800 |")
    assert "0.100" not in text


def test_without_a_classifier_there_is_one_line(root, monkeypatch):
    put(root, layout.report("classify", "metrics.json"), {"top1": None, "reason": "too few frames"})
    with pytest.raises(SystemExit, match=r"error: no classifier was trained \(too few frames\)"):
        call(monkeypatch, root)


@pytest.mark.parametrize(
    ("successes", "count", "low", "high"), [(0, 10, 0, 0.278), (5, 10, 0.237, 0.763), (81, 263, 0.255, 0.366)]
)
def test_the_interval_is_wilsons(successes, count, low, high):
    """The last is the example in Newcombe (1998), "Two-sided confidence intervals for the single proportion"."""
    assert interval(successes, count) == pytest.approx((low, high), abs=5e-4)


@given(st.integers(1, 10**5), st.data())
def test_the_interval_holds_the_share_and_stays_within_0_and_1(count, data):
    successes = data.draw(st.integers(0, count))
    low, high = interval(successes, count)
    assert 0 <= low <= successes / count + 1e-9
    assert successes / count - 1e-9 <= high <= 1
