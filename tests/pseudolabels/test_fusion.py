"""Weighted box fusion: small exact cases."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_pseudolabels import box, listed, table

from courtside.pseudolabels.fusion import fuse, nobody, read_ensemble, write_ensemble


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
    both = nobody().joined_by(theirs, listed([0])).joined_by(mine, listed(range(2)))
    assert rows(both.boxes.select("frame", "score", "source").sort("frame")) == [(0, 0.4, "fused"), (1, 0.8, "round")]
    assert both.looked.rows() == [("game", 0, 2), ("game", 1, 1)]


def test_what_only_those_before_looked_at_is_kept():
    # A background frame that this round is not asked about again.
    before = nobody().joined_by(table(box(7, 0, "player")), listed([7]))
    both = before.joined_by(table(box(1, 0)), listed([1]))
    assert both.boxes.sort("frame").select("frame", "label").rows() == [(1, "ball"), (7, "player")]


def test_a_third_counts_as_much_as_each_of_the_two_before():
    found = [table(box(0, 0, score=0.9)), table(box(0, 2, score=0.3)), table(box(0, 1, score=0.6))]
    together = nobody()
    for member in found:
        together = together.joined_by(member, listed([0]))
    assert rows(together.boxes.select("x1", "score")) == [(pytest.approx(0.667), 0.6)]  # (0·0.9 + 2·0.3 + 1·0.6) / 1.8
    # Two of three saw it.
    unseen = nobody().joined_by(found[0], listed([0])).joined_by(table(), listed([0])).joined_by(found[2], listed([0]))
    assert rows(unseen.boxes.select("score")) == [(0.5,)]


@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.floats(0.05, 1)), max_size=4), min_size=2, max_size=4))
@settings(max_examples=60, deadline=None)
def test_joining_one_by_one_is_fusing_all_at_once(members):
    """Where the boxes of different things do not overlap: each detector sees some of four places, each once."""
    places = [dict(member) for member in members]
    found = [table(*(box(0, 100 * place, score=score) for place, score in seen.items())) for seen in places]
    together = nobody()
    for member in found:
        together = together.joined_by(member, listed([0]))
    at_once = fuse(found).sort("x1")
    assert together.boxes.height == at_once.height
    ordered = together.boxes.sort("x1")
    assert ordered["x1"].to_list() == pytest.approx(at_once["x1"].to_list(), abs=1e-3)
    assert ordered["score"].to_list() == pytest.approx(at_once["score"].to_list(), abs=1e-5)


def test_an_ensemble_comes_back_from_disk(tmp_path):
    ensemble = nobody().joined_by(table(box(3, 0)), listed([3, 4]))
    write_ensemble(tmp_path, ensemble)
    back = read_ensemble(tmp_path)
    assert back.boxes.equals(ensemble.boxes)
    assert back.looked.equals(ensemble.looked)
