"""Boxes made as large as those that people drew."""

import polars as pl
import pytest

from courtside import boxes as boxes_table
from courtside.pseudolabels.audit import figures
from courtside.pseudolabels.implausible import resize
from courtside.pseudolabels.pipeline import refine
from courtside.pseudolabels.settings import RefinementSettings
from courtside.pseudolabels.sizes import PRIOR_BOXES, with_calibrated_sizes
from courtside.pseudolabels.wanted_precision import count_steps

PLAIN = RefinementSettings(minimum_confidence=0.1, maximum_overlap=1)


def table(sides, label="ball", video="game"):
    """A square box of each side around (50, 50), one a frame."""
    rows = [
        {"video": video, "frame": frame, "x1": 50 - side / 2, "y1": 50 - side / 2, "x2": 50 + side / 2}
        | {"y2": 50 + side / 2, "label": label, "score": 0.9, "source": "round"}
        for frame, side in enumerate(sides)
    ]
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA))


def frames(count, shots=1):
    schema = {"video": pl.String, "frame": pl.Int32, "shot": pl.Int32}
    return pl.DataFrame([("game", number, number % shots) for number in range(count)], schema=schema, orient="row")


def test_sides_are_multiplied_around_the_middle():
    boxes = pl.concat([table([10]), table([10], "player")])
    made = resize(boxes, {"ball": 1.2})
    assert made.filter(label="ball").select(boxes_table.CORNERS).row(0) == pytest.approx((44, 44, 56, 56))
    assert made.filter(label="player").select(boxes_table.CORNERS).row(0) == (45, 45, 55, 55)


def test_no_box_begins_left_of_the_picture():
    (corners,) = resize(table([100]), {"ball": 1.5}).select(boxes_table.CORNERS).rows()
    assert corners == (0, 0, 125, 125)


@pytest.mark.parametrize(
    ("found", "factor"),
    [
        ([8.0] * 40, 1.25),
        ([12.5] * 40, 0.8),
        ([10.0] * 40, 1.0),
        ([8.0] * 30 + [14.0] * 10, 1.25),  # the median: a quarter that is wrong does not matter
        ([8.0] * 4, 1.25),
    ],
)
def test_the_factor_is_the_median_drawn_to_one_where_there_are_few(found, factor):
    count = len(found)
    chosen = with_calibrated_sizes(table(found), table([10.0] * count), frames(count), PLAIN, ["ball"])
    weight = count / (count + PRIOR_BOXES)
    assert chosen.size_factors == {"ball": pytest.approx(1 + weight * (factor - 1), rel=1e-5)}


def test_without_a_box_to_compare_nothing_is_known():
    chosen = with_calibrated_sizes(table([8.0]), table([90.0]), frames(1), PLAIN, ["ball", "player"])
    assert chosen.size_factors == {}


def test_where_one_part_has_no_ball_to_choose_on_the_steps_are_the_same():
    """The only ball found is on the first shot: judged there, nothing could be chosen on the other."""
    truth, looked_at = table([10.0] * 2), frames(2, shots=2)
    nothing = boxes_table.empty()
    before, *steps = count_steps(
        table([8.0]), looked_at, truth, looked_at, ["ball"], PLAIN, {}, ["ball"], nothing, round_name="round"
    )
    assert figures(steps[-1])["mean_iou"] == figures(before)["mean_iou"] == pytest.approx(0.64)


def test_it_is_a_step_that_moves_boxes():
    chosen = with_calibrated_sizes(table([8.0] * 12), table([10.0] * 12), frames(12), PLAIN, ["ball"])
    steps = {step.name: step for step in refine(table([8.0] * 12), frames(12), chosen).steps}
    assert (steps["size"].removed, steps["size"].added, steps["size"].moved) == (0, 0, 12)


def test_the_audit_judges_sizes_on_other_shots_than_they_were_chosen_on():
    """Balls of one shot are drawn too small, those of the other too large: neither factor helps where it is judged."""
    found = table([8.0 if number % 2 else 12.5 for number in range(40)])
    truth, looked_at = table([10.0] * 40), frames(40, shots=2)

    def overlap(frames_of):
        before, *steps = count_steps(
            found, frames_of, truth, frames_of, ["ball"], PLAIN, {}, ["ball"], boxes_table.empty(), round_name="round"
        )
        return figures(before)["mean_iou"], figures(steps[-1])["mean_iou"]

    before, after = overlap(looked_at)
    assert before == pytest.approx(0.64)
    assert after < before
