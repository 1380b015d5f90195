"""The order of the questions, and which are open."""

from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.review.order import bit_reversed, lowest_scores, most_doubtful, spread
from courtside.review.questions import Key, Questions


def table(**counts):
    rows = [(video, frame) for video, count in counts.items() for frame in range(count)]
    return pl.DataFrame(rows, schema={"video": pl.String, "frame": pl.Int32}, orient="row")


def keys(*frames):
    return [Key("a", frame) for frame in frames]


@pytest.mark.parametrize(
    ("count", "expected"), [(0, []), (1, [0]), (2, [0, 1]), (5, [0, 4, 2, 1, 3]), (8, [0, 4, 2, 6, 1, 5, 3, 7])]
)
def test_bits_are_reversed(count, expected):
    assert bit_reversed(count).tolist() == expected


@given(st.integers(1, 3000))
def test_each_frame_once_and_neighbours_last(count):
    frames = spread(table(a=count))["frame"].to_list()
    assert sorted(frames) == list(range(count))
    # Whatever half has been seen, no two of it lie beside one another.
    half = sorted(frames[: (1 << (count - 1).bit_length()) // 2 // 2])
    assert all(later - earlier > 1 for earlier, later in pairwise(half))


def test_videos_take_turns_by_their_length():
    videos = spread(table(a=40, b=20))["video"].to_list()
    assert [videos[:15].count(name) for name in "ab"] == [10, 5]
    assert spread(table(a=40, b=20).reverse()).equals(spread(table(a=40, b=20)))
    assert spread(table()).is_empty()


def test_the_highest_loss_comes_first():
    items = table(a=4).with_columns(loss=pl.Series([0.1, 2.0, None, 2.0]), probability=pl.Series([0.9, 0.8, 0.5, 0.6]))
    assert most_doubtful(items)["frame"].to_list() == [3, 1, 0, 2]


def test_frames_by_their_least_certain_box():
    boxes = pl.DataFrame({"video": ["a"] * 4, "frame": [0, 0, 1, 3], "score": [0.9, 0.5, 0.4, 0.1]}).with_columns(
        pl.col("frame").cast(pl.Int32)
    )
    assert lowest_scores(boxes, table(a=3)).rows() == [("a", 1, 0.4), ("a", 0, 0.5)]


def test_questions_go_on_and_back():
    answered = set()
    asked = Questions(keys(5, 1, 9), answered)
    assert asked.ahead(2) == keys(5, 1)
    answered.add(Key("a", 5))
    assert (asked.current(), asked.done, asked.total) == (Key("a", 1), 1, 3)
    asked.pass_over(Key("a", 1))
    answered.add(Key("a", 9))  # elsewhere, say
    assert asked.current() is None
    assert (asked.done, asked.passed) == (2, 1)
    answered.discard(Key("a", 5))
    asked.return_to(Key("a", 5))
    assert asked.ahead(3) == keys(5)
    asked.return_to(Key("a", 1))
    assert asked.ahead(3) == keys(1)
    asked.return_to(Key("b", 1))  # not asked here
    assert asked.current() == Key("a", 1)
    assert Key("a", 9) in asked
    assert Key("a", 2) not in asked
