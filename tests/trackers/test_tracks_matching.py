"""Which boxes look like which tracks, and the best assignment of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from courtside.trackers import kalman
from courtside.trackers.matching import LEAST, assign, not_covered, similarities

BOX = np.array([[100.0, 100.0, 140.0, 200.0]])


def similarity(other, *, distance_weight=0.0, gate=1e6, classes=(0, 0), age=1, unseen_cost=0.0):
    states = kalman.begin(BOX, 0.05, 0.01)
    boxes = np.array([other], dtype=float)
    of_track, of_box = np.array([classes[0]]), np.array([classes[1]])
    ages = np.array([age])
    return similarities(states, of_track, boxes, of_box, 0.05, gate, distance_weight, ages, unseen_cost)[0, 0]


@pytest.mark.parametrize(
    ("other", "options", "expected"),
    [
        (BOX[0], {}, 1.0),
        ((120, 100, 160, 200), {}, 1 / 3),  # half of each in common
        ((110, 120, 130, 180), {}, 0.3),  # inside
        ((140, 100, 180, 200), {}, 0.0),  # side by side, touching
        (BOX[0], {"classes": (0, 1)}, 0.0),
        # 10 px away; the variance is (0.05 · 100)² twice, so d² = 100 / 50 = 2 of a gate of 8.
        ((110, 100, 150, 200), {"distance_weight": 1.0, "gate": 8.0}, 0.75),
        ((110, 100, 150, 200), {"distance_weight": 0.5, "gate": 8.0}, (0.75 + 0.6) / 2),
        ((110, 100, 150, 200), {"gate": 2.0}, 0.0),  # on the gate
        # Who was not seen on the frame before is further away by the cost, but never beyond the gate.
        ((110, 100, 150, 200), {"distance_weight": 1.0, "gate": 8.0, "age": 2, "unseen_cost": 4.0}, 0.25),
        ((110, 100, 150, 200), {"distance_weight": 1.0, "gate": 8.0, "age": 1, "unseen_cost": 4.0}, 0.75),
        ((110, 100, 150, 200), {"distance_weight": 0.5, "gate": 8.0, "age": 9, "unseen_cost": 7.0}, 0.3),
    ],
)
def test_similarity(other, options, expected):
    assert similarity(other, **options) == pytest.approx(expected, abs=1e-9)


def test_a_pair_inside_the_gate_is_never_worth_nothing():
    barely = similarity((139.9999, 199.9999, 200, 300), gate=1e9)
    assert barely == LEAST


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 7).flatmap(
        lambda rows: st.lists(
            st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.1, 0.25, 0.5, 0.9]), min_size=rows, max_size=rows),
            min_size=1,
            max_size=7,
        )
    ),
    st.sampled_from([0.05, 0.3]),
)
def test_taking_out_what_has_no_choice_gives_the_best_assignment(values, least):
    similarity = np.array(values)
    tracks, boxes = np.ones(similarity.shape[0], bool), np.ones(similarity.shape[1], bool)
    box_of = np.full(similarity.shape[0], -1)
    assign(similarity, tracks, boxes, least, box_of)
    joined = np.flatnonzero(box_of >= 0)
    assert len(set(box_of[joined])) == len(joined)
    assert (similarity[joined, box_of[joined]] >= least).all()
    assert tracks.tolist() == (box_of < 0).tolist()
    assert boxes.tolist() == [box not in box_of[joined] for box in range(len(boxes))]
    allowed = np.where(similarity >= least, similarity, 0)
    rows, columns = linear_sum_assignment(allowed, maximize=True)
    assert similarity[joined, box_of[joined]].sum() == pytest.approx(allowed[rows, columns].sum())


def test_who_takes_no_part_is_left_alone():
    similarity = np.full((3, 3), 0.5)
    box_of = np.array([2, -1, -1])
    tracks, boxes = np.array([False, True, False]), np.array([True, False, False])
    assign(similarity, tracks, boxes, 0.1, box_of)
    assert box_of.tolist() == [2, 0, -1]


def test_boxes_that_show_what_another_shows():
    corners = np.array([[0.0, 0, 10, 10], [1, 0, 11, 10], [1, 0, 11, 10], [8, 0, 18, 10]])
    classes = np.array([0, 0, 1, 0])
    others = np.array([True, False, False, False])
    # The second is nearly the first, the third too but of another class, the fourth overlaps by a ninth.
    assert not_covered(corners, classes, ~others, others, 0.7).tolist() == [2, 3]
    assert not_covered(corners, classes, ~others, others, 0.1).tolist() == [2]
