"""Conditions of frames and boxes: measures in exact numbers, and scores under each."""

import numpy as np
import polars as pl
import pytest

from courtside.errors import UserError
from courtside.metrics.condition_scores import ALL, NONE, box_outcomes, scores_by_condition, success_by_condition
from courtside.metrics.condition_tables import Circumstances, first_losses, rows_by_condition
from courtside.metrics.conditions import (
    CONDITIONS,
    FRAME_CONDITIONS,
    ConditionLimits,
    box_measures,
    conditions_of,
    frame_measures,
)
from moving_object import row, table

RATE = 5.0


def measures(*rows):
    return box_measures(table(*rows), RATE)


def test_how_much_is_hidden_and_covered():
    found = measures(
        row(0, 100, 100, visibility=0.7), row(0, 130, 100, track=2), row(0, 100, 90, track=3, label="player", side=80)
    )
    assert found["hidden"].to_list() == [pytest.approx(0.3, abs=1e-6), None, None]
    # The ball of 40 lies in the player's 80; the second overlaps the first by 10 of 40 and lies in the player, too.
    assert found["covered"].to_list() == pytest.approx([1.0, 1.0, 0.25])


def test_speed_is_in_own_sizes_a_frame():
    found = measures(row(0, 0, 0), row(1, 20, 0), row(3, 20, 40), row(20, 60, 40))
    # Half a size; a size in two frames; after more than a second nobody knows.
    assert found["speed"].to_list() == [None, pytest.approx(0.5), pytest.approx(0.5), None]


def test_scale_against_the_median_and_a_second_before():
    # Sizes 40, then 60 from frame 6: the median is 40 of the first seven and 40 or 60 of all.
    found = measures(*(row(frame, 0, 0, side=60 if frame >= 6 else 40) for frame in range(10)))
    ratio = dict(found.select("frame", "scale_ratio").iter_rows())
    assert ratio[0] == pytest.approx(1.0)
    assert ratio[6] == pytest.approx(1.5)


def test_nothing_moves_or_grows_over_a_cut():
    rows = [row(0, 0, 0), row(1, 200, 0, side=80), row(2, 200, 0, side=80)]
    found = box_measures(table(*rows), RATE, {0: 0, 1: 1, 2: 1})
    assert found["speed"].to_list() == [None, None, 0.0]
    assert found["scale_ratio"].to_list() == [1.0, 1.0, 1.0]


def test_tracks_of_two_labels_with_one_number_are_two_objects():
    found = measures(row(0, 0, 0), row(1, 0, 0), row(0, 200, 0, label="player"), row(1, 240, 0, label="player"))
    assert dict(found.filter(pl.col("frame") == 1).select("label", "speed").iter_rows()) == {"ball": 0.0, "player": 1.0}


def test_truth_without_identity_is_refused():
    with pytest.raises(UserError, match="without identity"):
        measures(row(0, 0, 0, track=None))


def frames(brightness, blur=None, ssim=None, shot=None):
    count = len(brightness)
    return pl.DataFrame(
        {
            "frame": pl.Series(range(count), dtype=pl.Int32),
            "shot": shot or [0] * count,
            "brightness": [float(value) for value in brightness],
            "blur": [float(value) for value in blur or [100] * count],
            "ssim_1": ssim or [0.95] * count,
        }
    )


def of_frames(table, cameras=None):
    return frame_measures(table, RATE, width=1000, height=500, cameras=cameras)


def test_light_changes_against_the_second_before_and_not_over_a_cut():
    changes = of_frames(frames([100, 100, 130, 130, 50], shot=[0, 0, 0, 0, 1]))["brightness_change"].to_list()
    assert changes == pytest.approx([0, 0, 30, 20, 0])


def test_blur_is_measured_against_the_shot():
    assert of_frames(frames([9] * 5, blur=[100, 100, 40, 10, 30], shot=[0, 0, 0, 1, 1]))[
        "sharpness_share"
    ].to_list() == (pytest.approx([1, 1, 0.4, 0.5, 1.5]))


def test_the_camera_counts_where_it_was_measured_and_similarity_where_not():
    cameras = {1: np.array([[1, 0, 20.0], [0, 1, 0]]), 2: np.array([[1, 0, 0.0], [0, 1, 0]])}
    table = of_frames(frames([9] * 4, ssim=[0.9, 0.1, 0.1, 0.1]), cameras)
    assert table["pan_share"].to_list() == [None, pytest.approx(0.02), pytest.approx(0.0), None]
    _, judged = conditions_of(measures(row(0, 0, 0)), table)
    assert judged["camera_pan"].to_list() == [False, True, False, True]


def test_each_condition_has_its_threshold():
    boxes = measures(
        row(0, 0, 0, visibility=0.5),  # hidden
        row(0, 200, 0, track=2, visibility=1.0),
        row(1, 30, 0, visibility=1.0),  # fast
        row(1, 200, 0, track=2, side=10, visibility=1.0),  # small, and a quarter of its size
    )
    judged, whole = conditions_of(boxes, of_frames(frames([100, 200])), ConditionLimits())
    held = {
        (values["frame"], values["track"]): {name for name in CONDITIONS if values[name]}
        for values in judged.iter_rows(named=True)
    }
    assert held[0, 1] == {"occlusion"}
    assert held[1, 1] == {"fast_motion", "illumination_change"}
    assert held[1, 2] >= {"small", "scale_change", "illumination_change"}
    assert whole.columns == ["frame", *FRAME_CONDITIONS]


def judged(**held):
    """Conditions of the boxes of two tracks on three frames: frame 1 is blurred, track 2 is crowded on frame 2."""
    truth = table(*(row(frame, 100 * track, 50, track=track) for frame in range(3) for track in (1, 2)))
    keys = truth.select("video", "frame", "label", "track")
    boxes = keys.with_columns(
        **{name: pl.lit(value=False) for name in CONDITIONS},
    ).with_columns(blur=pl.col("frame") == 1, crowding=(pl.col("frame") == 2) & (pl.col("track") == 2))
    of_frame = pl.DataFrame({"frame": pl.Series(range(3), dtype=pl.Int32)}).with_columns(
        blur=pl.col("frame") == 1, illumination_change=pl.lit(value=False), camera_pan=pl.lit(value=False)
    )
    return truth, boxes, of_frame


def test_scores_under_each_condition():
    truth, boxes, of_frame = judged()
    predictions = table(
        row(0, 100, 50, track=7),
        row(0, 200, 50, track=8),
        row(1, 100, 50, track=7),  # track 2 is missed on the blurred frame,
        row(1, 400, 50, track=9),  # and something else is seen there
        row(2, 100, 50, track=7),
        row(2, 200, 50, track=10),  # found again, under another identity
    )
    outcomes, per_frame = box_outcomes(truth, predictions, range(3))
    scores = {
        values["condition"]: values
        for values in scores_by_condition(outcomes, per_frame, boxes, of_frame).iter_rows(named=True)
    }
    assert scores[ALL] == {
        "condition": "all", "boxes": 6, "recall": pytest.approx(5 / 6), "recall_otherwise": None,
        "precision": pytest.approx(5 / 6), "switches": 1, "switches_per_thousand": pytest.approx(1000 / 6),
        "first_miss": 1, "first_loss": 1, "first_switch": 2,
    }  # fmt: skip
    assert (scores["blur"]["boxes"], scores["blur"]["recall"], scores["blur"]["recall_otherwise"]) == (2, 0.5, 1.0)
    assert (scores["blur"]["precision"], scores["blur"]["first_miss"]) == (0.5, 1)
    assert (scores["crowding"]["switches"], scores["crowding"]["first_switch"]) == (1, 2)
    assert scores["crowding"]["precision"] is None
    assert (scores[NONE]["boxes"], scores[NONE]["recall"]) == (3, 1.0)
    assert scores["small"]["boxes"] == 0
    assert scores["small"]["recall"] is None


def test_hidden_truth_neither_counts_nor_makes_false_positives():
    truth = table(row(0, 100, 50, visibility=0.1), row(0, 200, 50, track=2, visibility=1.0))
    predictions = table(row(0, 100, 50, track=5), row(0, 200, 50, track=6), row(0, 300, 50, track=7))
    outcomes, per_frame = box_outcomes(truth, predictions, range(1), minimum_visibility=0.3)
    assert outcomes["track"].to_list() == [2]
    assert per_frame.row(0) == (0, 2, 1)


def test_labels_never_match_each_other():
    truth, predictions = table(row(0, 100, 50)), table(row(0, 100, 50, label="player"))
    outcomes, _ = box_outcomes(truth, predictions, range(1))
    assert outcomes["found"].to_list() == [False]


def test_frames_without_any_box_are_scored_too():
    outcomes, per_frame = box_outcomes(table(row(5, 100, 50)), table(row(9, 100, 50)), range(10))
    assert outcomes.height == 1
    assert per_frame.row(9) == (9, 1, 0)
    assert per_frame["predicted"].sum() == 1


def test_success_of_one_object_under_each_condition():
    truth, boxes, _ = judged()
    own = truth.filter(pl.col("track") == 2)
    predictions = table(row(0, 200, 50, track=2), row(1, 200, 50, track=2), row(2, 300, 50, track=2))
    scores = {
        values["condition"]: values for values in success_by_condition(own, predictions, boxes).iter_rows(named=True)
    }
    assert scores[ALL]["boxes"] == 2  # the first was given
    assert scores["blur"]["success"] == pytest.approx(20 / 21)
    assert scores["blur"]["success_otherwise"] == 0.0
    assert scores["crowding"]["first_failure"] == 2
    assert scores["blur"]["first_failure"] is None


def test_what_is_lost_first_is_taken_from_the_first_video_that_loses_something():
    truth, boxes, of_frame = judged()
    summit = Circumstances(truth, range(3), boxes, of_frame)
    in_tidal = pl.lit("tidal").alias("video")
    tidal = Circumstances(truth.with_columns(in_tidal), range(3), boxes.with_columns(in_tidal), of_frame)
    tracks = {
        # Track 1 is never found and so never lost; track 2 is found, and lost on the blurred frame.
        "summit": table(row(0, 200, 50, track=8), row(2, 200, 50, track=8)),
        # Lost on the blurred frame, too, and again where it is crowded.
        "tidal": table(row(0, 200, 50, track=8)).with_columns(in_tidal),
    }
    tracks["tidal"] = pl.concat([tracks["tidal"], table(row(1, 200, 50, track=8)).with_columns(in_tidal)])
    videos = {"summit": summit, "tidal": tidal}
    found = first_losses(videos, tracks)
    assert found.select("condition", "video", "frame", "track", "x1").rows() == [
        ("blur", "game", 1, 2, 200.0), ("crowding", "tidal", 2, 2, 200.0)
    ]  # fmt: skip
    assert first_losses({}, {}).is_empty()
    rows = {each["condition"]: each for each in rows_by_condition(videos, tracks)}
    assert rows["blur"]["first_loss"] == {"summit": 1}
    assert rows["crowding"]["first_loss"] == {"tidal": 2}
    assert rows["all"]["first_miss"] == {"summit": 0, "tidal": 0}
