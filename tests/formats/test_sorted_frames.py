"""Sorted frames: there and back, damaged files."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.errors import UserError
from courtside.formats import sorted_frames


def test_a_file_is_a_table(tmp_path):
    (tmp_path / "sorted.csv").write_text('\ufeffframe,ball\r\n7,1\r\n\r\n 3, "0"\r\n')
    assert sorted_frames.read(tmp_path / "sorted.csv", "game").rows() == [("game", 3, False), ("game", 7, True)]


@given(frames=st.dictionaries(st.integers(0, 10**7), st.booleans()))
def test_any_table_comes_back(tmp_path_factory, frames):
    path = tmp_path_factory.mktemp("sorted") / "sorted.csv"
    rows = [("game", frame, ball) for frame, ball in frames.items()]
    sorted_frames.write(path, pl.DataFrame(rows, schema=sorted_frames.SCHEMA, orient="row"))
    again = sorted_frames.read(path, "game")
    assert again.rows() == sorted(rows)
    assert again.schema == sorted_frames.SCHEMA


def test_two_videos_are_refused(tmp_path):
    table = pl.DataFrame([("a", 1, True), ("b", 1, True)], schema=sorted_frames.SCHEMA, orient="row")
    with pytest.raises(ValueError, match="one video"):
        sorted_frames.write(tmp_path / "sorted.csv", table)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: the header is ''"),
        ("1,0\n2,1\n", "line 1: the header is '1,0'"),
        ("frame,ball\n1;0\n", "line 2: 1 fields"),
        ("frame,ball\n1,0\nx,1\n", "line 3: the frame is 'x'"),
        ("frame,ball\n-1,0\n", "line 2: frame -1 is negative"),
        ("frame,ball\n1,yes\n", "line 2: ball is 'yes'"),
        ("frame,ball\n1,0\n1,1\n", "line 3: frame 1 stands there twice"),
    ],
)
def test_damaged_files(tmp_path, text, complaint):
    path = tmp_path / "sorted.csv"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        sorted_frames.read(path, "game")
    assert complaint in str(error.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        sorted_frames.read(tmp_path / "sorted.csv", "game")
