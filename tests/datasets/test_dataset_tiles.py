"""Tiles to learn from: those with an object, what of it is inside, and one without."""

import cv2
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside import boxes as boxes_table
from courtside.datasets.tiles import VISIBLE_SHARE, tiles_to_learn
from courtside.datasets.write import write_dataset
from courtside.video.tiling import regions


def table(*corners):
    rows = [
        {"video": "game", "frame": 0, **dict(zip(boxes_table.CORNERS, box, strict=True))}
        | {"label": "ball", "score": 0.9, "source": "human"}
        for box in corners
    ]
    if not rows:
        return boxes_table.empty()
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA))


def cut(boxes, number=0, width=200, height=100, side=100, overlap=0):
    return [
        (region, inside.select(boxes_table.CORNERS).rows())
        for region, inside in tiles_to_learn(boxes, number, width, height, side, overlap)
    ]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((110, 10, 130, 30), [((0, 0, 100, 100), []), ((100, 0, 200, 100), [(10, 10, 30, 30)])]),
        (
            (90, 10, 110, 30),
            [((0, 0, 100, 100), [(90, 10, 100, 30)]), ((100, 0, 200, 100), [(0, 10, 10, 30)])],
        ),  # halves
        ((91, 10, 111, 30), [((0, 0, 100, 100), []), ((100, 0, 200, 100), [(0, 10, 11, 30)])]),
    ],
)
def test_an_object_is_where_half_of_it_is(box, expected):
    assert cut(table(box)) == expected


def test_another_empty_tile_goes_along_each_time():
    ball = table((10, 10, 30, 30))
    along = [cut(ball, number, width=300)[1][0] for number in range(4)]
    assert along == [(100, 0, 200, 100), (200, 0, 300, 100)] * 2


def test_a_small_picture_has_no_tiles():
    assert cut(table((10, 10, 30, 30)), width=100) == []


def test_a_picture_without_an_object_has_one_empty_tile():
    assert cut(table(), number=1) == [((100, 0, 200, 100), [])]


@given(
    st.lists(
        st.tuples(*[st.integers(0, 390), st.integers(0, 190), st.integers(1, 60), st.integers(1, 60)]), max_size=6
    ),
    st.integers(0, 9),
)
def test_boxes_lie_in_their_tile_and_none_is_lost_where_tiles_overlap_enough(places, number):
    boxes = table(*((x, y, min(400, x + width), min(200, y + height)) for x, y, width, height in places))
    pieces = tiles_to_learn(boxes, number, 400, 200, 120, 60)
    for (x1, y1, x2, y2), inside in pieces:
        assert (boxes_table.corners(inside) >= 0).all()
        assert (boxes_table.corners(inside) <= [x2 - x1, y2 - y1, x2 - x1, y2 - y1]).all()
    # Every object is whole in one tile at least, since none is larger than the overlap.
    placed = {
        tuple(map(float, corners + np.array([x1, y1, x1, y1])))
        for (x1, y1, _, _), inside in pieces
        for corners in boxes_table.corners(inside)
    }
    assert {tuple(map(float, corners)) for corners in boxes_table.corners(boxes)} <= placed
    assert sum(inside.is_empty() for _, inside in pieces) <= 1
    assert {region for region, _ in pieces} <= set(regions(400, 200, 120, 60))
    assert 0 < VISIBLE_SHARE < 1


def test_tiles_are_written_beside_the_pictures(tmp_path):
    folder = tmp_path / "video"
    folder.mkdir()
    image = np.zeros((100, 200, 3), np.uint8)
    image[10:30, 110:130] = 255
    for number in range(2):
        cv2.imwrite(str(folder / f"{number}.png"), image)
    chosen = pl.DataFrame(
        {"video": "game", "frame": [0, 1], "split": ["train", "val"], "source": "human"},
        schema_overrides={"frame": pl.Int32},
    )
    boxes = pl.concat([table((110, 10, 130, 30)), table((110, 10, 130, 30)).with_columns(frame=pl.lit(1, pl.Int32))])
    target = tmp_path / "dataset"
    write_dataset(
        target,
        chosen,
        boxes,
        {"game": folder},
        ["ball"],
        jpeg_quality=95,
        report=lambda done, total: None,
        tiles=(100, 0),
    )
    names = sorted(path.name for path in (target / "images/train").iterdir())
    assert names == ["game_000000.jpg", "game_000000_tile_1.jpg", "game_000000_tile_2.jpg"]
    written = cv2.imread(str(target / "images/train/game_000000_tile_2.jpg"))
    assert written.shape == (100, 100, 3)
    assert written[20, 20].min() > 240
    assert (target / "labels/train/game_000000_tile_1.txt").read_text() == ""
    label = (target / "labels/train/game_000000_tile_2.txt").read_text().split()
    assert [float(value) for value in label] == pytest.approx([0, 0.2, 0.2, 0.2, 0.2], abs=1e-5)
    assert len(list((target / "images/val").iterdir())) == 3
