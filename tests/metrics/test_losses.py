"""Losses by epoch, as a training reports them, and their plot."""

import cv2
import pytest

from courtside.metrics.losses import loss_names, whole_losses
from courtside.metrics.training_plots import training_plot

PARTS = [
    {"epoch": 1, "train_box_loss": 2.0, "train_class_loss": 1.0, "val_box_loss": 2.5, "val_class_loss": 1.5},
    {"epoch": 2, "train_box_loss": 1.0, "train_class_loss": 0.5, "val_box_loss": 2.0, "val_class_loss": None},
]


@pytest.mark.parametrize(
    ("epochs", "names"),
    [([], []), ([{"epoch": 1, "mAP50": 0.5}], []), ([{"train_loss": 1.0}], [""]), (PARTS, ["box", "class"])],
)
def test_parts_of_the_loss_are_named(epochs, names):
    assert loss_names(epochs) == names


@pytest.mark.parametrize(
    ("split", "sums"),
    [("train", [3.0, 1.5]), ("val", []), ("test", [])],  # an epoch of which a part is missing has no sum
)
def test_parts_are_summed_epoch_by_epoch(split, sums):
    assert whole_losses(PARTS, split) == sums


@pytest.mark.parametrize(
    "epochs",
    [
        PARTS,
        [{"epoch": 1, "train_loss": 0.0, "val_loss": None, "mAP50": 0.5}],
        [{"epoch": number + 1, "mAP50": None, "recall": number / 80} for number in range(80)],
    ],
    ids=["parts", "one epoch", "no loss"],
)
def test_any_training_is_drawn(tmp_path, epochs):
    training_plot(epochs, tmp_path / "plots" / "training.png")
    image = cv2.imread(str(tmp_path / "plots" / "training.png"))
    assert image.shape[1] == 900
    assert (image.mean(axis=2) < 200).mean() > 0.002
