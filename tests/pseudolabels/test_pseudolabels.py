"""Pseudo-labels: small exact tables for each step, and what holds for any input."""

import itertools

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.pseudolabels.audit import audit
from courtside.pseudolabels.confidence import keep_confident
from courtside.pseudolabels.implausible import keep_best, remove_misshapen, remove_overlapping
from courtside.pseudolabels.merge import carry_over
from courtside.pseudolabels.pipeline import Step, refine
from courtside.pseudolabels.settings import RefinementSettings
from courtside.pseudolabels.temporal import fill_gaps, link, remove_flickers


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


def chains(boxes, frames, *, link_distance=3.0, maximum_gap=3, labels=("ball",)):
    return link(boxes, frames, labels, link_distance=link_distance, maximum_gap=maximum_gap)


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
    def test_of_a_box_inside_another_the_larger_stays(self):
        boxes = table(box(0, 0, score=0.9, width=8, height=8), box(0, 0, score=0.5))
        assert remove_overlapping(boxes, 0.8)["score"].to_list() == [0.5]

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
        kept = remove_overlapping(boxes, 0.8)
        assert places(kept) == [(0, 0.0), (0, 85.0)]

    def test_a_label_may_have_a_limit_of_its_own(self):
        boxes = table(box(0, 0, "player", width=20), box(0, 0, "player"))
        assert remove_overlapping(boxes, 0.8, {"player": 1.0}).height == 2


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
        boxes = table(box(0, 0), box(1, 30), box(2, 90.5))
        # Expected at 60; 30.5 px off, and three sides are 30.
        assert chains(boxes, listed(range(3))).to_list() == [0, 0, 1]

    def test_two_balls_cross(self):
        # Moving on as before, each is nearest to where it is expected, not to where the other was.
        left = [box(frame, 10.0 * frame) for frame in range(7)]
        right = [box(frame, 60.0 - 10.0 * frame, y=4.0) for frame in range(7)]
        boxes = table(*left, *right)
        found = chains(boxes, listed(range(7)))
        by_row = boxes.with_columns(found.alias("chain"))
        assert by_row.filter(pl.col("y1") == 0)["chain"].n_unique() == 1
        assert by_row.filter(pl.col("y1") == 4)["chain"].n_unique() == 1
        assert found.n_unique() == 2

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


class TestGaps:
    def test_the_gap_is_filled_on_the_line(self):
        boxes = table(box(0, 0, score=0.5), box(3, 30, score=0.8, width=13))
        filled = fill_gaps(boxes, listed(range(4)), chains(boxes, listed(range(4))))
        assert places(filled) == [(0, 0.0), (1, 10.0), (2, 20.0), (3, 30.0)]
        assert filled["source"].to_list() == ["round", "interpolated", "interpolated", "round"]
        assert filled["x2"].to_list() == [10.0, 21.0, 32.0, 43.0]
        assert filled["score"].to_list() == pytest.approx([0.5, 0.5, 0.5, 0.8])
        assert filled["video"].unique().to_list() == ["game"]

    def test_only_listed_frames_are_filled_at_their_time(self):
        frames = listed([0, 1, 3, 4])
        boxes = table(box(0, 0), box(4, 40))
        assert places(fill_gaps(boxes, frames, chains(boxes, frames))) == [(0, 0.0), (1, 10.0), (3, 30.0), (4, 40.0)]

    def test_a_gap_across_a_cut_stays(self):
        frames = listed(range(4), [0, 0, 1, 1])
        boxes = table(box(0, 0), box(3, 0))
        assert fill_gaps(boxes, frames, chains(boxes, frames)).height == 2

    def test_a_frame_that_has_its_ball_gets_no_second(self):
        boxes = table(box(0, 0), box(1, 400), box(2, 400), box(3, 0))
        frames = listed(range(4))
        assert fill_gaps(boxes, frames, chains(boxes, frames)).height == 6
        assert fill_gaps(boxes, frames, chains(boxes, frames), {"ball": 1}).equals(boxes)

    def test_without_gaps_nothing_happens(self):
        boxes = table(box(0, 0), box(1, 5))
        assert fill_gaps(boxes, listed(range(2)), chains(boxes, listed(range(2)))).equals(boxes)


class TestFlickers:
    def test_a_box_of_one_frame_goes(self):
        boxes = table(box(0, 0), box(1, 0), box(1, 500), box(2, 0), box(2, 0, "player"))
        kept = remove_flickers(boxes, listed(range(3)), chains(boxes, listed(range(3))), 2)
        assert places(kept) == [(0, 0.0), (1, 0.0), (2, 0.0), (2, 0.0)]

    def test_in_a_shot_of_one_listed_frame_a_box_can_have_no_company(self):
        frames = listed(range(3), [0, 1, 1])
        boxes = table(box(0, 0), box(1, 0))
        assert places(remove_flickers(boxes, frames, chains(boxes, frames), 2)) == [(0, 0.0)]


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
        maximum_aspect_ratio=2.0,
        maximum_counts={"ball": 1},
        temporal_labels=("ball",),
        fill_gaps_up_to=2,
        carry=True,
    )

    def test_every_step_is_accounted_for(self):
        boxes = table(
            *(box(frame, 20.0 * frame, score=0.9) for frame in (0, 1, 4, 5)),  # the ball; 2 and 3 are missing
            box(0, 500, score=0.1),  # not sure
            box(1, 500, width=50),  # too long
            box(4, 81, width=9, score=0.95),  # half a ball
            box(5, 300, score=0.6),  # a second ball
            *(box(frame, 700, score=0.6) for frame in (0, 1)),  # and a third
            box(8, 900),  # flickers
            box(30, 0),  # not listed
        )
        previous = table(box(10, 200), box(5, 200))
        result = refine(boxes, listed(range(12)), self.SETTINGS, previous)
        assert result.steps == [
            Step("frames", 1, 0, 0),
            Step("confidence", 1, 0, 0),
            Step("shape", 1, 0, 0),
            Step("overlap", 1, 0, 0),
            Step("carry", 0, 1, 0),
            Step("count", 3, 0, 0),
            Step("flicker", 2, 0, 0),  # the carried one is alone too
            Step("gaps", 0, 2, 0),
        ]
        assert places(result.boxes) == [(frame, 20.0 * frame) for frame in range(6)]

    def test_without_temporal_labels_and_previous_round_these_steps_do_not_run(self):
        result = refine(table(box(0, 0)), listed(range(1)), RefinementSettings(carry=True))
        assert [step.name for step in result.steps] == ["frames", "confidence", "shape", "overlap", "count"]
        assert places(result.boxes) == [(0, 0.0)]

    def test_nothing_in_nothing_out(self):
        result = refine(table(), listed(range(3)), self.SETTINGS, table())
        assert result.boxes.height == 0
        assert all((step.removed, step.added, step.moved) == (0, 0, 0) for step in result.steps)

    def test_two_videos_do_not_mix(self):
        frames = pl.concat([listed(range(3)), listed(range(3), video="other")])
        boxes = table(box(0, 0), box(2, 0), box(1, 0, video="other"))
        kept = refine(boxes, frames, self.SETTINGS).boxes
        assert kept.select("video", "frame").rows() == [("game", 0), ("game", 1), ("game", 2)]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"minimum_confidence": 1.2},
            {"minimum_confidences": {"ball": -0.1}},
            {"maximum_overlap": -0.1},
            {"maximum_aspect_ratio": 0.5},
            {"maximum_counts": {"ball": -1}},
            {"fill_gaps_up_to": -1},
            {"minimum_track_length": 0},
            {"minimum_side_px": 9.0, "maximum_side_px": 8.0},
        ],
    )
    def test_settings_out_of_range(self, wrong):
        with pytest.raises(UserError, match=next(iter(wrong)).removesuffix("s").replace("minimum_side", "m.*_side")):
            RefinementSettings(**wrong)

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
        assert all(step.moved == 0 for step in result.steps)
        # What the round itself said is untouched.
        said = result.boxes.filter(pl.col("source") == "round")
        assert said.join(boxes, on=boxes.columns, how="anti", nulls_equal=True).height == 0
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
    @given(missing=st.sets(st.integers(1, 18)), speed=st.integers(0, 25))
    def test_a_straight_flight_is_mended_exactly(self, missing, speed):
        seen = [frame for frame in range(20) if frame not in missing]
        frames = listed(range(20))
        boxes = table(*(box(frame, float(speed * frame)) for frame in seen))
        limit = max((later - earlier - 1 for earlier, later in itertools.pairwise(seen)), default=0)
        found = chains(boxes, frames, maximum_gap=limit)
        filled = fill_gaps(boxes, frames, found)
        assert [round(x, 2) for x in filled["x1"]] == [float(speed * frame) for frame in range(20)]
        again = fill_gaps(filled, frames, chains(filled, frames, maximum_gap=limit))
        assert again.equals(filled)


class TestAudit:
    def test_by_hand(self):
        truth = table(box(0, 0), box(1, 0), box(2, 0), box(2, 100, "player"))
        labels = table(box(0, 0), box(1, 2), box(2, 500), box(3, 0), box(7, 0))
        # Frame 3 has no ball, frame 7 was not looked at: two right of four, of four that are there.
        found = audit(labels, truth, listed(range(4)), ["ball", "player"])
        assert found == {
            "precision": 0.5,
            "recall": 0.5,
            "f1": 0.5,
            "mean_iou": pytest.approx((1 + 2 / 3) / 2),
            "boxes": 4,
        }

    def test_more_boxes_than_coco_allows_all_count(self):
        labels = table(*(box(0, 100.0 * number) for number in range(150)))
        assert audit(labels, table(box(0, 0)), listed(range(1)), ["ball"])["boxes"] == 150

    def test_no_label_at_all(self):
        found = audit(table(), table(box(0, 0)), listed(range(1)), ["ball"])
        assert found == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "mean_iou": 0.0, "boxes": 0}

    def test_hardly_visible_truth_does_not_count(self):
        truth = table(box(0, 0), box(0, 100)).with_columns(visibility=pl.Series([1.0, 0.1], dtype=pl.Float32))
        found = audit(table(box(0, 0), box(0, 100)), truth, listed(range(1)), ["ball"], minimum_visibility=0.5)
        assert (found["precision"], found["recall"], found["boxes"]) == (1.0, 1.0, 1)

    def test_no_truth_is_told(self):
        with pytest.raises(UserError, match="no true ball or hoop on the 2 frames"):
            audit(table(box(0, 0)), table(box(5, 0)), listed(range(2)), ["ball", "hoop"])
