"""Shots add up to the whole, and drawing them anew says how sure a score is."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tracking_tables import FRAMES, random_tracks, table, walk

from courtside.errors import UserError
from courtside.metrics.bootstrap import paired_interval
from courtside.metrics.tracking import OVERALL, TrackedVideo, evaluate_videos
from courtside.metrics.tracking_bootstrap import count_shots, resample
from courtside.metrics.tracking_counts import combine, scores
from courtside.trackers.run import end_at_cuts

SHOTS = {frame: frame // 3 for frame in range(FRAMES)}
LABELS = ("player", "ball")


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32 - 1))
def test_shots_add_up_to_the_whole(seed):
    random = np.random.default_rng(seed)
    truth, said = (end_at_cuts(random_tracks(random, LABELS), SHOTS) for _ in range(2))
    video = TrackedVideo(truth, said, list(SHOTS))
    counts = count_shots({"game": video}, {"game": SHOTS}, LABELS)
    assert len(counts) == len(set(SHOTS.values()))
    whole = evaluate_videos({"game": video}, LABELS).combined
    for label in LABELS:
        assert scores(combine(shot[label] for shot in counts)) == pytest.approx(whole[label])
    assert scores(combine(each for shot in counts for each in shot.values())) == pytest.approx(whole[OVERALL])


def halves(*tracks):
    """Two shots of four frames with one player each; predictions of the tracks named."""
    shots = {frame: frame // 4 for frame in range(8)}
    truth = table(*walk(1, range(4)), *walk(2, range(4, 8)))
    return count_shots(
        {"game": TrackedVideo(truth, truth.filter(pl.col("track").is_in(tracks)), 8)}, {"game": shots}, ["player"]
    )


def test_shots_that_are_alike_leave_no_doubt():
    drawn = resample(halves(1, 2), resamples=50)
    assert set(drawn) == {OVERALL, "player"}
    assert (drawn["player"]["IDF1"] == 1).all()


def test_one_shot_found_and_one_missed():
    # A set holds the found shot never, once or twice: recall 0, a half or 1.
    drawn = resample(halves(1), resamples=200)["player"]["recall"]
    assert set(drawn) == {0.0, 0.5, 1.0}
    assert drawn.mean() == pytest.approx(0.5, abs=0.1)


def test_the_same_sets_are_drawn_for_two_trackers():
    one, other = (resample(halves(*tracks), resamples=200)["player"]["recall"] for tracks in ((1,), (2,)))
    assert (one + other == 1).all()
    assert paired_interval(one, one) == (0, 0)


def test_an_identity_behind_a_cut_is_refused():
    truth = table(*walk(1, range(8)))
    with pytest.raises(UserError, match="truth of game: player 1 goes on behind a cut"):
        count_shots(
            {"game": TrackedVideo(truth, truth, 8)}, {"game": {frame: frame // 4 for frame in range(8)}}, ["player"]
        )


def test_one_shot_is_too_few():
    with pytest.raises(ValueError, match="1 shots are too few"):
        resample(halves(1)[:1])
