"""Counts of shot changes, by hand and on the drawn games' own truth."""

import polars as pl
import pytest

from courtside import frames, layout
from courtside.metrics.shot_changes import ShotChangeScores, score_shot_changes, shot_changes


@pytest.mark.parametrize(
    ("true", "found", "matched"),
    [
        ([], [], 0),
        ([10], [], 0),
        ([], [10], 0),
        ([10, 50], [10, 50], 2),
        ([10, 50], [8, 52], 2),
        ([10, 50], [7, 53], 0),
        # One reported change answers one true one, and of two reported one is wrong.
        ([10, 12], [11], 1),
        ([10], [9, 11], 1),
        # The earlier one takes the earlier, so both are matched.
        ([10, 13], [11, 12], 2),
        ([10, 13], [9, 10, 14], 2),
    ],
)
def test_matches(true, found, matched):
    assert score_shot_changes(true, found) == ShotChangeScores(len(true), len(found), matched)


def test_shares_of_several_videos():
    total = score_shot_changes([10, 20], [10]) + score_shot_changes([30], [30, 90])
    assert total == ShotChangeScores(true=3, found=3, matched=2)
    assert (total.recall, total.precision) == pytest.approx((2 / 3, 2 / 3))
    assert ShotChangeScores().recall is None
    assert ShotChangeScores().precision is None


def test_changes_of_a_list_of_shots():
    assert shot_changes([]) == []
    assert shot_changes([0, 0, 1, 1, 1, 2]) == [2, 5]


@pytest.mark.pipeline
def test_the_drawn_games_shots_are_found(pipeline):
    total = ShotChangeScores()
    for game in ("harbor", "forge", "summit"):
        table = frames.read(pipeline / layout.extract_frames(game)).sort("frame")
        truth = pl.read_csv(pipeline / layout.sample_script(game)).sort("frame")
        total += score_shot_changes(shot_changes(truth["shot"].to_list()), shot_changes(table["shot"].to_list()))
    assert total.true >= 3
    assert total.matched == total.true == total.found
