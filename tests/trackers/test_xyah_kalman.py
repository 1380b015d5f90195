"""The Kalman filter of many tracks at once, beside the one that Ultralytics took from DeepSORT's authors."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from courtside.trackers import xyah_kalman


@pytest.fixture(scope="module")
def reference():
    # By its file: the package around it wants a solver that is not installed.
    path = Path(importlib.util.find_spec("ultralytics").origin).parent / "trackers/utils/kalman_filter.py"
    spec = importlib.util.spec_from_file_location("ultralytics_kalman_filter", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.KalmanFilterXYAH()


def test_it_is_the_published_filter(reference):
    random = np.random.default_rng(0)
    boxes = np.column_stack(
        [random.uniform(0, 900, (6, 2)), random.uniform(0.3, 1, 6), random.uniform(20, 200, 6)],
    )
    states, known = xyah_kalman.begin(boxes), [reference.initiate(box) for box in boxes]
    for _ in range(6):
        states, known = xyah_kalman.predict(states), [reference.predict(*state) for state in known]
        seen = boxes + random.normal(0, 2, boxes.shape) * (1, 1, 0.01, 1)
        expected = [reference.gating_distance(*state, seen) for state in known]
        np.testing.assert_allclose(xyah_kalman.distances(states, seen), expected, rtol=1e-9)
        states = xyah_kalman.correct(states, seen)
        known = [reference.update(*state, box) for state, box in zip(known, seen, strict=True)]
        np.testing.assert_allclose(states.means, [mean for mean, _ in known], rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(states.covariances, [spread for _, spread in known], rtol=1e-9, atol=1e-9)


def test_boxes_come_back_as_they_were():
    corners = np.array([[10.0, 20.0, 40.0, 100.0], [0.0, 0.0, 5.0, 5.0]])
    states = xyah_kalman.begin(xyah_kalman.measured(corners))
    np.testing.assert_allclose(xyah_kalman.corners_of(states), corners)


def test_a_camera_moves_the_place_the_speed_and_the_size():
    states = xyah_kalman.begin(np.array([[100.0, 50.0, 0.5, 80.0]]))
    states.means[0, 4:6] = (3.0, 1.0)
    quarter_turn_and_double = np.array([[0.0, -2.0, 7.0], [2.0, 0.0, 9.0]])
    moved = xyah_kalman.move(states, quarter_turn_and_double)
    np.testing.assert_allclose(moved.means[0], [-93.0, 209.0, 0.5, 160.0, -2.0, 6.0, 0.0, 0.0])
    # What was uncertain sideways is now uncertain upwards, twice as far.
    states.covariances[0, 0, 0] = 9.0
    assert xyah_kalman.move(states, quarter_turn_and_double).covariances[0, 1, 1] == pytest.approx(36.0)
