"""The parts of the ball tracker: motion, the search, ends put right, gravity, and a camera that moves."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside.trackers.candidates import Belief, Sureness, candidates_of, chained, inverse, moved, scale_of
from courtside.trackers.flight import BOUNCE, FLIGHT, HANDLED, Physics, correct, predict
from courtside.trackers.gravity import Gravity, prior_gravity
from courtside.trackers.hypotheses import Odds
from courtside.trackers.search import search
from courtside.trackers.untangle import Shot, untangled

PHYSICS = Physics(position_noise=0.1, flight_noise=0.1, handled_speed=1.0, handled_frames=4.0, bounce_share=0.75)
ODDS = Odds(
    clutter=0.1,
    size_spread=0.25,
    gap_cost=0.3,
    hidden_cost=0.0,
    turn_cost=0.5,
    bounce_cost=3.0,
    birth_cost=0.0,
    doubt_cost=0.0,
    sure_boxes=0,
    gate=6.0,
    reach=8.0,
    maximum_gap=10,
)
STATE = (100.0, 200.0, 5.0, 8.0, 4.0, 1.0, 2.0)


class TestMotion:
    def test_flight_is_a_parabola(self):
        there = predict(STATE, 10.0, 4.0, FLIGHT, 0.5, PHYSICS)
        assert there[:4] == pytest.approx((120.0, 236.0, 5.0, 10.0))

    def test_two_steps_of_flight_are_one_of_both(self):
        twice = predict(predict(STATE, 10.0, 1.5, FLIGHT, 0.5, PHYSICS), 10.0, 2.5, FLIGHT, 0.5, PHYSICS)
        assert twice == pytest.approx(predict(STATE, 10.0, 4.0, FLIGHT, 0.5, PHYSICS))

    def test_two_steps_in_hands_are_one_of_both(self):
        twice = predict(predict(STATE, 10.0, 1.5, HANDLED, 0.5, PHYSICS), 10.0, 2.5, HANDLED, 0.5, PHYSICS)
        assert twice == pytest.approx(predict(STATE, 10.0, 4.0, HANDLED, 0.5, PHYSICS))

    def test_hands_forget_a_velocity(self):
        there = predict(STATE, 10.0, 1000.0, HANDLED, 0.5, PHYSICS)
        assert there[:4] == pytest.approx((120.0, 232.0, 0.0, 0.0))  # four frames' worth of it
        assert there[6] == pytest.approx(100.0)

    def test_a_bounce_turns_the_ball_upwards_and_lies_between_both_ends(self):
        there = predict(STATE, 10.0, 1.0, BOUNCE, 0.0, PHYSICS)
        assert there[2:4] == pytest.approx((5.0, -6.0))
        assert 200 - 6.0 < there[1] < 200 + 8.0  # at once, or at the very end of the step
        assert there[4] > predict(STATE, 10.0, 1.0, FLIGHT, 0.0, PHYSICS)[4]

    def test_seeing_the_ball_is_a_weighted_mean(self):
        here = correct(STATE, 110.0, 190.0, 4.0)
        assert here == pytest.approx((105.0, 195.0, 6.25, 6.75, 2.0, 0.5, 1.875))


def worth_of(times, candidates, path, gravity):
    """What a path is worth at best, over all things the ball may have done: written down a second time."""
    best = -math.inf
    for modes in itertools.product((FLIGHT, HANDLED, BOUNCE), repeat=len(path) - 1):
        x, y, side, value, *_ = candidates[path[0]]
        state = (x, y, 0.0, 0.0, (0.1 * side) ** 2, 0.0, (2 * side) ** 2)
        was = None
        for before, row, mode in zip(path, path[1:], modes, strict=False):
            x, y, size, worth, *_ = candidates[row]
            gap, scale = times[row] - times[before], math.sqrt(size * side)
            change = math.log(size / side) / 0.25
            near = (x - state[0]) ** 2 + (y - state[1]) ** 2 <= (8 * gap * scale) ** 2
            if gap < 1 or gap > 11 or not near or change**2 > 36 or (mode == BOUNCE and state[3] <= 0):
                break
            value += worth - 0.3 * (gap - 1) - change**2 / 2
            if mode == BOUNCE:
                value -= 3.0 + (0.5 if was in (None, HANDLED) else 0.0)
            elif was is not None and (mode == HANDLED) != (was == HANDLED):
                value -= 0.5
            state = predict(state, scale, gap, mode, gravity * scale, PHYSICS)
            variance = state[4] + (0.1 * scale) ** 2
            off = ((x - state[0]) ** 2 + (y - state[1]) ** 2) / variance
            if off > 36:
                break
            value -= off / 2 + math.log(2 * math.pi * 0.1 * variance / scale**2)
            state = correct(state, x, y, (0.1 * scale) ** 2)
            side, was = side * (size / side) ** 0.3, mode
        else:
            best = max(best, value)
    return best


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), frames=st.integers(1, 4))
def test_the_search_finds_the_best_of_all_paths(seed, frames):
    random = np.random.default_rng(seed)
    counts = random.integers(0, 3, frames)
    times = np.repeat(np.arange(frames, dtype=np.float64), counts)
    number = len(times)
    places = np.column_stack([100 + 12 * times, 100 + 8 * times]) + random.normal(0, 8, (number, 2))
    candidates = np.column_stack(
        [
            places,
            10 * np.exp(random.normal(0, 0.1, number)),
            random.normal(0, 2, number),
            np.ones(number),
            np.zeros(number),
        ]
    )
    starts = np.concatenate([[0], np.cumsum(counts)])
    rows, modes, value = search(np.arange(frames, dtype=np.float64), starts, candidates, 0.05, PHYSICS, ODDS)
    if not number:
        assert not len(rows)
        return
    assert len(modes) == len(rows)
    everything = [
        worth_of(times, candidates, path, 0.05)
        for length in range(1, number + 1)
        for path in itertools.combinations(range(number), length)
        if len({times[row] for row in path}) == length
    ]
    # At most two paths a candidate and kind of motion are kept, so in a rare case the best one is lost on the way.
    assert value <= max(everything) + 1e-6
    assert value >= max(everything) - 0.7
    assert value == pytest.approx(worth_of(times, candidates, rows.tolist(), 0.05), abs=0.7)


def test_two_balls_do_not_take_each_others_ends():
    # One ball is hidden from the 10th frame on and comes back at the 20th; meanwhile the other one passes there.
    rows = []
    for frame in range(30):
        if not 10 <= frame < 20:
            rows.append((frame, 100.0 + 6 * frame, 200.0))
        rows.append((frame, 280.0 - 10 * frame if frame < 14 else 140.0, 212.0))
    rows.sort(key=lambda row: row[0])
    times = np.array([row[0] for row in rows], dtype=np.float64)
    candidates = np.array([[x, y, 16.0, 2.0, 1.0, 0.0] for _, x, y in rows])
    frames = np.arange(30.0)
    shot = Shot(frames, np.searchsorted(times, np.arange(31.0)), candidates)
    first = np.flatnonzero(candidates[:, 1] == 200.0)
    second = np.flatnonzero(candidates[:, 1] == 212.0)
    mixed = [
        (np.concatenate([first[:10], second[12:]]), np.empty(0, np.int64), -1e3),
        (np.concatenate([second[:12], first[10:]]), np.empty(0, np.int64), -1e3),
    ]
    ends = {tuple(path[[0, -1]]) for path, _, _ in untangled(shot, mixed, 0.0, PHYSICS, ODDS)}
    assert ends == {tuple(first[[0, -1]]), tuple(second[[0, -1]])}


class TestGravity:
    def test_it_is_learned_from_flights(self):
        gravity = Gravity(0.05)
        for frame in range(200):
            gravity.see(float(frame), 100.0 - 20 * frame + 0.12 * 16 * frame**2 / 2, 16.0, True)
        assert gravity.value == pytest.approx(0.12, rel=0.05)

    def test_hands_say_nothing_of_it(self):
        gravity = Gravity(0.05)
        for frame in range(200):
            gravity.see(float(frame), 100.0 + 5 * frame**2, 16.0, frame % 4 != 0)
        assert gravity.value == 0.05

    def test_a_basketball_at_25_frames_a_second(self):
        assert prior_gravity(25.0, 0.24) == pytest.approx(0.0654)


class TestCandidates:
    BELIEF = Belief(even_score=0.5, sure_score=0.6)

    def test_what_a_box_is_worth(self):
        corners = np.array([[10.0, 20, 30, 40], [200, 200, 210, 240]])
        players = np.array([[0.0, 0, 60, 120]])
        found = candidates_of(corners, np.array([0.5, 0.8]), players, self.BELIEF, None)
        assert found[:, :2].tolist() == [[20, 30], [205, 220]]
        assert found[:, 2] == pytest.approx([20, 20])
        assert found[:, 3] == pytest.approx([0, math.log(4)])
        assert found[:, 4].tolist() == [0, 1]
        assert found[:, 5].tolist() == [1, 0]

    def test_what_is_sure_goes_by_the_best_so_far(self):
        sureness = Sureness(score=0.5, least=0.2, share=0.6)
        # Nothing yet, a weak one, a better one, a weak one again, and one so good that the fixed score is reached.
        given = ([], [0.1], [0.4, 0.3], [0.1], [0.95])
        assert [sureness.after(np.array(scores)) for scores in given] == pytest.approx([0.2, 0.2, 0.24, 0.24, 0.5])

    def test_the_movement_of_the_camera_is_taken_out(self):
        zoom = np.array([[2.0, 0, 5], [0, 2, -3]])
        shift = np.array([[1.0, 0, 7], [0, 1, 0]])
        steady = chained(chained(None, zoom), shift)
        point = np.array([[10.0, 20.0]])
        later = moved(moved(point, zoom), shift)
        assert moved(later, steady) == pytest.approx(point)
        assert moved(moved(later, steady), inverse(steady)) == pytest.approx(later)
        assert scale_of(steady) == pytest.approx(0.5)
        assert chained(None, None) is None
        assert chained(zoom, None) is zoom
