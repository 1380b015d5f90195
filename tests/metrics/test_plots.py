"""Plots: they are there, about 900 pixels wide, and show what they should."""

import cv2
import numpy as np
import polars as pl
import pytest

from courtside import boxes as boxes_table
from courtside.metrics.detection import evaluate_detections
from courtside.metrics.plots import confusion_matrix_plot, plot_detection_scores


def scores_of(labels):
    rows = [
        {"video": "game", "frame": frame, "x1": 50.0 * place, "y1": 0.0, "x2": 50.0 * place + 10, "y2": 10.0}
        | {"label": label, "score": 0.9 - frame / 20, "source": "test"}
        for frame in range(6)
        for place, label in enumerate(labels)
    ]
    truth = boxes_table.check(pl.DataFrame(rows))
    frames = truth.select("video", "frame").unique()
    moved = truth.with_columns(
        pl.when(pl.col("frame") == 4).then(pl.col("x2") + 90).otherwise(pl.col("x2")).alias("x2")
    )
    return evaluate_detections(truth, moved, frames, labels)


@pytest.mark.parametrize("labels", [["ball"], ["ball", "player", "referee"], [f"label{n}" for n in range(8)]])
def test_all_plots_are_drawn(tmp_path, labels):
    paths = plot_detection_scores(scores_of(labels), tmp_path)
    assert sorted(tmp_path.rglob("*.png")) == sorted(paths)
    assert {path.stem for path in paths} == {
        "confusion_matrix",
        "f1_confidence",
        "precision_confidence",
        "precision_recall",
        "recall_confidence",
    }
    for path in paths:
        image = cv2.imread(str(path))
        assert image.shape[1] == 900
        assert (image.mean(axis=2) < 200).mean() > 0.005  # something is drawn on the white


def test_confusion_matrix_shades_by_share(tmp_path):
    path = tmp_path / "matrix.png"
    confusion_matrix_plot(np.array([[9, 0], [1, 0]]), ["ball"], path, normalized=True)
    full = cv2.imread(str(path))
    confusion_matrix_plot(np.array([[0, 0], [10, 0]]), ["ball"], path, normalized=True)
    empty = cv2.imread(str(path))
    # Upper left quarter of the field: dark where most balls are found, light where none is.
    height, width = full.shape[:2]
    spot = np.s_[height // 4 : height // 3, width // 3 : width // 2]
    assert full[spot].mean() < 150 < 220 < empty[spot].mean()


def test_a_plot_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="format"):
        confusion_matrix_plot(np.eye(2), ["ball"], tmp_path / "matrix.nonsense", normalized=False)
    assert list(tmp_path.iterdir()) == []
