"""The schema of both tables is checked when they are written and when they are read."""

import polars as pl
import pytest

from courtside import boxes, frames
from courtside.errors import UserError

FRAME = {
    "video": "game",
    "frame": 0,
    "clip": 0,
    "time_s": 0.0,
    "shot": 0,
    "blur": 200.0,
    "brightness": 90.0,
    "variance": 1000.0,
    "hash": bytes(32),
}
BOX = {
    "video": "game",
    "frame": 3,
    "x1": 1.0,
    "y1": 2.0,
    "x2": 11.5,
    "y2": 22.0,
    "label": "ball",
    "score": 0.5,
    "source": "human",
}


def table(row, **changes):
    return pl.DataFrame([{**row, **changes}])


@pytest.mark.parametrize(("module", "row"), [(frames, FRAME), (boxes, BOX)])
def test_a_table_comes_back_as_it_was_written(tmp_path, module, row):
    path = tmp_path / "table.parquet"
    module.write(path, table(row))
    back = module.read(path)
    assert back.schema == module.SCHEMA
    assert {name: back[name][0] for name in row} == row


@pytest.mark.parametrize(
    ("module", "row", "changes"),
    [
        (frames, FRAME, {"extra": 1}),  # unknown column
        (frames, FRAME, {"blur": None}),  # null in a required column
        (frames, FRAME, {"frame": -1}),
        (frames, FRAME, {"verdict": "fine"}),
        (frames, FRAME, {"split": "training"}),
        (frames, FRAME, {"frame": "first"}),  # no number
        (boxes, BOX, {"x2": 1.0}),  # no width
        (boxes, BOX, {"y2": 1.0}),  # upside down
        (boxes, BOX, {"x1": float("nan")}),
        (boxes, BOX, {"y2": float("inf")}),
        (boxes, BOX, {"score": 1.1}),
        (boxes, BOX, {"visibility": -0.1}),
        (boxes, BOX, {"frame": -1}),
        (boxes, BOX, {"label": None}),
    ],
)
def test_what_breaks_the_schema_is_not_written(tmp_path, module, row, changes):
    path = tmp_path / "table.parquet"
    with pytest.raises(ValueError, match=r".+"):
        module.write(path, table(row, **changes))
    assert not list(tmp_path.iterdir())


def test_a_frame_stands_in_the_table_once():
    with pytest.raises(ValueError, match="twice"):
        frames.check(pl.DataFrame([FRAME, FRAME]))


def test_frames_are_sorted_by_key_and_boxes_keep_their_order_within_a_frame():
    sorted_frames = frames.check(pl.DataFrame([{**FRAME, "frame": 2}, {**FRAME, "frame": 1}]))
    assert sorted_frames["frame"].to_list() == [1, 2]
    sorted_boxes = boxes.check(pl.DataFrame([{**BOX, "score": 0.2}, {**BOX, "score": 0.9}, {**BOX, "frame": 1}]))
    assert sorted_boxes["score"].to_list() == pytest.approx([0.5, 0.2, 0.9])


@pytest.mark.parametrize("module", [frames, boxes])
@pytest.mark.parametrize("content", [None, b"", b"PAR1 and then nothing of use"])
def test_a_missing_or_damaged_file_is_one_line(tmp_path, module, content):
    path = tmp_path / "table.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"table\.parquet"):
        module.read(path)


def test_a_table_of_another_kind_is_one_line(tmp_path):
    boxes.write(tmp_path / "boxes.parquet", table(BOX))
    with pytest.raises(UserError, match="frames table"):
        frames.read(tmp_path / "boxes.parquet")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([0, 0, 2, 2], [0, 0, 2, 2], 1.0),
        ([0, 0, 2, 2], [1, 0, 3, 2], 1 / 3),  # half overlap
        ([0, 0, 2, 2], [2, 0, 4, 2], 0.0),  # half-open: touching is not overlapping
        ([0, 0, 4, 4], [1, 1, 3, 3], 0.25),  # one inside the other
    ],
)
def test_iou(first, second, expected):
    pairs = boxes.iou(boxes.corners(pl.DataFrame([dict(zip(boxes.CORNERS, first, strict=True))])), [second])
    assert pairs.item() == pytest.approx(expected)
