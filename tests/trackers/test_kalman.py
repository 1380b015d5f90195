"""Kalman filters of all tracks at once: the same numbers as one textbook filter of eight dimensions each."""

import numpy as np
import pytest

from courtside.trackers import kalman

NOISE, SPEED, ACCELERATION, KEPT = 0.06, 0.03, 0.006, 0.9


class Textbook:
    """The filter of one box with full matrices: centre, width, height and their velocities."""

    def __init__(self, corners):
        z = self.measure(corners)
        size = self.scale(z)
        self.x = np.concatenate([z, np.zeros(4)])
        self.p = np.diag(np.concatenate([(NOISE * self.sides(z)) ** 2, (SPEED * size) ** 2]))

    @staticmethod
    def measure(corners):
        x1, y1, x2, y2 = corners
        return np.array([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1])

    @staticmethod
    def sides(z):
        return np.array([z[3], z[3], z[2], z[3]])

    def scale(self, z):
        return self.sides(z) * np.array([1, 1, kalman.SIZE_SHARE, kalman.SIZE_SHARE])

    def predict(self, seen):
        kept = 1.0 if seen else KEPT
        keep = np.diag([1.0] * 4 + [kept] * 4)
        step = np.eye(8)
        step[:4, 4:] = np.eye(4)
        noise = np.array([[0.25, 0.5], [0.5, 1.0]])
        spread = np.kron(noise, np.diag((ACCELERATION * self.scale(self.x[:4])) ** 2))
        self.x = step @ keep @ self.x
        self.p = step @ keep @ self.p @ keep @ step.T + spread

    def correct(self, corners):
        z = self.measure(corners)
        h = np.eye(4, 8)
        r = np.diag((NOISE * self.sides(z)) ** 2)
        gain = self.p @ h.T @ np.linalg.inv(h @ self.p @ h.T + r)
        self.x = self.x + gain @ (z - h @ self.x)
        self.p = (np.eye(8) - gain @ h) @ self.p


def test_the_same_as_the_textbook():
    random = np.random.default_rng(3)
    first = random.uniform(50, 300, (5, 2))
    boxes = np.concatenate([first, first + random.uniform(20, 90, (5, 2))], axis=1)
    states = kalman.begin(boxes, NOISE, SPEED)
    books = [Textbook(box) for box in boxes]
    ages = np.zeros(5, np.int64)
    for frame in range(12):
        kalman.predict(states, ACCELERATION, ages, KEPT)
        for book, age in zip(books, ages, strict=True):
            book.predict(age == 0)
        ages += 1
        boxes = boxes + random.normal(1.5, 2, boxes.shape)
        for track, book in enumerate(books):
            # The last track is not seen for some frames and coasts.
            if track < 4 or not 3 <= frame < 8:
                kalman.correct(states, track, boxes[track], NOISE)
                book.correct(boxes[track])
                ages[track] = 0
    for track, book in enumerate(books):
        np.testing.assert_allclose(states[track, :, kalman.POSITION], book.x[:4], rtol=1e-9)
        np.testing.assert_allclose(states[track, :, kalman.VELOCITY], book.x[4:], rtol=1e-9)
        np.testing.assert_allclose(states[track, :, kalman.POSITION_VARIANCE], np.diag(book.p)[:4], rtol=1e-9)
        np.testing.assert_allclose(states[track, :, kalman.COVARIANCE], np.diag(book.p[:4, 4:]), rtol=1e-9)
        np.testing.assert_allclose(states[track, :, kalman.VELOCITY_VARIANCE], np.diag(book.p)[4:], rtol=1e-9)


def test_how_far_a_box_is_from_where_its_track_expects_it():
    states = kalman.begin(np.array([[100.0, 100, 140, 200]]), NOISE, SPEED)
    # 12 and 6 px away; both variances are (0.06 · 100)², of the track and, of a box half as tall, (0.06 · 50)².
    distance = kalman.squared_distance(states, 0, np.array([112.0, 131, 152, 181]), NOISE)
    assert distance == pytest.approx((12**2 + 6**2) / (6**2 + 3**2))


def test_a_steady_walk_is_learned():
    corners = np.array([[100.0, 100, 140, 200]])
    states = kalman.begin(corners, NOISE, SPEED)
    for _ in range(40):
        kalman.predict(states, ACCELERATION, np.zeros(1, np.int64), KEPT)
        corners = corners + np.array([3.0, -1.0, 3.0, -1.0])
        kalman.correct(states, 0, corners[0], NOISE)
    assert states[0, :, kalman.VELOCITY] == pytest.approx([3.0, -1.0, 0.0, 0.0], abs=0.05)


def test_a_box_that_nobody_sees_does_not_shrink_away():
    states = kalman.begin(np.array([[0.0, 0, 10, 20]]), NOISE, SPEED)
    states[0, 2, kalman.VELOCITY] = -4.0
    for _ in range(10):
        kalman.predict(states, ACCELERATION, np.ones(1, np.int64), 1.0)
    assert states[0, 2, kalman.POSITION] == kalman.SMALLEST
    assert states[0, 2, kalman.VELOCITY] == 0.0


def test_a_camera_moves_places_velocities_and_sizes():
    states = kalman.begin(np.array([[10.0, 20, 30, 60]]), NOISE, SPEED)
    states[0, :2, kalman.VELOCITY] = (1.0, 2.0)
    before = states.copy()
    # A quarter turn, twice as large, and away by (100, 7).
    kalman.warp(states, np.array([[0.0, -2.0, 100.0], [2.0, 0.0, 7.0]]))
    assert states[0, :, kalman.POSITION].tolist() == [20.0, 47.0, 40.0, 80.0]
    assert states[0, :2, kalman.VELOCITY].tolist() == [-4.0, 2.0]
    np.testing.assert_allclose(states[0, :, 2:], 4 * before[0, :, 2:])
