"""The folder a round becomes."""

import numpy as np
import polars as pl
import pytest

from courtside import boxes
from courtside.datasets.write import write_dataset
from courtside.errors import UserError
from courtside.video.writer import VideoWriter


@pytest.fixture
def video(tmp_path):
    path = tmp_path / "game.mp4"
    with VideoWriter(path, 64, 48, 25) as writer:
        for level in range(10):
            writer.write(np.full((48, 64, 3), level * 25, dtype=np.uint8))
    return path


def chosen(*rows):
    return pl.DataFrame(rows, schema=["video", "frame", "split", "source"], orient="row")


def box(frame, label="ball"):
    row = {"video": "game", "frame": frame, "x1": 8.0, "y1": 12.0, "x2": 24.0, "y2": 24.0}
    return pl.DataFrame([row | {"label": label, "score": 1.0, "source": "human"}])


def write(target, rows, table, video):
    write_dataset(target, rows, table, {"game": video}, ["ball"], jpeg_quality=95, report=lambda done, total: None)


def test_images_labels_and_list(tmp_path, video):
    import cv2

    table = boxes.check(pl.concat([box(2), box(2, "player"), box(7)], how="diagonal").cast({"frame": pl.Int32}))
    rows = chosen(("game", 2, "train", "human"), ("game", 5, "train", "teacher"), ("game", 7, "val", "human"))
    write(tmp_path / "set", rows, table, video)
    label = (tmp_path / "set/labels/train/game_000002.txt").read_text().split()
    assert label[0] == "0"  # the player is not among the labels
    assert [float(value) for value in label[1:]] == pytest.approx([16 / 64, 18 / 48, 16 / 64, 12 / 48])
    assert (tmp_path / "set/labels/train/game_000005.txt").read_text() == ""
    image = cv2.imread(str(tmp_path / "set/images/val/game_000007.jpg"))
    assert image.shape == (48, 64, 3)
    assert image.mean() == pytest.approx(175, abs=4)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("game", 2, "train", "human")], "no labelled usable val frame"),
        ([("game", 2, "val", "human")], "no labelled usable train frame"),
        ([("game", 2, "train", "human"), ("game", 99, "val", "human")], "cannot be read"),  # past the end
    ],
)
def test_what_cannot_be_trained_on_is_refused_and_nothing_stays(tmp_path, video, rows, words):
    with pytest.raises(UserError, match=words):
        write(tmp_path / "set", chosen(*rows), boxes.empty(), video)
    assert [path.name for path in tmp_path.iterdir()] == ["game.mp4"]
