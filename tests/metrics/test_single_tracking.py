"""Success and precision of trackers of a single object, in exact numbers."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside.errors import UserError
from courtside.metrics.single_plots import precision_plot, success_plot
from courtside.metrics.single_tracking import (
    DISTANCES_PX,
    NORMALISED_DISTANCES,
    OVERLAPS,
    combine,
    evaluate_single,
    overlaps_and_distances,
)
from courtside.video.images import read_image
from moving_object import row, table

# On frame 0 the box is given. Side 40: 10 px beside overlap 0.6, 20 px 1/3, 40 px 0.
TRUTH = table(*(row(frame, 100, 100) for frame in range(5)))


def said(*xs):
    return table(*(row(frame, x, 100) for frame, x in enumerate(xs) if x is not None))


@pytest.mark.parametrize(
    ("xs", "overlap", "auc", "precision"),
    [
        ((100, 100, 100, 100, 100), 1.0, 20 / 21, 1.0),  # perfect: no overlap is above 1
        ((100, 110, 110, 110, 110), 0.6, 12 / 21, 1.0),  # above 0.00 to 0.55
        ((100, 120, 120, 120, 120), 1 / 3, 7 / 21, 1.0),  # 20 px still are within 20
        ((100, 121, 121, 121, 121), 19 / 61, 7 / 21, 0.0),
        ((0, 100, 100, 300, None), 0.5, 10 / 21, 0.5),  # frame 0 counts for nothing, no box as one far off
    ],
)
def test_exact_scores(xs, overlap, auc, precision):
    scores = evaluate_single(TRUTH, said(*xs), range(5))
    assert scores.mean_overlap == pytest.approx(overlap)
    assert scores.auc == pytest.approx(auc)
    assert scores.precision_20px == pytest.approx(precision)
    assert scores.frames == 4


def test_normalised_precision_counts_in_sizes_of_the_object():
    scores = evaluate_single(TRUTH, said(100, 100, 108, 108, None), range(5))
    # 8 of 40 pixels are 0.2: the exact one counts at all 51 thresholds, the other two from 0.2 on.
    assert scores.normalised_precision[0] == 0.25
    assert scores.normalised_precision[19] == 0.25
    assert scores.normalised_precision[21] == 0.75
    assert scores.normalised_precision[-1] == 0.75


def test_lost_frames_said_and_not_said():
    truth = TRUTH.filter(pl.col("frame") != 4)  # on frame 4 there is no object
    scores = evaluate_single(truth, said(100, 100, None, 300, 100), range(5))
    assert (scores.failed, scores.failed_said) == (3, 1)
    assert (scores.held, scores.held_said) == (1, 0)
    assert scores.first_failure == 2
    told = evaluate_single(truth, said(100, 100, None, 300, 100), range(5), {1: True, 2: True, 3: True, 4: False})
    assert (told.failed_said, told.held_said) == (2, 1)


def test_frames_without_truth_do_not_count_for_success():
    truth = TRUTH.filter(pl.col("frame") <= 2)
    assert evaluate_single(truth, said(100, 100, 100, 500, 500), range(5)).auc == pytest.approx(20 / 21)


def test_combining_is_a_mean_over_objects_and_a_sum_of_counts():
    good, bad = evaluate_single(TRUTH, said(*[100] * 5), range(5)), evaluate_single(TRUTH, said(0), range(3))
    both = combine([good, bad])
    assert both.auc == pytest.approx((good.auc + bad.auc) / 2)
    assert both.frames == 6
    assert both.failed == 2
    with pytest.raises(ValueError, match="no scores"):
        combine([])


def test_wrong_tables_are_refused():
    twice = table(row(1, 10, 10), row(1, 60, 60))
    with pytest.raises(UserError, match="truth: one object"):
        overlaps_and_distances(twice, TRUTH)
    with pytest.raises(ValueError, match="predictions: one object"):
        overlaps_and_distances(TRUTH, twice)
    with pytest.raises(UserError, match="no box of the object on the frames after the first"):
        evaluate_single(TRUTH.head(1), said(100), range(5))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-50, 300)), min_size=2, max_size=20))
def test_curves_fall_and_rise_and_say_what_numbers_say(xs):
    truth = table(*(row(frame, 100, 100) for frame in range(len(xs))))
    scores = evaluate_single(truth, said(*xs), range(len(xs)))
    assert (np.diff(scores.success) <= 0).all()
    assert (np.diff(scores.precision) >= 0).all()
    assert len(scores.success) == len(OVERLAPS)
    assert len(scores.precision) == len(DISTANCES_PX)
    assert len(scores.normalised_precision) == len(NORMALISED_DISTANCES)
    # The area under success is the mean overlap up to the width of a threshold.
    assert abs(scores.auc - scores.mean_overlap) <= 1 / 20
    assert scores.failed + scores.held == len(xs) - 1


def test_plots_are_drawn(tmp_path):
    scores = {
        "csrt": evaluate_single(TRUTH, said(*[110] * 5), range(5)),
        "kcf": evaluate_single(TRUTH, said(100), range(5)),
    }
    for plot, name in ((success_plot, "success.png"), (precision_plot, "precision.png")):
        plot(scores, tmp_path / name)
        assert read_image(tmp_path / name).shape[1] == 900
