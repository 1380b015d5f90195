"""Ball / no-ball scores."""

import pytest

from courtside.errors import UserError
from courtside.metrics.classification import score_classifier, threshold_for_recall


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


@pytest.mark.parametrize(
    ("recall", "threshold"),
    [(0.0, 0.9), (0.25, 0.9), (0.26, 0.8), (0.5, 0.8), (0.75, 0.4), (0.76, 0.1), (1.0, 0.1)],
)
def test_the_threshold_that_keeps_a_share_of_the_balls(recall, threshold):
    truth, probability = [1, 0, 1, 1, 0, 1], [0.8, 0.95, 0.9, 0.1, 0.3, 0.4]
    assert threshold_for_recall(truth, probability, recall) == threshold
    assert score_classifier(truth, probability, threshold=threshold)["recall"] >= recall


def test_no_ball_has_no_threshold():
    with pytest.raises(UserError, match="no sorted validation frame"):
        threshold_for_recall([0, 0], [0.1, 0.2], 0.9)
    with pytest.raises(ValueError, match="one length"):
        threshold_for_recall([1, 0], [0.1], 0.9)
