"""Smoothed paths: exact cases, and what the smoother must equal: the path of least squares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside.motion import MotionModel, smooth


def boxes(centres, side=10.0):
    centres = np.asarray(centres, dtype=np.float64)
    return np.hstack([centres - side / 2, centres + side / 2])


def centres(path):
    return (path.corners[:, :2] + path.corners[:, 2:]) / 2


def least_squares(times, seen, every, noise, jerk, side):
    """Solve for all positions at once: what is seen, the first state, and how little acceleration changes."""
    index = {time: number for number, time in enumerate(every)}
    rows, targets = [], []
    for time, value in zip(times, seen, strict=True):
        row = np.zeros(3 * len(every))
        row[3 * index[time]] = 1 / noise
        rows.append(row)
        targets.append(value / noise)
    for order, spread in enumerate((100 * side, 3 * side, side)):
        row = np.zeros(3 * len(every))
        row[order] = 1 / spread
        rows.append(row)
        targets.append(seen[0] / spread if order == 0 else 0.0)
    for number in range(len(every) - 1):
        gap = every[number + 1] - every[number]
        forward = np.array([[1, gap, gap**2 / 2], [0, 1, gap], [0, 0, 1]])
        spread = jerk**2 * np.array(
            [
                [gap**5 / 20, gap**4 / 8, gap**3 / 6],
                [gap**4 / 8, gap**3 / 3, gap**2 / 2],
                [gap**3 / 6, gap**2 / 2, gap],
            ]
        )
        weights = np.linalg.cholesky(np.linalg.inv(spread)).T
        block = np.zeros((3, 3 * len(every)))
        block[:, 3 * number : 3 * number + 3] = -weights @ forward
        block[:, 3 * number + 3 : 3 * number + 6] = weights
        rows.extend(block)
        targets.extend([0.0] * 3)
    return np.linalg.lstsq(np.array(rows), np.array(targets), rcond=None)[0][::3]


def test_a_throw_is_followed_through_a_gap():
    times = np.array([0.0, 1, 2, 3, 8, 9, 10])
    every = np.arange(11.0)
    ball = np.stack([7 * every, 100 - 12 * every + 1.2 * every**2], axis=1)
    path = smooth(times, boxes(ball[times.astype(int)]), every, MotionModel(jerk=0.001))
    assert np.allclose(centres(path), ball, atol=0.5)  # a straight line would be off by 7 px in the middle
    assert (path.distances < 0.1).all()


def test_the_box_that_jumps_is_the_one_that_does_not_agree():
    times = np.arange(9.0)
    ball = np.stack([5 * times, np.full(9, 50.0)], axis=1)
    ball[4, 1] += 30
    distances = smooth(times, boxes(ball), times, MotionModel()).distances
    assert distances.argmax() == 4
    assert distances[4] > 100


def test_a_single_box_stays_where_it_was_seen():
    path = smooth(np.array([3.0]), boxes([[20, 30]]), np.array([3.0]), MotionModel())
    assert path.corners[0] == pytest.approx([15, 25, 25, 35], abs=0.01)
    assert path.distances[0] == pytest.approx(0, abs=1e-3)


def test_sides_are_smoothed_as_shares():
    times = np.arange(3.0)
    corners = np.array([[0, 0, 10, 20], [0, 0, 20, 40], [0, 0, 10, 20]], dtype=np.float64)
    path = smooth(times, corners, times, MotionModel(size_drift=1e-6))
    size = path.corners[:, 2:] - path.corners[:, :2]
    assert size == pytest.approx(np.tile([[10 * 2 ** (1 / 3), 20 * 2 ** (1 / 3)]], (3, 1)), rel=1e-3)


@settings(max_examples=40, deadline=None)
@given(
    gaps=st.lists(st.integers(1, 4), min_size=2, max_size=8),
    seed=st.integers(0, 1000),
    side=st.floats(4, 200),
    jerk=st.floats(0.01, 1),
)
def test_the_path_is_that_of_least_squares(gaps, seed, side, jerk):
    times = np.cumsum([0, *gaps]).astype(np.float64)
    every = np.arange(times[-1] + 1)
    seen = np.cumsum(np.random.default_rng(seed).normal(0, side, (len(times), 2)), axis=0)
    model = MotionModel(jerk=jerk)
    path = smooth(times, boxes(seen, side), every, model)
    noise = model.position_noise * side
    expected = [least_squares(times, seen[:, axis], every, noise, jerk * side, side) for axis in (0, 1)]
    assert centres(path) == pytest.approx(np.stack(expected, axis=1), abs=1e-3 * side)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), left_out=st.integers(0, 7))
def test_the_distance_is_from_where_the_other_boxes_say(seed, left_out):
    times = np.arange(8.0)
    seen = np.cumsum(np.random.default_rng(seed).normal(0, 5, (8, 2)), axis=0)
    model = MotionModel()
    distance = smooth(times, boxes(seen), times, model).distances[left_out]
    others = np.delete(np.arange(8), left_out)
    if left_out == 0:
        return  # the first state is centred on the first box
    expected = centres(smooth(times[others], boxes(seen[others]), times, model))[left_out]
    residual = np.linalg.norm(seen[left_out] - expected)
    # Nearer than the noise alone is never too far; the variance of the expectation only adds to it.
    assert distance <= residual**2 / (model.position_noise * 10) ** 2 + 1e-6
