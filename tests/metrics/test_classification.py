"""Ball / no-ball scores."""

import pytest

from courtside.errors import UserError
from courtside.metrics.classification import score_classifier


def test_counts_by_hand():
    assert score_classifier([1, 1, 0, 0, 1], [0.9, 0.4, 0.6, 0.1, 0.5]) == {
        "top1": 0.6,
        "precision": pytest.approx(2 / 3),
        "recall": pytest.approx(2 / 3),
        "confusion": {"tp": 2, "fp": 1, "fn": 1, "tn": 1},
    }


def test_a_probability_of_just_the_threshold_is_a_ball():
    assert score_classifier([True], [0.7], threshold=0.7)["confusion"]["tp"] == 1


def test_nothing_called_a_ball_has_precision_zero():
    scores = score_classifier([True, False], [0.0, 0.0])
    assert (scores["precision"], scores["recall"], scores["top1"]) == (0.0, 0.0, 0.5)


def test_mistakes():
    with pytest.raises(UserError, match="no sorted frame"):
        score_classifier([], [])
    with pytest.raises(ValueError, match="one length"):
        score_classifier([True], [0.1, 0.2])
    with pytest.raises(ValueError, match="0–1"):
        score_classifier([True], [float("nan")])
