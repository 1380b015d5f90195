"""Tiles cover the frame, and what is found on several of them is one box."""

from itertools import pairwise

import numpy as np
import pytest

from courtside.detectors.protocol import Detections
from courtside.detectors.tiles import TiledDetector, merge
from courtside.errors import UserError
from courtside.video.reader import Frame
from courtside.video.tiling import regions


def found(*rows, frame=0):
    """Detections from rows of x1, y1, x2, y2, score, class."""
    table = np.array(rows, dtype=np.float32).reshape(-1, 6)
    return Detections(frame, table[:, :4], table[:, 4], table[:, 5].astype(np.int64))


class BrightPixels:
    """Stands for a detector: each bright pixel that survives shrinking to ``image_size`` is a box of 4 pixels."""

    architecture, labels, image_size, transferred = "bright", ("ball",), 100, 0.0

    def __init__(self):
        self.asked = []

    def predict(self, frames, minimum_confidence, image_size=None, *, embed=False):
        for frame in frames:
            height, width = frame.image.shape[:2]
            self.asked.append((width, height, image_size))
            step = max(1, round(max(width, height) / (image_size or self.image_size)))
            rows, columns = np.nonzero(frame.image[::step, ::step, 0] > 200)
            boxes = [
                (step * x - 2, step * y - 2, step * x + 2, step * y + 2) for y, x in zip(rows, columns, strict=True)
            ]
            corners = np.clip(np.array(boxes, np.float32).reshape(-1, 4), 0, [width, height] * 2)
            yield Detections(
                frame.index,
                corners.astype(np.float32),
                np.full(len(boxes), 0.5, np.float32),
                np.zeros(len(boxes), np.int64),
            )


def test_tiles_are_of_one_size_and_overlap_enough():
    assert regions(1280, 720, 640, 64) == [
        (0, 0, 640, 640),
        (320, 0, 960, 640),
        (640, 0, 1280, 640),
        (0, 80, 640, 720),
        (320, 80, 960, 720),
        (640, 80, 1280, 720),
    ]
    assert regions(100, 50, 60, 20) == [(0, 0, 60, 50), (40, 0, 100, 50)]


def test_a_frame_no_larger_than_a_tile_has_none():
    assert regions(640, 360, 640, 64) == []


@pytest.mark.parametrize("width", range(301, 420, 7))
@pytest.mark.parametrize("overlap", [0, 13, 50])
def test_tiles_cover_every_pixel(width, overlap):
    tiles = regions(width, 90, 100, overlap)
    assert tiles[0][0] == 0
    assert tiles[-1][2] == width
    for before, after in pairwise(tiles):
        assert before[2] - after[0] >= overlap
        assert after[2] - after[0] == 100


def test_a_ball_on_two_tiles_is_one_box_with_the_higher_score():
    left, right = (0, 0, 60, 50), (40, 0, 100, 50)
    merged = merge(found(), [(left, found((45, 10, 55, 20, 0.6, 0))), (right, found((5, 10, 15, 20, 0.8, 0)))], 100, 50)
    assert merged.corners.tolist() == [[45, 10, 55, 20]]
    assert merged.scores.tolist() == pytest.approx([0.8])


def test_other_labels_in_the_same_place_stay():
    merged = merge(found((40, 10, 60, 40, 0.9, 1)), [((0, 0, 60, 50), found((40, 10, 59, 40, 0.6, 0)))], 100, 50)
    assert merged.classes.tolist() == [1, 0]
    assert merged.scores.tolist() == pytest.approx([0.9, 0.6])


def test_a_piece_goes_where_the_whole_is_found():
    # The left tile ends at 60 and cuts the object from 50 to 90; the whole frame shows all of it.
    piece = found((50, 10, 60, 40, 0.9, 0))
    merged = merge(found((50, 10, 90, 40, 0.5, 0)), [((0, 0, 60, 50), piece)], 100, 50)
    assert merged.corners.tolist() == [[50, 10, 90, 40]]


def test_a_piece_stays_where_the_whole_is_not_found_or_hardly():
    piece = ((0, 0, 60, 50), found((50, 10, 60, 40, 0.9, 0)))
    assert len(merge(found(), [piece], 100, 50).scores) == 1
    assert merge(found((50, 10, 90, 40, 0.1, 0)), [piece], 100, 50).scores.tolist() == pytest.approx([0.9, 0.1])
    assert len(merge(found((50, 10, 90, 40, 0.5, 1)), [piece], 100, 50).scores) == 2  # another label


def test_a_box_at_the_border_of_the_picture_is_no_piece():
    at_border = found((0, 10, 8, 20, 0.6, 0))
    merged = merge(found((0, 8, 30, 24, 0.9, 0)), [((0, 0, 60, 50), at_border)], 100, 50)
    assert len(merged.scores) == 2


def test_what_is_lost_in_the_whole_frame_is_found_in_a_tile():
    inner = BrightPixels()
    frames = [Frame(number, 0.0, np.zeros((150, 200, 3), dtype=np.uint8)) for number in (4, 5, 9)]
    frames[1].image[51, 133] = 255  # an odd row and column: gone when every other pixel is
    detections = list(TiledDetector(inner, 100, 20).predict(iter(frames), 0.1))
    assert [entry.frame for entry in detections] == [4, 5, 9]
    assert [len(entry.scores) for entry in detections] == [0, 1, 0]
    assert detections[1].corners.tolist() == [[131, 49, 135, 53]]
    assert inner.asked.count((200, 150, None)) == 3
    assert inner.asked.count((100, 100, 100)) == 3 * 6
    assert [len(entry.scores) for entry in inner.predict(frames, 0.1)] == [0, 0, 0]


def test_frames_of_several_sizes_and_none():
    tiled = TiledDetector(BrightPixels(), 100, 20)
    frames = [Frame(0, 0.0, np.full((10, 10, 3), 255, np.uint8)), Frame(1, 0.0, np.zeros((90, 250, 3), np.uint8))]
    assert [entry.frame for entry in tiled.predict(frames, 0.1)] == [0, 1]
    assert list(tiled.predict([], 0.1)) == []


def test_it_passes_for_the_detector_it_wraps():
    inner = BrightPixels()
    tiled = TiledDetector(inner, 100, 20)
    tiled.image_size = 50
    assert (tiled.architecture, tiled.labels, tiled.image_size, tiled.transferred) == ("bright", ("ball",), 50, 0.0)
    assert inner.image_size == 50


@pytest.mark.parametrize("overlap", [-1, 51])
def test_an_impossible_overlap_is_one_line(overlap):
    with pytest.raises(UserError, match=r"detector\.tile_overlap.*0–50"):
        TiledDetector(BrightPixels(), 100, overlap)
