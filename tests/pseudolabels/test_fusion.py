"""Weighted box fusion: small exact cases."""

import polars as pl
import pytest
from test_pseudolabels import box, listed, table

from courtside.pseudolabels.fusion import fuse, fuse_where_both_looked


def rows(boxes):
    return [tuple(round(value, 3) if isinstance(value, float) else value for value in row) for row in boxes.rows()]


def test_what_both_saw_is_their_mean_by_score():
    fused = fuse([table(box(0, 0, score=0.9)), table(box(0, 2, score=0.3))])
    assert rows(fused.select("frame", "x1", "x2", "label", "score", "source")) == [(0, 0.5, 10.5, "ball", 0.6, "fused")]


def test_what_one_of_two_saw_is_half_as_sure():
    fused = fuse([table(box(3, 0, score=0.8)), table()])
    assert rows(fused.select("frame", "x1", "score")) == [(3, 0.0, 0.4)]


def test_labels_frames_and_videos_stay_apart():
    first = table(box(0, 0), box(0, 0, "player"), box(1, 0), box(0, 0, video="other"))
    assert fuse([first, first]).select("video", "frame", "label").sort(pl.all()).rows() == [
        ("game", 0, "ball"),
        ("game", 0, "player"),
        ("game", 1, "ball"),
        ("other", 0, "ball"),
    ]


def test_the_same_twice_is_the_same():
    first = table(box(0, 1.5, score=0.7, width=12), box(2, 300, score=0.2))
    fused = fuse([first, first])
    assert fused["x1"].to_list() == pytest.approx(first["x1"].to_list())
    assert fused["score"].to_list() == pytest.approx(first["score"].to_list())


def test_nothing_found():
    assert fuse([table(), table()]).is_empty()


def test_frames_that_one_did_not_look_at_are_not_held_against_the_other():
    mine, theirs = table(box(0, 0, score=0.8), box(1, 0, score=0.8)), table()
    fused = fuse_where_both_looked(mine, listed(range(2)), theirs, listed([0]))
    assert rows(fused.select("frame", "score", "source")) == [(0, 0.4, "fused"), (1, 0.8, "round")]
