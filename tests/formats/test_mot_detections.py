"""MOTChallenge detections: exact lines, any table there and back, real files, damaged ones."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_tables import assert_same, box_tables

from courtside.errors import UserError
from courtside.formats.mot_detections import read_detections, write_detections


def read(path):
    return read_detections(path, "game", "player", "det")


def detected(boxes, scores):
    """The boxes as a detector would have found them: with scores, without track and visibility."""
    return boxes.with_columns(
        score=pl.Series(scores, dtype=pl.Float32),
        label=pl.lit("player"),
        source=pl.lit("det"),
        track=pl.lit(None, dtype=pl.Int32),
        visibility=pl.lit(None, dtype=pl.Float32),
    )


@pytest.mark.parametrize(
    ("line", "row"),
    [
        ("1,-1,10,20,30,40,0.5", (0, 10, 20, 40, 60, 0.5)),
        ("3, -1, -1.5, 2.25, 3, 4, 1, -1, -1, -1", (2, -1.5, 2.25, 1.5, 6.25, 1.0)),
        ("1,7,10,20,30,40,0", (0, 10, 20, 40, 60, 0.0)),  # a tracker's identity is passed over
    ],
)
def test_a_line_is_a_box(tmp_path, line, row):
    (tmp_path / "det.txt").write_text(line + "\n\n")
    found = read(tmp_path / "det.txt")
    assert found.select("frame", "x1", "y1", "x2", "y2", "score").rows() == [row]
    assert found.select("label", "source", "track", "visibility").rows() == [("player", "det", None, None)]


def test_an_empty_file_is_no_box(tmp_path):
    (tmp_path / "det.txt").write_text("")
    assert read(tmp_path / "det.txt").is_empty()


@settings(deadline=None)
@given(boxes=box_tables(), data=st.data())
def test_any_table_comes_back(tmp_path_factory, boxes, data):
    scores = data.draw(st.lists(st.floats(0, 1, width=32), min_size=boxes.height, max_size=boxes.height))
    path = tmp_path_factory.mktemp("det") / "det.txt"
    expected = detected(boxes, scores)
    write_detections(path, expected)
    assert_same(read(path), expected)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1,-1,0,0,5,5,1\n1,-1,0,0,5,5\n", "det.txt, line 2: 6 fields"),
        ("0,-1,0,0,5,5,1", "line 1: frame 0"),
        ("1,-1,0,0,5,0,1", "line 1: the box has no area"),
        ("1,-1,0,0,5,5,37.2", "line 1: the confidence is 37.2"),
        ("1,-1,0,0,5,5,-1", "line 1: the confidence is -1"),
        ("1,-1,0,0,5,5,sure", "line 1: the confidence is 'sure'"),
        ("1,a,0,0,5,5,1", "line 1: the identity is 'a'"),
    ],
)
def test_damaged_files(tmp_path, text, complaint):
    (tmp_path / "det.txt").write_text(text)
    with pytest.raises(UserError) as error:
        read(tmp_path / "det.txt")
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("sequence", ["MOT17-02-FRCNN", "MOT17-05-FRCNN", "MOT17-09-FRCNN"])
def test_real_detections(shared_data, tmp_path, sequence):
    path = shared_data / "tracking/mot17_mini" / sequence / "det/det.txt"
    found = read(path)
    lines = [[float(field) for field in line.split(",")] for line in path.read_text().splitlines()]
    assert found.height == len(lines)
    assert found["score"].to_list() == pytest.approx([line[6] for line in sorted(lines, key=lambda line: line[0])])
    write_detections(tmp_path / "det.txt", found)
    assert read(tmp_path / "det.txt").rows() == found.rows()
