"""The filter acts only where validation shows that it is better than keeping every frame."""

import numpy as np
import pytest

from courtside.classifiers.ball_filter import decide


def case(*shots):
    """Each shot: (frames with a ball kept, with a ball taken out, empty kept, empty taken out)."""
    there, probability, groups = [], [], []
    for number, counts in enumerate(shots):
        for count, ball, value in zip(counts, (True, True, False, False), (0.9, 0.1, 0.9, 0.1), strict=True):
            there += [ball] * count
            probability += [value] * count
            groups += [("v", number)] * count
    return np.array(there), np.array(probability), groups


@pytest.mark.parametrize(
    ("shots", "applied", "words"),
    [
        ([(20, 0, 0, 0)] * 5 + [(0, 0, 2, 8)] * 4, True, ["32 without", "0 with", "better"]),
        ([(20, 0, 0, 0)] * 5 + [(0, 0, 0, 300)], False, ["300 without", "1 shot ", "not sure"]),
        ([(20, 2, 0, 0)] * 5 + [(0, 0, 0, 5)] * 4, False, ["20 without", "10 with", "no better", "3 times"]),
        ([(20, 0, 0, 0)] * 5 + [(0, 0, 9, 0)] * 4, False, ["0 without", "no better"]),  # it takes nothing out
        ([(20, 0, 0, 0)] * 5, False, ["0 without"]),
        ([(20, 0, 0, 30)], False, ["1 shot", "not sure"]),  # a single shot says nothing
        # As it was on phone video: ten empty frames, and 26 balls taken out for 8 of them.
        ([(30, 5, 9, 2)] * 5 + [(21, 1, 1, 0)], False, ["no better"]),
    ],
)
def test_it_acts_only_on_evidence_of_several_shots(shots, applied, words):
    decision = decide(*case(*shots), threshold=0.5, cost=3.0)
    assert decision.applied is applied
    assert "\n" not in decision.reason
    for word in words:
        assert word in decision.reason


def test_the_gain_counts_lost_balls_by_their_cost():
    there, probability, shots = case((10, 1, 0, 5), (10, 1, 2, 5))
    decision = decide(there, probability, shots, threshold=0.5, cost=2.5)
    assert (decision.empty_out, decision.balls_out, decision.gain) == (10, 2, 5.0)
    assert decision.least_gain is not None
    assert decision.least_gain <= 5.0


def test_a_probability_of_just_the_threshold_stays():
    decision = decide(np.array([False, True]), np.array([0.5, 0.5]), [0, 1], threshold=0.5, cost=1)
    assert (decision.empty_out, decision.balls_out) == (0, 0)
