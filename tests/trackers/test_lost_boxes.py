"""Pictures of what a tracker lost."""

import numpy as np
import polars as pl
import pytest

from courtside.files import read_json
from courtside.trackers.lost_boxes import ABOUT, HEIGHT, WIDTH, loss_picture, write_losses
from courtside.video.writer import VideoWriter
from moving_object import row, table

RED = (60, 40, 235)


def red_edges(picture):
    """Return the middle of the lines of the lost box: left, top, right, bottom."""
    rows, columns = np.nonzero((np.abs(picture.astype(int) - RED) < 12).all(axis=2))
    return [columns.min() + 1, rows.min() + 1, columns.max() - 1, rows.max() - 1]


@pytest.mark.parametrize(
    ("corners", "edges"),
    [
        # In the middle: 40 pixels, three times as large, at the picture's centre.
        ((620, 340, 660, 380), (180, 100, 300, 220)),
        # In the corner: the picture does not leave the frame.
        ((0, 0, 40, 40), (0, 0, 120, 120)),
        # Large: the whole height of the frame is shown, and never more than the frame.
        ((480, 120, 800, 600), (169, 53, 311, 267)),
    ],
)
def test_the_lost_box_is_shown_with_its_surroundings(corners, edges):
    lost = dict(zip(("x1", "y1", "x2", "y2"), corners, strict=True))
    picture = loss_picture(np.full((720, 1280, 3), 120, np.uint8), lost, table())
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert red_edges(picture) == pytest.approx([max(1, edges[0]), max(1, edges[1]), *edges[2:]], abs=3)


def test_what_the_tracker_holds_near_is_drawn_and_what_is_far_is_not():
    image = np.full((720, 1280, 3), 120, np.uint8)
    lost = {"x1": 620, "y1": 340, "x2": 660, "y2": 380}
    alone = loss_picture(image, lost, table())
    assert (loss_picture(image, lost, table(row(0, 690, 360, track=3))) != alone).any()
    assert np.array_equal(loss_picture(image, lost, table(row(0, 40, 40, track=3))), alone)


def test_a_frame_smaller_than_the_picture_is_shown_whole():
    lost = {"x1": 10.0, "y1": 10.0, "x2": 20.0, "y2": 20.0}
    assert loss_picture(np.zeros((60, 80, 3), np.uint8), lost, table()).shape == (HEIGHT, WIDTH, 3)


def test_pictures_and_what_they_show_appear_together(tmp_path):
    video = tmp_path / "x.mp4"
    with VideoWriter(video, 320, 240, 25) as writer:
        for _ in range(4):
            writer.write(np.full((240, 320, 3), 90, np.uint8))
    lost = table(row(2, 100, 100, track=7)).select(pl.lit("blur").alias("condition"), pl.all())
    write_losses(tmp_path / "losses", "sort", lost, {"game": table()}, {"game": video})
    about = read_json(tmp_path / "losses" / ABOUT)
    assert about["tracker"] == "sort"
    assert about["losses"] == [
        {"file": "blur.jpg", "condition": "blur", "video": "game", "frame": 2, "label": "ball", "track": 7}
    ]
    assert (tmp_path / "losses" / "blur.jpg").is_file()
