"""Path and heat map on the court."""

import numpy as np
import pytest

from courtside.single.draw import court_picture, heat_picture, path_picture, write_picture
from courtside.video.images import read_image
from courtside.video.writer import VideoWriter
from moving_object import floor, picture, row, table

GREY = np.full((240, 320, 3), 120, dtype=np.uint8)


def changed(image):
    return np.abs(image.astype(int) - image[0, -1].astype(int)).max(axis=2) > 25


def test_the_path_runs_through_the_centres_and_not_across_gaps():
    boxes = table(*(row(frame, 20 + 2 * frame, 100) for frame in range(20)), row(40, 200, 100), row(41, 210, 100))
    drawn = path_picture(GREY, boxes)
    marked = changed(drawn)
    assert marked[120, 45:75].all()
    assert not marked[120, 100:200].any()
    assert not marked[:90].any()
    assert (GREY == 120).all()


def test_heat_is_where_the_object_was_longest():
    boxes = table(
        *(row(frame, 40, 40) for frame in range(30)), *(row(30 + step, 60 + 8 * step, 150) for step in range(20))
    )
    drawn = heat_picture(GREY, boxes, spread_px=8).astype(int).sum(axis=2)
    assert drawn[60, 60] == drawn.max()
    assert abs(drawn[170, 150] - drawn[230, 300]) > 10
    assert drawn[20, 300] == drawn[230, 300]


@pytest.mark.parametrize("picture_of", [path_picture, heat_picture])
def test_an_object_that_was_never_seen_leaves_the_court(picture_of):
    assert not changed(picture_of(GREY, table())).any()


def test_the_court_has_nothing_on_it_that_moves(tmp_path):
    path = tmp_path / "game.mp4"
    with VideoWriter(path, 320, 240, 25, crf=8) as writer:
        for step in range(30):
            writer.write(picture(8 * step, 100))
    assert np.abs(court_picture(path).astype(int) - floor()).mean() < 4


def test_a_picture_is_written(tmp_path):
    write_picture(tmp_path / "heat.png", GREY)
    assert (read_image(tmp_path / "heat.png") == GREY).all()
