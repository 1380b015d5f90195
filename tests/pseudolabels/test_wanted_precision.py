"""Scores chosen for a wanted precision, and audits that judge them on other shots."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.pseudolabels.audit import figures
from courtside.pseudolabels.settings import RefinementSettings
from courtside.pseudolabels.wanted_precision import count_steps, held_out, with_wanted_precisions

PLAIN = RefinementSettings(minimum_confidence=0.5, minimum_confidences={"ball": 0.4}, maximum_overlap=1)


def table(*rows):
    """Boxes from (frame, x, score, label)."""
    columns = [
        {"video": "game", "frame": frame, "x1": x, "y1": 0.0, "x2": x + 10.0, "y2": 10.0}
        | {"label": label, "score": score, "source": "round"}
        for frame, x, score, label in rows
    ]
    return (
        boxes_table.check(pl.DataFrame(columns, schema_overrides=boxes_table.SCHEMA)) if rows else boxes_table.empty()
    )


def frames(shots):
    """Frame n is of shot ``shots[n]``."""
    schema = {"video": pl.String, "frame": pl.Int32, "shot": pl.Int32}
    return pl.DataFrame([("game", number, shot) for number, shot in enumerate(shots)], schema=schema, orient="row")


# On each of four frames a ball at 0; the boxes at 50 are wrong.
TRUTH = table(*((frame, 0.0, 1.0, "ball") for frame in range(4)))
FOUND = table(
    (0, 0.0, 0.9, "ball"),
    (1, 0.0, 0.8, "ball"),
    (1, 50.0, 0.7, "ball"),
    (2, 0.0, 0.6, "ball"),
    (2, 50.0, 0.3, "ball"),
    (3, 0.0, 0.2, "ball"),
    (3, 50.0, 0.1, "ball"),
)


@pytest.mark.parametrize(
    ("wanted", "score"),
    [
        (1.0, 0.8),  # two of two; the third is wrong
        (0.75, 0.6),  # three of four
        (0.66, 0.2),  # four of six
        (0.5, 0.1),  # all: four of seven
    ],
)
def test_it_is_the_lowest_score_that_is_precise_enough(wanted, score):
    chosen = with_wanted_precisions(FOUND, TRUTH, frames([0, 0, 1, 1]), PLAIN, {"ball": wanted})
    assert chosen.minimum_confidences["ball"] == pytest.approx(score)
    assert chosen.minimum_confidence == 0.5


def test_boxes_of_one_score_are_taken_or_left_together():
    found = table((0, 0.0, 0.9, "ball"), (1, 0.0, 0.5, "ball"), (1, 50.0, 0.5, "ball"), (2, 50.0, 0.5, "ball"))
    chosen = with_wanted_precisions(found, TRUTH, frames([0, 0, 0, 0]), PLAIN, {"ball": 0.9})
    assert chosen.minimum_confidences["ball"] == pytest.approx(0.9)


def test_what_never_is_precise_enough_stays_as_it_was():
    wrong = table((0, 50.0, 0.9, "ball"), (1, 50.0, 0.8, "ball"))
    chosen = with_wanted_precisions(wrong, TRUTH, frames([0, 0, 0, 0]), PLAIN, {"ball": 0.5})
    assert chosen.minimum_confidences == {"ball": 0.4}


def test_labels_are_chosen_for_one_by_one():
    truth = pl.concat([TRUTH, table((0, 200.0, 1.0, "player"))])
    found = pl.concat([FOUND, table((0, 200.0, 0.25, "player"))])
    chosen = with_wanted_precisions(found, truth, frames([0, 0, 0, 0]), PLAIN, {"player": 1.0})
    assert chosen.minimum_confidences == {"ball": 0.4, "player": pytest.approx(0.25)}


@given(st.lists(st.integers(0, 12), min_size=1, max_size=30))
def test_every_frame_is_judged_once_and_on_other_shots_than_were_chosen_on(shots):
    looked_at = frames(shots)
    parts = list(held_out(looked_at))
    assert pl.concat([judged for _, judged in parts]).sort("frame").equals(looked_at)
    for chosen_on, judged in parts:
        if len(set(shots)) > 1:
            assert not set(chosen_on["shot"]) & set(judged["shot"])
            assert chosen_on.height + judged.height == looked_at.height
        else:
            assert chosen_on.equals(judged)


def counts(found, shots, wanted):
    looked_at = frames(shots)
    return count_steps(
        found, looked_at, TRUTH, looked_at, ["ball"], PLAIN, wanted, [], boxes_table.empty(), round_name="round"
    )


def test_without_a_wish_the_steps_are_counted_as_they_are():
    before, *steps = counts(FOUND, [0, 0, 1, 1], {})
    assert figures(before) == figures(steps[-1])
    assert figures(before)["precision"] == pytest.approx(3 / 4)
    assert figures(before)["recall"] == pytest.approx(3 / 4)
    assert before["shot"].to_list() == [0, 1]


def test_what_is_chosen_on_one_shot_is_judged_on_the_other():
    """On the first shot all boxes from 0.8 are right, on the second those from 0.6: each is judged by the other's."""
    before, *_ = counts(FOUND, [0, 0, 1, 1], {"ball": 1.0})
    # Shot 0, from 0.6: two right and the wrong one of 0.7. Shot 1, from 0.8: nothing.
    assert before.select("shot", "right", "labels", "truths").rows() == [(0, 2, 3, 2), (1, 0, 0, 2)]
    flattered, *_ = counts(FOUND, [0, 0, 0, 0], {"ball": 1.0})
    assert flattered.select("right", "labels").rows() == [(2, 2)]  # a single shot is judged by itself


def test_shots_without_a_ball_are_judged_too():
    before, *_ = counts(pl.concat([FOUND, table((4, 50.0, 0.95, "ball"))]), [0, 0, 1, 1, 2], {"ball": 0.5})
    assert before.filter(shot=2).select("right", "labels", "truths").rows() == [(0, 1, 0)]


def test_no_ball_at_all_cannot_be_judged():
    looked_at = frames([0, 1])
    with pytest.raises(UserError, match="cannot be audited"):
        count_steps(
            FOUND, looked_at, table(), looked_at, ["ball"], PLAIN, {}, [], boxes_table.empty(), round_name="round"
        )
