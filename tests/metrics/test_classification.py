"""Scores of classifiers, by hand and as scikit-learn has them, and how sure they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference

from courtside.errors import UserError
from courtside.metrics.classification import score_classes, score_classifier, threshold_for_recall
from courtside.metrics.classification_bootstrap import class_intervals, least_gain


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


def test_three_classes_by_hand():
    probabilities = [[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.7], [0.5, 0.4, 0.1]]
    scores = score_classes([0, 0, 1, 2, 2], probabilities)
    assert scores.matrix.tolist() == [[1, 0, 1], [1, 1, 0], [0, 0, 1]]  # rows predicted, columns true
    assert scores.accuracy == 0.6
    assert scores.precision == (0.5, 0.5, 1.0)
    assert scores.recall == (0.5, 1.0, 0.5)
    assert scores.support == (2, 1, 2)
    assert scores.loss == pytest.approx(-np.log([0.8, 0.3, 0.7, 0.7, 0.1]).mean())
    values = scores.as_dict(["a", "b", "c"])
    assert values["error_rate"] == pytest.approx(0.4)
    assert values["precision"] == pytest.approx(2 / 3)
    assert values["labels"]["b"] == {"precision": 0.5, "recall": 1.0, "support": 1}
    assert np.sum(values["normalized"], axis=0).tolist() == [1, 1, 1]


def test_a_class_that_is_never_called_nor_there_scores_zero():
    scores = score_classes([0], [[1.0, 0.0]])
    assert (scores.precision, scores.recall, scores.loss) == ((1.0, 0.0), (1.0, 0.0), 0.0)


def test_a_certain_mistake_costs_a_finite_loss():
    assert score_classes([1], [[1.0, 0.0]]).loss == pytest.approx(-np.log(1e-7))


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(1, 60))
def test_it_agrees_with_scikit_learn(seed, classes, pictures):
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, pictures)
    probabilities = random.dirichlet(np.ones(classes), pictures)
    scores, names = score_classes(truth, probabilities), np.arange(classes)
    called = probabilities.argmax(axis=1)
    assert scores.accuracy == pytest.approx(reference.accuracy_score(truth, called))
    assert np.array_equal(scores.matrix.T, reference.confusion_matrix(truth, called, labels=names))
    precision, recall, _, support = reference.precision_recall_fscore_support(
        truth, called, labels=names, zero_division=0
    )
    assert scores.precision == pytest.approx(precision)
    assert scores.recall == pytest.approx(recall)
    assert scores.support == tuple(support)
    assert scores.loss == pytest.approx(reference.log_loss(truth, probabilities.clip(1e-7), labels=names))


def test_mistakes_with_classes():
    with pytest.raises(UserError, match="no sorted frame"):
        score_classes([], np.zeros((0, 2)))
    with pytest.raises(ValueError, match="classes"):
        score_classes([0, 1], [[0.5, 0.5]])
    with pytest.raises(ValueError, match="none of those"):
        score_classes([2], [[0.5, 0.5]])


def test_intervals_hold_the_score_and_widen_where_shots_differ():
    truth = np.tile([0, 1], 100)
    groups = np.repeat(np.arange(20), 10)
    alike = np.where(np.arange(200) % 10 < 8, truth, 1 - truth)  # in each shot 8 of 10 are right
    apart = np.where(groups < 16, truth, 1 - truth)  # 16 of 20 shots are right
    same, different = (class_intervals(truth, called, list(groups), 2) for called in (alike, apart))
    assert (same.accuracy.low, same.accuracy.high) == pytest.approx((0.8, 0.8))
    assert different.accuracy.low < 0.7 < 0.8 < different.accuracy.high
    assert different.recall[1].low < 0.8 < different.recall[1].high
    assert different.accuracy.groups == 20


def test_intervals_need_two_groups_and_a_class_to_be_seen():
    assert class_intervals([0, 1], [0, 1], ["a", "a"], 2).accuracy is None
    scores = class_intervals([0, 0], [0, 0], ["a", "b"], 2)
    assert scores.accuracy.low == 1.0
    assert scores.recall[1] is None
    assert scores.precision[1] is None


def test_the_least_gain_of_groups():
    assert least_gain([1.0, 2.0], ["a", "a"]) is None
    assert least_gain([1.0] * 10, list(range(10))) == 10.0
    assert least_gain([10.0, *[0.0] * 9], list(range(10))) == 0.0  # a third of the resamples do not hold the one
