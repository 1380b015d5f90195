"""A frame is hard where its labels know more than the detector did."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside import boxes
from courtside.datasets.hardness import hardness


def box(frame, x1, *, score=0.9, label="ball", source="round", width=10.0):
    corners = {"x1": x1, "y1": 0.0, "x2": x1 + width, "y2": 10.0}
    return {"video": "game", "frame": frame, **corners, "label": label, "score": score, "source": source}


def table(*rows):
    return boxes.check(pl.DataFrame(list(rows))) if rows else boxes.empty()


def hard(teacher, found, labels=("ball",)):
    return {frame: value for _, frame, value in hardness(table(*teacher), table(*found), labels).iter_rows()}


@pytest.mark.parametrize(
    ("teacher", "found", "expected"),
    [
        ([box(1, 0)], [box(1, 0, score=0.75)], 0.25),  # the detector was that unsure, whatever the label says
        ([box(1, 0)], [], 0.1),  # nothing is known of a detector: the label's own score
        ([box(1, 0)], [box(2, 0)], 1.0),  # it found nothing there
        ([box(1, 0)], [box(1, 0, label="player")], 1.0),
        ([box(1, 0)], [box(1, 30)], 1.0),
        ([box(1, 0)], [box(1, 5, score=0.5), box(1, 10)], 1 - 0.5 / 3),  # moved: half of each overlaps
        ([box(1, 0)], [box(1, 0, score=0.5), box(1, 0, score=0.75)], 0.25),  # the best of several
        ([box(1, 0, source="interpolated")], [box(1, 0)], 1.0),
        ([box(1, 0), box(1, 50)], [box(1, 0, score=0.5)], 0.75),  # the mean of the frame's labels
        ([box(1, 0), box(1, 50, label="player")], [box(1, 0, score=0.5)], 0.5),  # others are not looked at
    ],
)
def test_small_cases(teacher, found, expected):
    assert hard(teacher, found) == {1: pytest.approx(expected, abs=1e-6)}


def test_a_frame_without_such_a_label_is_neither_hard_nor_easy():
    assert hard([box(1, 0, label="player")], [box(1, 0)]) == {}
    assert hard([], [box(1, 0)]) == {}


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.floats(0, 1, width=32)), max_size=6),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 20), st.floats(0, 1, width=32)), max_size=6),
)
def test_it_is_a_share_of_every_labelled_frame(labels, found):
    values = hard(*([box(frame, float(x), score=score) for frame, x, score in rows] for rows in (labels, found)))
    assert set(values) == {frame for frame, _, _ in labels}
    assert all(0 <= value <= 1 for value in values.values())
