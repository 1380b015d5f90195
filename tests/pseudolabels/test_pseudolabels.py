"""Pseudo-labels: small exact tables for each step, and what holds for any input."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.motion import MotionModel
from courtside.pseudolabels.audit import Comparison, compare, count, figures, intervals
from courtside.pseudolabels.confidence import keep_confident
from courtside.pseudolabels.implausible import keep_best, keep_one_label, remove_misshapen, remove_overlapping
from courtside.pseudolabels.linking import LinkWorth, link
from courtside.pseudolabels.merge import carry_over
from courtside.pseudolabels.pipeline import refine
from courtside.pseudolabels.settings import RefinementSettings
from courtside.pseudolabels.temporal import (
    fill_gaps,
    join_scores,
    remove_flickers,
    remove_jumps,
    remove_unsure,
    smooth_boxes,
)


def box(frame, x, label="ball", score=0.9, *, y=0.0, width=10.0, height=10.0, source="round", video="game"):
    return {
        "video": video,
        "frame": frame,
        "x1": x,
        "y1": y,
        "x2": x + width,
        "y2": y + height,
        "label": label,
        "score": score,
        "source": source,
    }


def table(*rows):
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA)) if rows else boxes_table.empty()


def listed(frames, shots=None, video="game"):
    numbers = list(frames)
    return pl.DataFrame(
        {"video": [video] * len(numbers), "frame": numbers, "shot": shots or [0] * len(numbers)},
        schema={"video": pl.String, "frame": pl.Int32, "shot": pl.Int32},
    )


def places(boxes):
    return boxes.select("frame", "x1").rows()


def linked(boxes, frames, *, maximum_gap=3, labels=("ball",), even=0.3, counts=None, **worth):
    return link(
        boxes,
        frames,
        labels,
        even_score=even,
        worth=LinkWorth(**{"distance": 3.0, **worth}),
        maximum_gap=maximum_gap,
        maximum_counts=counts,
    )


def one_track(boxes):
    return boxes.with_columns(track=pl.lit(0, pl.Int32))


def chains(boxes, frames, **options):
    return linked(boxes, frames, **options)["track"]


class TestConfidence:
    def test_a_score_of_just_the_limit_stays(self):
        boxes = table(box(0, 0, score=0.4), box(0, 50, score=0.399))
        assert places(keep_confident(boxes, 0.4)) == [(0, 0.0)]

    def test_a_label_may_have_a_limit_of_its_own(self):
        boxes = table(box(0, 0, score=0.3), box(0, 50, "player", 0.3), box(0, 90, "player", 0.7))
        assert places(keep_confident(boxes, 0.6, {"ball": 0.2})) == [(0, 0.0), (0, 90.0)]


class TestShape:
    @pytest.mark.parametrize(
        ("width", "height", "stays"),
        [
            (20, 10, True),  # just the limit
            (10, 20, True),  # upright, just the limit
            (21, 10, False),
            (10, 21, False),
            (4, 4, False),  # too small
            (5, 9, True),
            (60, 60, False),  # too large
        ],
    )
    def test_limits(self, width, height, stays):
        kept = remove_misshapen(
            table(box(0, 0, width=width, height=height)),
            maximum_aspect_ratio=2.0,
            minimum_side_px=5,
            maximum_side_px=50,
        )
        assert kept.height == stays

    def test_a_label_may_have_a_limit_of_its_own(self):
        boxes = table(box(0, 0, width=30), box(0, 100, "player", height=30))
        kept = remove_misshapen(boxes, maximum_aspect_ratio=4, aspect_ratio_of_label={"ball": 2})
        assert kept["label"].to_list() == ["player"]


class TestOverlap:
    @pytest.mark.parametrize(("keep", "stays"), [("surer", 0.9), ("larger", 0.5)])
    def test_of_a_box_inside_another_one_stays(self, keep, stays):
        boxes = table(box(0, 0, score=0.9, width=8, height=8), box(0, 0, score=0.5))
        assert remove_overlapping(boxes, 0.8, keep=keep)["score"].to_list() == pytest.approx([stays])

    def test_an_overlap_of_just_the_limit_stays(self):
        # 8 of the 10 columns are shared.
        assert remove_overlapping(table(box(0, 0), box(0, 2)), 0.8).height == 2
        assert remove_overlapping(table(box(0, 0), box(0, 1.9)), 0.8).height == 1

    def test_of_equal_boxes_the_surer_stays(self):
        boxes = table(box(0, 0, score=0.5), box(0, 0, score=0.75))
        assert remove_overlapping(boxes, 0.8)["score"].to_list() == [0.75]

    def test_other_labels_and_frames_do_not_matter(self):
        boxes = table(box(0, 0), box(0, 0, "player"), box(1, 0), box(0, 0, video="other"))
        assert remove_overlapping(boxes, 0.8).height == 4

    def test_what_is_dropped_drops_nothing(self):
        # The middle one lies on the large one and goes; the small one lies on the middle one alone and stays.
        boxes = table(box(0, 0, width=100), box(0, 85, width=60), box(0, 91, width=50), box(0, 101, width=44))
        kept = remove_overlapping(boxes, 0.8, keep="larger")
        assert places(kept) == [(0, 0.0), (0, 85.0)]

    def test_a_label_may_have_a_limit_of_its_own(self):
        boxes = table(box(0, 0, "player", width=20), box(0, 0, "player"))
        assert remove_overlapping(boxes, 0.8, {"player": 1.0}).height == 2


class TestOneLabel:
    PEOPLE = ("player", "referee")

    @pytest.mark.parametrize(
        ("boxes", "stays"),
        [
            # One person by two names: the surest.
            ([box(0, 0, "player", 0.6), box(0, 1, "referee", 0.8)], {("referee", 1.0)}),
            ([box(0, 0, "player", 0.8), box(0, 1, "referee", 0.6)], {("player", 0.0)}),
            # Two people side by side, or of one label close together, or on two frames.
            ([box(0, 0, "player", 0.6), box(0, 5, "referee", 0.8)], {("player", 0.0), ("referee", 5.0)}),
            ([box(0, 0, "player", 0.6), box(0, 1, "player", 0.8)], {("player", 0.0), ("player", 1.0)}),
            ([box(0, 0, "player", 0.6), box(1, 0, "referee", 0.8)], {("player", 0.0), ("referee", 0.0)}),
            # A ball before a player is one.
            ([box(0, 0, "player", 0.6), box(0, 0, "ball", 0.8)], {("player", 0.0), ("ball", 0.0)}),
            # What is dropped drops nothing itself.
            (
                [box(0, 0, "player", 0.5), box(0, 1, "referee", 0.6), box(0, 2, "player", 0.7)],
                {("player", 0.0), ("player", 2.0)},
            ),
        ],
    )
    def test_a_thing_is_what_its_surest_box_says(self, boxes, stays):
        kept = keep_one_label(table(*boxes), self.PEOPLE, 0.6)
        assert set(kept.select("label", "x1").iter_rows()) == stays

    def test_of_two_as_sure_one_stays(self):
        assert keep_one_label(table(box(0, 0, "player"), box(0, 0, "referee")), self.PEOPLE, 0.7).height == 1

    def test_nothing_is_nothing(self):
        assert keep_one_label(table(), self.PEOPLE, 0.7).is_empty()

    def test_it_is_a_step_where_labels_are_named(self):
        boxes = table(box(0, 0, "player", 0.6), box(0, 0, "referee", 0.8))
        result = refine(boxes, listed(range(1)), RefinementSettings(exclusive_labels=self.PEOPLE, maximum_overlap=1))
        assert [(step.name, step.removed) for step in result.steps][4] == ("one label", 1)
        assert result.boxes["label"].to_list() == ["referee"]


class TestCount:
    def test_the_best_stay(self):
        boxes = table(box(0, 0, score=0.5), box(0, 50, score=0.9), box(1, 0, score=0.1), box(0, 0, "player", 0.1))
        kept = keep_best(boxes, {"ball": 1})
        assert places(kept) == [(0, 50.0), (0, 0.0), (1, 0.0)]

    def test_none_allowed(self):
        assert keep_best(table(box(0, 0), box(0, 0, "player")), {"ball": 0})["label"].to_list() == ["player"]

    def test_equals_are_not_both_kept(self):
        assert keep_best(table(box(0, 0), box(0, 50)), {"ball": 1}).height == 1

    def test_without_limits_nothing_happens(self):
        boxes = table(box(0, 0), box(0, 50))
        assert keep_best(boxes, {}).equals(boxes)


class TestLink:
    def test_a_ball_that_leaves_its_own_size_behind_is_followed(self):
        boxes = table(*(box(frame, 25.0 * frame) for frame in range(4)))
        assert chains(boxes, listed(range(4))).to_list() == [0, 0, 0, 0]

    def test_a_jump_too_far_begins_anew(self):
        # Three sides are 30 px, from one frame to the next.
        boxes = table(box(0, 0), box(1, 29), box(2, 58), box(3, 88.5))
        assert chains(boxes, listed(range(4))).to_list() == [0, 0, 0, 1]

    def test_what_grows_twofold_is_another(self):
        boxes = table(box(0, 0), box(1, 0, width=19.9, height=19.9), box(2, 0, width=40, height=40))
        assert chains(boxes, listed(range(3))).to_list() == [0, 0, 1]

    def test_what_comes_later_decides(self):
        # The nearest box leads nowhere; three frames on it is plain which one was the ball.
        boxes = table(box(0, 0), box(1, 1, score=0.4), box(1, 20, score=0.4), box(2, 40), box(3, 60))
        assert chains(boxes, listed(range(4)), counts={"ball": 1}).to_list() == [0, None, 0, 0, 0]

    def test_two_balls_cross(self):
        # Each goes on as before, and is not taken for the other where that one is nearer.
        left = [box(frame, 10.0 * frame) for frame in range(7)]
        right = [box(frame, 60.0 - 10.0 * frame, y=4.0) for frame in range(7)]
        boxes = linked(table(*left, *right), listed(range(7)))
        assert boxes.filter(pl.col("y1") == 0)["track"].n_unique() == 1
        assert boxes.filter(pl.col("y1") == 4)["track"].n_unique() == 1
        assert boxes["track"].n_unique() == 2

    def test_a_ball_that_bounces_stays_one_and_a_turn_has_its_price(self):
        boxes = table(*(box(frame, 0, y=abs(12.0 * (frame - 3))) for frame in range(7)))
        assert chains(boxes, listed(range(7))).to_list() == [0] * 7
        assert chains(boxes, listed(range(7)), turn_cost=60.0).n_unique() > 1

    def test_a_gap_has_its_price(self):
        boxes = table(box(0, 0, score=0.4), box(3, 0, score=0.4))
        assert chains(boxes, listed(range(4)), gap_cost=0.2).to_list() == [0, 0]
        assert chains(boxes, listed(range(4)), gap_cost=0.5).n_unique() == 2

    def test_a_weak_box_between_strong_ones_is_linked_and_one_by_itself_is_not(self):
        boxes = table(box(0, 0), box(1, 5, score=0.2), box(1, 500, score=0.2), box(2, 10))
        assert chains(boxes, listed(range(3))).to_list() == [0, 0, None, 0]

    def test_no_more_chains_than_the_game_has_balls(self):
        boxes = table(
            *(box(frame, 0, score=0.9) for frame in range(4)), *(box(frame, 200, score=0.6) for frame in (1, 2))
        )
        assert chains(boxes, listed(range(4)), counts={"ball": 1}).to_list() == [0, 0, None, 0, None, 0]
        assert chains(boxes, listed(range(4)), counts={"ball": 2}).to_list() == [0, 0, 1, 0, 1, 0]
        assert chains(boxes, listed(range(4)), counts={"ball": 0}).null_count() == 6

    def test_a_cut_ends_a_chain(self):
        boxes = table(box(0, 0), box(1, 0), box(2, 0), box(3, 0))
        assert chains(boxes, listed(range(4), [0, 0, 1, 1])).to_list() == [0, 0, 1, 1]

    @pytest.mark.parametrize(("gap", "linked"), [(3, True), (4, False)])
    def test_a_gap_of_just_the_limit_is_bridged(self, gap, linked):
        boxes = table(box(0, 0), box(gap + 1, 0))
        assert (chains(boxes, listed(range(10))).n_unique() == 1) == linked

    def test_frames_that_are_not_listed_are_no_gap(self):
        # Only every tenth frame is usable: neighbours in the list are neighbours.
        boxes = table(box(0, 0), box(10, 20), box(20, 40))
        assert chains(boxes, listed(range(0, 30, 10)), maximum_gap=0).to_list() == [0, 0, 0]

    def test_other_labels_and_frames_have_no_chain(self):
        boxes = table(box(0, 0), box(0, 0, "player"), box(5, 0))
        assert chains(boxes, listed(range(2))).to_list() == [0, None, None]

    def test_labels_are_linked_apart(self):
        boxes = table(box(0, 0), box(1, 0, "player"), box(2, 0))
        assert chains(boxes, listed(range(3)), labels=("ball", "player")).to_list() == [0, 1, 0]


MODEL = MotionModel(jerk=0.05)


class TestJumps:
    def test_the_box_that_cannot_be_there_goes_and_its_neighbours_stay(self):
        boxes = table(*(box(frame, 5.0 * frame, y=20.0 * (frame == 4)) for frame in range(9)))
        frames = listed(range(9))
        kept = remove_jumps(one_track(boxes), frames, MODEL, 5.0)
        assert kept["frame"].to_list() == [0, 1, 2, 3, 5, 6, 7, 8]

    def test_of_two_boxes_neither_can_be_told_from_the_other(self):
        boxes = table(box(0, 0), box(1, 25))
        frames = listed(range(2))
        assert remove_jumps(one_track(boxes), frames, MODEL, 0.1).height == 2


class TestUnsure:
    def test_a_track_needs_sure_boxes_and_keeps_its_weak_ones(self):
        head = [box(frame, 300, score=0.4) for frame in range(4)]
        ball = [box(frame, 10.0 * frame, score=score) for frame, score in enumerate((0.35, 0.7, 0.6, 0.35))]
        frames = listed(range(4))
        found = linked(table(*head, *ball), frames)
        assert remove_unsure(found, frames, 0.6, None, 2)["x1"].to_list() == [0, 10, 20, 30]
        assert remove_unsure(found, frames, 0.6, None, 3).is_empty()
        assert remove_unsure(found, frames, 0.6, {"ball": 0.4}, 2).height == 8
        assert remove_unsure(found, frames, 0.6, None, 0).equals(found)

    def test_in_a_shot_of_one_frame_one_sure_box_is_enough(self):
        frames = listed(range(2), [0, 1])
        found = linked(table(box(0, 0, score=0.8), box(1, 0, score=0.5)), frames)
        assert remove_unsure(found, frames, 0.6, None, 2)["frame"].to_list() == [0]

    def test_boxes_without_a_track_stay(self):
        found = linked(table(box(0, 0, "player", 0.4)), listed(range(3)))
        assert remove_unsure(found, listed(range(3)), 0.6, None, 2).height == 1


class TestJoinedScores:
    def test_a_weak_box_on_the_path_of_strong_ones_becomes_strong(self):
        frames = listed(range(5))
        boxes = table(*(box(frame, 4.0 * frame, score=0.3 if frame == 2 else 0.8) for frame in range(5)))
        joined = join_scores(linked(boxes, frames), frames, MODEL)["score"].to_list()
        assert joined[2] == pytest.approx(1 - 0.7 * 0.2, abs=0.02)
        assert all(score >= 0.8 for score in joined[:2])

    def test_off_the_path_it_gains_nothing(self):
        frames = listed(range(5))
        boxes = table(*(box(f, 4.0 * f, score=0.3 if f == 2 else 0.8, y=15.0 * (f == 2)) for f in range(5)))
        assert join_scores(linked(boxes, frames), frames, MODEL)["score"][2] == pytest.approx(0.3, abs=0.01)

    def test_a_box_alone_keeps_its_score(self):
        frames = listed(range(3))
        boxes = linked(table(box(0, 0, score=0.7), box(1, 0, "player", 0.2)), frames)
        assert join_scores(boxes, frames, MODEL).equals(boxes)


class TestSmoothing:
    def test_noise_averages_out(self):
        frames = listed(range(9))
        boxes = table(*(box(frame, 5.0 * frame, y=1.5 * (-1) ** frame) for frame in range(9)))
        moved = smooth_boxes(one_track(boxes), frames, MODEL)
        assert moved["y1"][1:8].abs().max() < 0.9
        assert moved.drop("x1", "x2", "y1", "y2").equals(one_track(boxes).drop("x1", "x2", "y1", "y2"))


class TestGaps:
    def fill(self, boxes, frames, *, uncertainty=1.0, counts=None, **options):
        filled = fill_gaps(linked(boxes, frames, **options), frames, MODEL, uncertainty, counts)
        return filled.sort("frame", maintain_order=True)

    def test_the_gap_is_filled_on_the_path(self):
        boxes = table(*(box(frame, 10.0 * frame, score=0.5 if frame < 3 else 0.8) for frame in (0, 1, 2, 5, 6, 7)))
        filled = self.fill(boxes, listed(range(8)))
        assert filled["frame"].to_list() == list(range(8))
        assert filled["x1"].to_list() == pytest.approx([10.0 * frame for frame in range(8)], abs=0.5)
        assert filled["source"].to_list() == [*["round"] * 3, *["interpolated"] * 2, *["round"] * 3]
        assert (filled["x2"] - filled["x1"]).to_list() == pytest.approx([10.0] * 8, abs=0.01)
        assert filled["score"].to_list() == pytest.approx([*[0.5] * 5, *[0.8] * 3])
        assert filled["video"].unique().to_list() == ["game"]

    def test_a_throw_is_no_straight_line(self):
        height = {frame: 100 - 12.0 * frame + 1.2 * frame**2 for frame in range(11)}
        boxes = table(*(box(frame, 7.0 * frame, y=y) for frame, y in height.items() if frame not in (4, 5, 6)))
        filled = self.fill(boxes, listed(range(11)))
        assert filled["y1"].to_list() == pytest.approx(list(height.values()), abs=0.5)

    def test_where_the_path_is_not_known_well_the_gap_stays(self):
        boxes = table(*(box(frame, 10.0 * frame) for frame in (0, 1, 2, 5, 6, 7)))
        assert self.fill(boxes, listed(range(8)), uncertainty=0.01).height == 6
        assert self.fill(boxes, listed(range(8)), uncertainty=0.3).height == 8

    def test_only_listed_frames_are_filled_at_their_time(self):
        boxes = table(*(box(frame, 10.0 * frame) for frame in (0, 1, 5, 6)))
        filled = self.fill(boxes, listed([0, 1, 3, 5, 6]))
        assert filled["frame"].to_list() == [0, 1, 3, 5, 6]
        assert filled["x1"].to_list() == pytest.approx([0, 10, 30, 50, 60], abs=0.5)

    def test_a_gap_across_a_cut_stays(self):
        boxes = table(box(0, 0), box(3, 0))
        assert self.fill(boxes, listed(range(4), [0, 0, 1, 1])).height == 2

    def test_a_frame_that_has_its_ball_gets_no_second(self):
        boxes = table(*(box(frame, 0) for frame in (0, 1, 4, 5)), *(box(frame, 400) for frame in (2, 3)))
        frames = listed(range(6))
        assert self.fill(boxes, frames).height == 8
        assert self.fill(boxes, frames, counts={"ball": 1}).height == 6

    def test_without_gaps_nothing_happens(self):
        boxes = table(box(0, 0), box(1, 5))
        assert self.fill(boxes, listed(range(2))).drop("track").equals(boxes.drop("track"))


class TestFlickers:
    def test_a_box_of_one_frame_goes(self):
        boxes = table(box(0, 0), box(1, 0), box(1, 500), box(2, 0), box(2, 0, "player"))
        kept = remove_flickers(linked(boxes, listed(range(3))), listed(range(3)), 2)
        assert places(kept) == [(0, 0.0), (1, 0.0), (2, 0.0), (2, 0.0)]

    def test_in_a_shot_of_one_listed_frame_a_box_can_have_no_company(self):
        frames = listed(range(3), [0, 1, 1])
        boxes = table(box(0, 0), box(1, 0))
        assert places(remove_flickers(linked(boxes, frames), frames, 2)) == [(0, 0.0)]


class TestCarry:
    def test_only_where_nothing_of_the_label_is_found(self):
        new = table(box(0, 0), box(1, 0, "player"))
        previous = table(
            box(0, 90, source="earlier"), box(1, 90, source="earlier"), box(2, 90, source="earlier"), box(9, 90)
        )
        merged = carry_over(new, previous, listed(range(3)))
        assert merged.select("frame", "x1", "label", "source").rows() == [
            (0, 0.0, "ball", "round"),
            (1, 0.0, "player", "round"),
            (1, 90.0, "ball", "carried"),
            (2, 90.0, "ball", "carried"),
        ]


class TestRefine:
    SETTINGS = RefinementSettings(
        minimum_confidence=0.4,
        sure_confidence=0.6,
        maximum_aspect_ratio=2.0,
        maximum_counts={"ball": 1},
        temporal_labels=("ball",),
        fill_gaps_up_to=2,
        maximum_uncertainty=1.0,
        carry=True,
    )

    def test_every_step_is_accounted_for(self):
        boxes = table(
            *(box(frame, 15.0 * frame, score=0.9) for frame in (0, 1, 2, 5, 6, 7)),  # the ball; 3 and 4 are missing
            box(0, 500, score=0.05),  # not even a candidate
            box(1, 500, width=50),  # too long
            box(5, 76, width=9, score=0.95),  # half a ball
            box(5, 300, score=0.6),  # a second ball, where one is allowed
            *(box(frame, 700, score=0.5) for frame in (9, 10)),  # a head
            box(13, 900, score=0.95),  # alone
            box(30, 0),  # not listed
        )
        previous = table(box(10, 200), box(5, 200))
        result = refine(boxes, listed(range(15)), self.SETTINGS, previous)
        assert [(step.name, step.removed, step.added, step.moved) for step in result.steps] == [
            ("frames", 1, 0, 0),
            ("confidence", 1, 0, 0),
            ("shape", 1, 0, 0),
            ("overlap", 1, 0, 0),
            ("links", 1, 0, 0),
            ("jumps", 0, 0, 0),
            ("unsure", 3, 0, 0),  # the head, and what is alone
            ("joined scores", 0, 0, 6),
            ("joined confidence", 0, 0, 0),
            ("count", 0, 0, 0),
            ("flickers", 0, 0, 0),
            ("gaps", 0, 2, 0),
            ("carry", 0, 1, 0),  # where a head was thought to be the ball; on 5 the ball was found
        ]
        assert [step.boxes.height for step in result.steps][-1] == result.boxes.height
        assert result.boxes["frame"].to_list() == [*range(8), 10]
        assert result.boxes["x1"].to_list() == pytest.approx([*(15.0 * frame for frame in range(8)), 200], abs=1)
        assert result.boxes["track"].null_count() == 9

    def test_of_many_boxes_on_a_frame_the_surest_are_followed(self):
        """A detector that nobody taught sees a hundred balls on every frame; linking them all would fill the memory."""
        noise = [box(frame, 15.0 * place, score=0.45) for frame in range(6) for place in range(10, 60)]
        ball = [box(frame, 10.0 + frame, score=0.9) for frame in range(6)]
        result = refine(table(*noise, *ball), listed(range(6)), self.SETTINGS)
        assert next(step for step in result.steps if step.name == "links").removed >= 6 * 31
        assert set(result.boxes.filter(pl.col("x1") < 20)["frame"]) == set(range(6))

    def test_without_temporal_labels_and_previous_round_these_steps_do_not_run(self):
        result = refine(table(box(0, 0)), listed(range(1)), RefinementSettings(carry=True))
        assert [step.name for step in result.steps] == ["frames", "confidence", "shape", "overlap", "count"]
        assert places(result.boxes) == [(0, 0.0)]

    def test_smoothing_is_a_step_where_it_is_asked_for(self):
        result = refine(table(box(0, 0)), listed(range(1)), RefinementSettings(temporal_labels=("ball",), smooth=True))
        assert "smoothing" in [step.name for step in result.steps]

    def test_nothing_in_nothing_out(self):
        result = refine(table(), listed(range(3)), self.SETTINGS, table())
        assert result.boxes.height == 0
        assert all((step.removed, step.added, step.moved) == (0, 0, 0) for step in result.steps)

    def test_two_videos_do_not_mix(self):
        boxes = table(*(box(frame, 0) for frame in (0, 1, 3, 4)), box(2, 0, video="other"))
        frames = pl.concat([listed(range(5)), listed(range(5), video="other")])
        kept = refine(boxes, frames, self.SETTINGS).boxes
        assert kept.select("video", "frame").rows() == [("game", frame) for frame in range(5)]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"minimum_confidence": 1.2},
            {"minimum_confidences": {"ball": -0.1}},
            {"maximum_overlap": -0.1},
            {"overlap_keeps": "smaller"},
            {"maximum_aspect_ratio": 0.5},
            {"maximum_counts": {"ball": -1}},
            {"fill_gaps_up_to": -1},
            {"candidate_confidence": 1.5},
            {"sure_confidence": -0.5},
            {"sure_boxes": -1},
            {"maximum_uncertainty": -0.1},
            {"maximum_jump": -1.0},
            {"minimum_track_length": 0},
            {"minimum_side_px": 9.0, "maximum_side_px": 8.0},
        ],
    )
    def test_settings_out_of_range(self, wrong):
        with pytest.raises(UserError, match=next(iter(wrong)).removesuffix("s").replace("minimum_side", "m.*_side")):
            RefinementSettings(**wrong)

    @pytest.mark.parametrize(
        ("kind", "wrong"),
        [(LinkWorth, {"spread": 0.0}), (LinkWorth, {"reward": -1.0}), (MotionModel, {"jerk": 0.0})],
    )
    def test_worths_and_models_out_of_range(self, kind, wrong):
        with pytest.raises(UserError, match=next(iter(wrong))):
            kind(**wrong)

    boxes_of_a_game = st.lists(
        st.builds(
            box,
            st.integers(0, 15),
            st.integers(0, 40).map(lambda place: 7.0 * place),
            st.sampled_from(["ball", "player"]),
            st.integers(0, 20).map(lambda score: score / 20),
            width=st.sampled_from([5.0, 10.0, 40.0]),
        ),
        max_size=40,
    )

    @settings(max_examples=60, deadline=None)
    @given(rows=boxes_of_a_game, earlier=boxes_of_a_game, usable=st.sets(st.integers(0, 15)), cut=st.integers(0, 15))
    def test_what_holds_for_any_boxes(self, rows, earlier, usable, cut):
        numbers = sorted(usable)
        frames = listed(numbers, [int(frame >= cut) for frame in numbers])
        boxes = table(*rows)
        result = refine(boxes, frames, self.SETTINGS, table(*earlier))
        # No box outside the listed frames, and the account adds up.
        assert set(result.boxes["frame"]) <= usable
        assert result.boxes.height == boxes.height + sum(step.added - step.removed for step in result.steps)
        assert all(step.moved == 0 for step in result.steps if step.name != "joined scores")
        # What the round itself said is where it said it.
        said = result.boxes.filter(pl.col("source") == "round")
        assert said.join(boxes, on=["video", "frame", "label", "x1", "x2"], how="anti").height == 0
        assert (said["score"] >= 0.4).all()
        # At most one ball in a frame, wherever it is from.
        balls = result.boxes.filter(pl.col("label") == "ball")
        assert balls["frame"].n_unique() == balls.height
        # Filled and carried boxes are balls where the round found none.
        filled = result.boxes.filter(pl.col("source") == "interpolated")
        assert set(filled["label"]) <= {"ball"}

    @settings(max_examples=60, deadline=None)
    @given(rows=boxes_of_a_game)
    def test_steps_that_judge_a_frame_alone_do_nothing_the_second_time(self, rows):
        boxes = table(*rows)
        for step in (
            lambda table: keep_confident(table, 0.5, {"ball": 0.3}),
            lambda table: remove_misshapen(table, maximum_aspect_ratio=2.0),
            lambda table: remove_overlapping(table, 0.5),
            lambda table: keep_best(table, {"ball": 1, "player": 2}),
            lambda table: carry_over(table, boxes, listed(range(10))),
        ):
            once = step(boxes)
            assert step(once).equals(once)

    @settings(max_examples=60, deadline=None)
    @given(missing=st.sets(st.integers(2, 17)), speed=st.integers(0, 15))
    def test_a_straight_flight_is_mended(self, missing, speed):
        seen = [frame for frame in range(20) if frame not in missing]
        frames = listed(range(20))
        boxes = table(*(box(frame, float(speed * frame)) for frame in seen))
        limit = max((later - earlier - 1 for earlier, later in itertools.pairwise(seen)), default=0)
        filled = fill_gaps(linked(boxes, frames, maximum_gap=limit, gap_cost=0), frames, MODEL, 1e9).sort("frame")
        assert filled["frame"].to_list() == list(range(20))
        assert filled["x1"].to_list() == pytest.approx([float(speed * frame) for frame in range(20)], abs=3)
        again = fill_gaps(linked(filled, frames, maximum_gap=limit, gap_cost=0), frames, MODEL, 1e9)
        assert again.equals(filled)


def audited(labels, truth, frames, names=("ball",), **options):
    return figures(count(labels, truth, frames, list(names), **options))


class TestAudit:
    def test_by_hand(self):
        truth = table(box(0, 0), box(1, 0), box(2, 0), box(2, 100, "player"))
        labels = table(box(0, 0), box(1, 2), box(2, 500), box(3, 0), box(7, 0))
        # Frame 3 has no ball, frame 7 was not looked at: two right of four, of four that are there.
        counts = count(labels, truth, listed(range(4), [0, 0, 1, 1]), ["ball", "player"], round_name="first")
        assert counts.rows() == [
            ("first", "game", 0, 2, 2, 2, pytest.approx(1 + 2 / 3)),
            ("first", "game", 1, 0, 2, 2, 0.0),
        ]
        assert figures(counts) == {
            "precision": 0.5,
            "recall": 0.5,
            "f1": 0.5,
            "mean_iou": pytest.approx((1 + 2 / 3) / 2),
            "boxes": 4,
        }

    def test_more_boxes_than_coco_allows_all_count(self):
        labels = table(*(box(0, 100.0 * number) for number in range(150)))
        assert audited(labels, table(box(0, 0)), listed(range(1)))["boxes"] == 150

    def test_no_label_at_all(self):
        found = audited(table(), table(box(0, 0)), listed(range(1)))
        assert found == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "mean_iou": 0.0, "boxes": 0}

    def test_hardly_visible_truth_does_not_count(self):
        truth = table(box(0, 0), box(0, 100)).with_columns(visibility=pl.Series([1.0, 0.1], dtype=pl.Float32))
        found = audited(table(box(0, 0), box(0, 100)), truth, listed(range(1)), minimum_visibility=0.5)
        assert (found["precision"], found["recall"], found["boxes"]) == (1.0, 1.0, 1)

    def test_no_truth_is_told(self):
        with pytest.raises(UserError, match="no true ball or hoop on the 2 frames"):
            count(table(box(0, 0)), table(box(5, 0)), listed(range(2)), ["ball", "hoop"])


SHOTS = 12
TRUTH = table(*(box(frame, 5.0 * frame) for frame in range(10 * SHOTS)))
FRAMES = listed(range(10 * SHOTS), [frame // 10 for frame in range(10 * SHOTS)])


def taught(seed, *, wrong, missing):
    """Labels of a round: exactly a share moved off the ball or invented, another not there."""
    random = np.random.default_rng(seed)
    chance = np.stack([random.permutation(TRUTH.height) / TRUTH.height for _ in range(2)])
    moved = pl.Series(40.0 * (chance[0] < wrong)).cast(pl.Float32)
    return TRUTH.with_columns(x1=TRUTH["x1"] + moved, x2=TRUTH["x2"] + moved).filter(chance[1] >= missing)


class TestChampion:
    def counts(self, labels, name="round"):
        return count(labels, TRUTH, FRAMES, ["ball"], round_name=name)

    @pytest.mark.parametrize("seed", range(5))
    def test_a_poisoned_round_is_worse_by_more_than_noise(self, seed):
        honest = self.counts(taught(seed, wrong=0.08, missing=0.1))
        poisoned = compare(self.counts(taught(seed + 100, wrong=0.5, missing=0.1)), honest)
        assert poisoned.is_worse
        assert poisoned.difference < -0.3

    @pytest.mark.parametrize("seed", range(5))
    def test_an_honest_small_gain_is_kept(self, seed):
        before = self.counts(taught(seed, wrong=0.08, missing=0.1))
        gained = compare(self.counts(taught(seed, wrong=0.06, missing=0.08)), before)
        assert gained.difference > 0
        assert not gained.is_worse

    def test_no_difference_is_no_rejection(self):
        same = self.counts(taught(0, wrong=0.1, missing=0.1))
        assert compare(same, same) == Comparison(0.0, 0.0, 0.0)
        assert not compare(same, same).is_worse

    def test_noise_of_one_shot_is_not_enough(self):
        # One shot of twelve got worse, and nothing else changed: among other shots it might not be there.
        first = self.counts(TRUTH)
        second = self.counts(TRUTH.filter(pl.col("frame") >= 5))
        worse = compare(second, first)
        assert worse.difference < 0
        assert not worse.is_worse

    def test_of_a_single_shot_nothing_can_be_said(self):
        frames = listed(range(10))
        good, bad = (count(labels, TRUTH, frames, ["ball"]) for labels in (TRUTH, table()))
        assert compare(bad, good) == Comparison(-1.0, None, None)
        assert not compare(bad, good).is_worse
        assert intervals(bad) == {"precision": None, "recall": None, "f1": None, "mean_iou": None}

    def test_other_shots_cannot_be_compared(self):
        with pytest.raises(ValueError, match="same shots"):
            compare(self.counts(TRUTH), self.counts(TRUTH)[1:])

    def test_intervals_hold_the_figures_and_are_paired(self):
        counts = self.counts(taught(3, wrong=0.2, missing=0.2))
        told, found = figures(counts), intervals(counts)
        for name in ("precision", "recall", "f1"):
            assert found[name][0] < told[name] < found[name][1]
        better = self.counts(taught(3, wrong=0.1, missing=0.2))
        paired = compare(better, counts)
        alone = intervals(better)["f1"][1] - intervals(better)["f1"][0]
        assert paired.high - paired.low < 2 * alone
