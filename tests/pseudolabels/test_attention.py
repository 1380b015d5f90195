"""What a person should look at first: the uncertain, the disputed, and never the same thing twice."""

import numpy as np
import polars as pl
import pytest

from courtside import boxes as boxes_table
from courtside.pseudolabels.attention import choose_frames, rank_frames

LABELS = ("ball", "player")


def boxes(*rows):
    """Rows of (frame, label, score, source)."""
    return boxes_table.check(
        pl.DataFrame(
            [
                ("v", frame, 0.0, 0.0, 9.0, 9.0, label, score, source, None, None)
                for frame, label, score, source in rows
            ],
            schema=boxes_table.SCHEMA,
            orient="row",
        )
    )


def frames(*numbers, shot=None, looks=None):
    """Frames of the video ``v``; those with the same look have the same hash."""
    looks = list(range(len(numbers))) if looks is None else looks
    hashes = [np.random.default_rng(look).bytes(32) for look in looks]
    return pl.DataFrame(
        {"video": ["v"] * len(numbers), "frame": numbers, "shot": shot or [0] * len(numbers), "hash": hashes},
        schema_overrides={"frame": pl.Int32},
    )


def ranked(table, listed, **settings):
    rows = rank_frames(table, listed, LABELS, **settings)
    return {row["frame"]: (round(row["uncertainty"], 3), row["disagreement"]) for row in rows.iter_rows(named=True)}


def test_a_score_of_a_half_is_most_uncertain_and_comes_first():
    table = boxes((1, "ball", 0.99, "r"), (2, "ball", 0.5, "r"), (3, "ball", 0.9, "r"))
    found = ranked(table, frames(1, 2, 3))
    assert list(found) == [2, 3, 1]
    assert found == {2: (0.5, 0.0), 3: (0.234, 0.0), 1: (0.04, 0.0)}  # half of the entropy in bits: one label of two


def test_the_least_certain_box_of_a_label_counts_and_a_crowd_does_not_drown_the_ball():
    crowd = [(1, "player", 0.8, "r")] * 10
    found = ranked(boxes(*crowd, (2, "ball", 0.5, "r"), (2, "player", 0.99, "r")), frames(1, 2))
    assert list(found) == [2, 1]
    assert found[1][0] == pytest.approx(0.361, abs=1e-3)


def test_an_expected_label_that_is_missing_is_uncertain_and_nothing_at_all_is_not():
    found = ranked(boxes((1, "player", 1.0, "r")), frames(1, 2), expected_labels=["ball"])
    assert found == {1: (0.5, 0.0), 2: (0.5, 0.0)}
    assert ranked(boxes(), frames(1)) == {1: (0.0, 0.0)}


@pytest.mark.parametrize("source", ["interpolated", "carried"])
def test_what_only_the_track_or_the_teacher_says_is_disputed(source):
    found = ranked(boxes((1, "ball", 0.5, "r"), (2, "ball", 0.5, source)), frames(1, 2))
    assert list(found) == [2, 1]
    assert found[2] == (0.0, 1.0)  # the score of a box that nobody detected says nothing


def test_other_labels_and_other_frames_do_not_count():
    assert ranked(boxes((1, "dog", 0.5, "r"), (9, "ball", 0.5, "r")), frames(1)) == {1: (0.0, 0.0)}


def chosen(priorities, listed, budget, seen=(), **settings):
    table = listed.with_columns(priority=pl.Series(priorities, dtype=pl.Float64)).sort("priority", descending=True)
    known = frames(*seen, looks=[1000 + number for number in seen])
    return choose_frames(table, known, budget, **settings)["frame"].to_list()


@pytest.mark.parametrize(
    ("priorities", "numbers", "budget", "expected"),
    [
        ([3, 2, 1], [0, 100, 200], 2, [0, 100]),
        ([3, 2, 1], [0, 24, 100], 3, [0, 100]),  # a neighbour is passed over, even where the budget is not used up
        ([3, 2, 1], [0, 25, 100], 3, [0, 25, 100]),
        ([0, 0], [0, 100], 2, [0, 100]),  # of no priority is better than not looked at
        ([1], [0], 0, []),
        ([], [], 5, []),
    ],
)
def test_the_most_telling_first_and_no_neighbours(priorities, numbers, budget, expected):
    assert chosen(priorities, frames(*numbers), budget) == expected


def test_no_two_that_look_alike():
    assert chosen([3, 2, 1], frames(0, 100, 200, looks=[7, 7, 8]), 3) == [0, 200]


def test_every_shot_gets_its_turn():
    listed = frames(0, 100, 200, 300, shot=[0, 0, 0, 1])
    assert chosen([1.0, 0.9, 0.8, 0.5], listed, 3) == [0, 300, 100]


def test_what_a_person_has_seen_is_not_asked_again():
    assert chosen([3, 2], frames(0, 100), 2, seen=[10]) == [100]
    listed = frames(0, 100)
    alike = listed[0:1].with_columns(video=pl.lit("other"))
    table = listed.with_columns(priority=pl.Series([3.0, 2.0]))
    assert choose_frames(table, alike, 2)["frame"].to_list() == [100]
