"""The labels of a dataset, drawn."""

import cv2
import polars as pl
import pytest

from courtside.datasets.label_plots import plot_labels
from courtside.datasets.label_shares import SHARES

LABELS = ("ball", "player", "referee")


def table(*rows):
    return pl.DataFrame(rows, schema=SHARES, orient="row")


def ink(path):
    return int((cv2.imread(str(path)).mean(axis=2) < 200).sum())


def boxes(count, split="train"):
    return [
        (split, f"i{number}", LABELS[number % 2], 0.1 + 0.8 * number / count, 0.5, 0.02 + 0.001 * number, 0.05)
        for number in range(count)
    ]


@pytest.mark.parametrize("rows", [[], boxes(1), boxes(200), boxes(3000)], ids=["none", "one", "some", "many"])
def test_both_plots_are_drawn(tmp_path, rows):
    paths = plot_labels(table(*rows), LABELS, tmp_path / "plots")
    assert [path.name for path in paths] == ["labels.png", "labels_correlogram.png"]
    assert sorted(tmp_path.rglob("*.png")) == paths
    assert all(cv2.imread(str(path)).shape[1] == 900 for path in paths)


def test_boxes_leave_ink_and_those_of_validation_do_not(tmp_path):
    empty = [ink(path) for path in plot_labels(table(), LABELS, tmp_path / "empty")]
    val = [ink(path) for path in plot_labels(table(*boxes(200, "val")), LABELS, tmp_path / "val")]
    train = [ink(path) for path in plot_labels(table(*boxes(200)), LABELS, tmp_path / "train")]
    assert val == empty
    assert all(drawn > blank + 1000 for drawn, blank in zip(train, empty, strict=True))
