"""Sorted frames: there and back, every header, damaged files."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.errors import UserError
from courtside.formats import sorted_frames

BALLS = ("football", "golf")


def written(folder, text):
    path = folder / "sorted.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "labels", "rows"),
    [
        ('\ufeffframe,ball\r\n7,1\r\n\r\n 3, "0"\r\n', sorted_frames.LABELS, [(3, "no_ball"), (7, "ball")]),
        ("frame,label\n7,ball\n3,no_ball\n", sorted_frames.LABELS, [(3, "no_ball"), (7, "ball")]),
        ("frame,label\n1,golf\n0,dropped\n2, football \n", BALLS, [(0, "dropped"), (1, "golf"), (2, "football")]),
        ("frame,label\n", BALLS, []),
        ('image,label\n"b.jpg",golf\na.jpg,dropped\n', BALLS, [(0, "dropped"), (1, "golf")]),
        # The classes may be named in any order, and 1 is still the ball.
        ("frame,ball\n0,1\n", ("ball", "no_ball"), [(0, "ball")]),
    ],
)
def test_a_file_is_a_table(tmp_path, text, labels, rows):
    images = [Path("a.jpg"), Path("b.jpg")]
    table = sorted_frames.read(written(tmp_path, text), "game", labels, images=images)
    assert table.rows() == [("game", frame, label) for frame, label in rows]
    assert table.schema == sorted_frames.SCHEMA


@given(frames=st.dictionaries(st.integers(0, 10**7), st.sampled_from([*BALLS, sorted_frames.DROPPED])))
def test_any_table_comes_back(tmp_path_factory, frames):
    path = tmp_path_factory.mktemp("sorted") / "sorted.csv"
    rows = [("game", frame, label) for frame, label in frames.items()]
    sorted_frames.write(path, pl.DataFrame(rows, schema=sorted_frames.SCHEMA, orient="row"))
    again = sorted_frames.read(path, "game", BALLS)
    assert again.rows() == sorted(rows)
    assert again.schema == sorted_frames.SCHEMA


def test_two_videos_are_refused(tmp_path):
    table = pl.DataFrame([("a", 1, "ball"), ("b", 1, "ball")], schema=sorted_frames.SCHEMA, orient="row")
    with pytest.raises(ValueError, match="one video"):
        sorted_frames.write(tmp_path / "sorted.csv", table)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: the header is ''"),
        ("1,0\n2,1\n", "line 1: the header is '1,0'"),
        ("frame,class\n1,ball\n", "line 1: the header is 'frame,class'"),
        ("frame,ball\n1;0\n", "line 2: 1 fields instead of frame,ball"),
        ("frame,label\n1,ball,2\n", "line 2: 3 fields instead of frame,label"),
        ("frame,ball\n1,0\nx,1\n", "line 3: the frame is 'x'"),
        ("frame,ball\n-1,0\n", "line 2: frame -1 is negative"),
        ("frame,label\n5,ball\n", "line 2: frame 5 is not in the video, whose 5 frames"),
        ("frame,ball\n1,yes\n", "line 2: ball is 'yes'; write 1 or 0"),
        ("frame,label\n1,1\n", "line 2: label is '1'; write no_ball, ball or dropped"),
        ("frame,label\n1,Ball\n", "line 2: label is 'Ball'"),
        ("frame,label\n1,\n", "line 2: label is ''"),
        ("frame,ball\n1,0\n1,1\n", "line 3: frame 1 stands there twice"),
        ("image,label\nb.jpg,ball\nb.jpg,ball\n", "line 3: image b.jpg stands there twice"),
        ("image,label\nc.jpg,ball\n", "line 2: there is no image 'c.jpg' in the folder of game"),
    ],
)
def test_damaged_files(tmp_path, text, complaint):
    path = written(tmp_path, text)
    with pytest.raises(UserError) as error:
        sorted_frames.read(path, "game", images=[Path("a.jpg"), Path("b.jpg")], frames=5)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


def test_ones_and_zeros_need_the_classes_they_stand_for(tmp_path):
    with pytest.raises(UserError, match="the classes are football, golf; write 'frame,label'"):
        sorted_frames.read(written(tmp_path, "frame,ball\n1,1\n"), "game", BALLS)


def test_a_missing_file(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        sorted_frames.read(tmp_path / "sorted.csv", "game")
