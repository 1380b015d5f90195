"""Scores of a ball that is followed: exact small cases, any balls, real video, mistakes."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.formats.mot import read_ground_truth
from courtside.metrics.ball_tracking import BallVideo, evaluate_ball


def ball(frame, x, track=1, *, y=100.0, size=10.0, visibility=None, label="ball"):
    """A ball by its centre; its diameter is ``size``."""
    half = size / 2
    return {
        "video": "game", "frame": frame, "x1": x - half, "y1": y - half, "x2": x + half, "y2": y + half,
        "label": label, "score": 1.0, "source": "test", "track": track, "visibility": visibility,
    }  # fmt: skip


def table(*rows):
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA)) if rows else boxes_table.empty()


def score(truth, predictions, frames=10, measures=None, **options):
    video = BallVideo(table(*truth), table(*predictions), frames, measures)
    result = evaluate_ball({"game": video}, **options)
    assert result.videos["game"] == result.combined
    return result.combined


def within(result, unit, radius):
    [row] = [row for row in result["within"] if (row["unit"], row["radius"]) == (unit, radius)]
    return row


def flight(frames, track=1, start=0.0, step=3.0, **kwargs):
    return [ball(frame, start + step * frame, track, **kwargs) for frame in frames]


def test_a_ball_followed_exactly():
    result = score(flight(range(10)), flight(range(10), track=7))
    assert all((row["F1"], row["precision"], row["recall"]) == (1.0, 1.0, 1.0) for row in result["within"])
    assert [result[key] for key in ("truth_boxes", "predicted_boxes", "frames", "frames_without_ball")] == [
        10,
        10,
        10,
        0,
    ]
    assert (result["error_px_median"], result["error_px_p95"], result["longest_gap_frames"]) == (0.0, 0.0, 0)
    assert (result["reappearances"], result["frames_until_found_median"]) == (0, None)
    assert (result["identities"], result["identities_on_a_ball"], result["switches"]) == (1, 1, 0)
    assert result["false_alarm_share"] is None


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (5.0, {5: 1, 10: 1, 20: 1}),
        (5.01, {5: 0, 10: 1, 20: 1}),
        (20.0, {5: 0, 10: 0, 20: 1}),
        (21.0, {5: 0, 10: 0, 20: 0}),
    ],
)
def test_a_radius_is_a_distance_of_the_centres(error, found):
    result = score([ball(0, 100)], [ball(0, 100 + error, 4)], 1)
    for radius, hit in found.items():
        row = within(result, "px", radius)
        assert (row["true_positives"], row["false_positives"], row["false_negatives"]) == (hit, 1 - hit, 1 - hit)
    # The diameter is 10 px, so twice the diameter is 20 px.
    assert within(result, "diameters", 2.0)["true_positives"] == found[20]
    assert result["error_px_median"] == pytest.approx(error, abs=1e-4)
    assert result["error_diameters_median"] == pytest.approx(error / 10, abs=1e-5)


def test_a_diameter_is_the_root_of_the_area():
    """A ball of 4 × 16 px, drawn long by its motion, is one of 8 px."""
    long = ball(0, 100) | {"x1": 92.0, "x2": 108.0, "y1": 98.0, "y2": 102.0}
    result = score([long], [ball(0, 108.0)], 1)
    assert within(result, "diameters", 1.0)["true_positives"] == 1
    assert score([long], [ball(0, 108.1)], 1)["within"][4]["true_positives"] == 0


def test_two_balls_are_matched_as_many_as_possible():
    # The prediction at 106 is nearest to the ball at 108, but then the one at 112 would find none within 5 px.
    truth = [ball(0, 102, 1), ball(0, 108, 2)]
    result = score(truth, [ball(0, 106, 5), ball(0, 112, 6)], 1)
    assert within(result, "px", 5.0)["true_positives"] == 2
    assert score(truth, [ball(0, 106, 5)], 1)["error_px_median"] == pytest.approx(2.0)


def test_false_alarms_where_there_is_no_ball():
    result = score(flight(range(4)), [*flight(range(4), 7), ball(6, 50, 8), ball(6, 90, 9), ball(8, 50, 8)])
    assert result["frames_without_ball"] == 6
    assert (result["frames_with_false_alarm"], result["false_alarms"]) == (2, 3)
    assert result["false_alarm_share"] == pytest.approx(2 / 6)
    assert within(result, "px", 5.0)["precision"] == pytest.approx(4 / 7)


def test_a_video_without_any_ball():
    result = score([], [ball(3, 50)])
    assert (result["frames_without_ball"], result["false_alarms"]) == (10, 1)
    row = within(result, "px", 5.0)
    assert (row["precision"], row["recall"], row["F1"]) == (0.0, None, 0.0)
    nothing = score([], [])
    assert (within(nothing, "px", 5.0)["F1"], nothing["error_px_median"], nothing["longest_gap_frames"]) == (
        None,
        None,
        0,
    )
    assert nothing["slices"]["speed_px"] == []


def test_no_prediction():
    result = score(flight(range(10)), [])
    row = within(result, "px", 20.0)
    assert (row["precision"], row["recall"], row["F1"]) == (None, 0.0, 0.0)
    assert (result["longest_gap_frames"], result["identities"], result["switches"]) == (10, 0, 0)


def test_the_longest_gap_is_of_frames_that_have_the_ball():
    # Missed on 2, 3 and 6, 7; the truth has no ball on 4 and 5, which neither counts nor ends it.
    truth = flight([0, 1, 2, 3, 6, 7, 8, 9])
    assert score(truth, flight([0, 1, 8, 9]))["longest_gap_frames"] == 4
    assert score(truth, flight([0, 1, 2, 8, 9]))["longest_gap_frames"] == 3
    # Of two balls the longest of one.
    both = [*flight(range(6)), *flight(range(6), 2, start=500)]
    assert score(both, [*flight([0, 1, 2, 3]), *flight([3, 4, 5], 2, start=500)])["longest_gap_frames"] == 3


@pytest.mark.parametrize(
    ("found_on", "waits", "never"),
    [
        ([0, 1, 4, 5, 8, 9], [0, 0], 0),
        ([0, 1, 5, 9], [1, 1], 0),
        ([0, 1, 9], [2, 1], 1),  # not found on 4 and 5: it took 2 frames at least
        ([], [2, 2], 2),
    ],
)
def test_how_soon_a_ball_is_found_again(found_on, waits, never):
    result = score(flight([0, 1, 4, 5, 8, 9]), flight(found_on))
    assert (result["reappearances"], result["reappearances_never_found"]) == (len(waits), never)
    assert result["frames_until_found_median"] == np.median(waits)
    assert result["frames_until_found_most"] == max(waits)


def test_a_hidden_ball_is_not_there():
    truth = [*flight([0, 1]), *flight([2, 3, 4], visibility=0.1), *flight(range(5, 10), visibility=0.9)]
    said = [*flight([0, 1, 3]), *flight(range(6, 10)), ball(4, 400, 9)]
    shown, hidden = score(truth, said), score(truth, said, minimum_visibility=0.3)
    assert (shown["truth_boxes"], shown["hidden_boxes"], shown["reappearances"]) == (10, 0, 0)
    assert (hidden["truth_boxes"], hidden["hidden_boxes"], hidden["reappearances"]) == (7, 3, 1)
    assert hidden["frames_until_found_median"] == 1
    row = within(hidden, "px", 5.0)
    # That near the hidden ball on frame 3 is no false positive, that far from it on frame 4 is one.
    assert (row["true_positives"], row["false_positives"], row["false_negatives"]) == (6, 1, 1)
    assert (hidden["frames_without_ball"], hidden["false_alarms"]) == (0, 0)
    # Slices show what hiding costs, whatever the minimum.
    assert shown["slices"]["visibility"] == hidden["slices"]["visibility"]
    assert [(row["from"], row["below"], row["boxes"], row["found"]) for row in hidden["slices"]["visibility"]] == [
        (0.01, 0.25, 3, 1), (0.75, 1.0, 5, 4), (None, None, 2, 2),
    ]  # fmt: skip
    assert hidden["slices"]["visibility"][-1]["unknown"]


def test_identities():
    said = [*flight(range(3), 7), *flight(range(3, 6), 8), *flight(range(6, 10), 7), ball(2, 600, 9)]
    result = score(flight(range(10)), said)
    assert (result["identities"], result["identities_on_a_ball"], result["switches"]) == (3, 2, 2)
    result = score(flight(range(10)), [row | {"track": None} for row in said])
    assert [result[key] for key in ("identities", "identities_on_a_ball", "switches")] == [None] * 3
    assert within(result, "px", 5.0)["recall"] == 1.0


def test_slices_by_speed_and_size():
    slow = flight(range(5), step=1.0)
    fast = [ball(frame, 200 + 30 * frame, 2, y=300, size=20.0) for frame in range(5)]
    result = score([*slow, *fast], [*slow, *fast[:2]], 5)
    speeds = {(row["from"], row["below"]): (row["boxes"], row["found"]) for row in result["slices"]["speed_px"]}
    assert speeds == {(None, 2.0): (5, 5), (20.0, 40.0): (5, 2)}
    speeds = {(row["from"], row["below"]): row["boxes"] for row in result["slices"]["speed_diameters"]}
    assert speeds == {(None, 0.25): 5, (1.0, 2.0): 5}
    sizes = {(row["from"], row["below"]): row["recall"] for row in result["slices"]["diameter_px"]}
    assert sizes == {(8.0, 12.0): 1.0, (16.0, 24.0): 0.4}


def test_a_speed_is_by_frame_and_unknown_alone():
    # Scored on every second frame: 12 px in 2 frames; frame 8 stands alone.
    result = score([ball(0, 0), ball(2, 12), ball(8, 12)], [], range(0, 10, 2))
    rows = result["slices"]["speed_px"]
    assert [(row["from"], row["boxes"], row["unknown"]) for row in rows] == [(5.0, 2, False), (None, 1, True)]


def test_slices_by_a_measure_of_frames():
    measures = pl.DataFrame({"frame": range(8), "blur": [1.0, 1, 1, 1, 9, 9, 9, 9]})
    truth, said = flight(range(10)), flight(range(6))
    given = score(truth, said, measures=measures, edges={"blur": [5.0]})["slices"]["blur"]
    assert [(row["boxes"], row["found"]) for row in given] == [(4, 4), (4, 2), (2, 0)]
    assert [row["unknown"] for row in given] == [False, False, True]
    by_quartile = score(truth, said, measures=measures)["slices"]["blur"]
    assert sum(row["boxes"] for row in by_quartile) == 10


def test_videos_are_combined_by_counts_and_all_errors():
    one = BallVideo(table(*flight(range(9))), table(*flight(range(9))), 9)
    other = BallVideo(table(ball(0, 0)), table(ball(0, 8.0)), 3)
    result = evaluate_ball({"a": one, "b": other})
    assert within(result.combined, "px", 5.0)["recall"] == pytest.approx(9 / 10)
    assert within(result.combined, "px", 5.0)["F1"] == pytest.approx(0.9)
    assert (result.combined["error_px_median"], result.combined["frames"]) == (0.0, 12)
    assert result.combined["identities"] == 2
    assert set(result.convention) == {"found", "hidden", "errors", "reappearance", "combined"}


def test_intervals_hold_the_score_and_narrow_with_the_number_of_blocks():
    random = np.random.default_rng(0)
    widths = []
    for frames in (200, 5000):
        truth = flight(range(frames), step=0.1)
        result = score(truth, [row for row in truth if random.random() < 0.7], frames)
        row = within(result, "px", 5.0)
        low, high = row["interval"]
        assert low <= row["F1"] <= high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2
    assert within(score(flight(range(5)), []), "px", 5.0)["interval"] is None  # one block
    assert within(score(flight(range(60)), [], 60, resamples=0), "px", 5.0)["interval"] is None


SEEN = st.none() | st.floats(0, 1, width=32)


@st.composite
def videos(draw, seen=SEEN):
    position = st.integers(0, 60)

    def some():
        rows = []
        for frame in range(6):
            for track in draw(st.lists(st.integers(1, 4), unique=True, max_size=3)):
                rows.append(ball(frame, float(draw(position)), track, y=float(draw(position)), visibility=draw(seen)))
        return table(*rows)

    return BallVideo(some(), some(), 6)


@settings(max_examples=60, deadline=None)
@given(first=videos(), second=videos(), minimum=st.sampled_from([0.0, 0.5]))
def test_what_holds_of_any_balls(first, second, minimum):
    result = evaluate_ball({"a": first, "b": second}, minimum_visibility=minimum, resamples=5)
    for scores in (*result.videos.values(), result.combined):
        for row in scores["within"]:
            assert row["true_positives"] + row["false_negatives"] == scores["truth_boxes"]
            assert row["true_positives"] + row["false_positives"] <= scores["predicted_boxes"]
        for unit in ("px", "diameters"):
            hits = [row["true_positives"] for row in scores["within"] if row["unit"] == unit]
            assert hits == sorted(hits)
        for rows in scores["slices"].values():
            assert sum(row["boxes"] for row in rows) == scores["truth_boxes"] + scores["hidden_boxes"]
    for key in (
        "truth_boxes",
        "hidden_boxes",
        "predicted_boxes",
        "frames",
        "false_alarms",
        "reappearances",
        "switches",
    ):
        assert result.combined[key] == sum(scores[key] for scores in result.videos.values())
    for place, row in enumerate(result.combined["within"]):
        for key in ("true_positives", "false_positives", "false_negatives"):
            assert row[key] == sum(scores["within"][place][key] for scores in result.videos.values())


@settings(max_examples=30, deadline=None)
@given(video=videos(seen=st.none()))
def test_truth_against_itself_is_perfect(video):
    result = evaluate_ball({"a": BallVideo(video.truth, video.truth, 6)}, resamples=0).combined
    if result["truth_boxes"]:
        assert {row["F1"] for row in result["within"]} == {1.0}
        assert (result["error_px_p95"], result["longest_gap_frames"], result["false_alarms"]) == (0.0, 0, 0)


@pytest.mark.parametrize("clip", ["outdoor_court_720p", "outdoor_practice_656x712", "outdoor_shot_540p"])
def test_a_real_ball(shared_data, clip):
    truth = read_ground_truth(shared_data / "video_truth" / clip / "gt.txt", clip, {1: "ball"})
    frames = truth["frame"].max() + 1
    half = truth.filter(pl.col("frame") % 2 == 0)
    result = evaluate_ball({clip: BallVideo(truth, half, frames)}).combined
    row = within(result, "px", 5.0)
    assert (row["precision"], row["false_negatives"]) == (1.0, truth.height - half.height)
    assert row["interval"][0] <= row["F1"] <= row["interval"][1]
    assert result["longest_gap_frames"] >= 1
    assert sum(row["boxes"] for row in result["slices"]["speed_px"]) == truth.height


def test_mistakes_are_told():
    good = table(*flight(range(3)))
    with pytest.raises(UserError, match="no video to score"):
        evaluate_ball({})
    with pytest.raises(UserError, match="no truth has a ball; it has: player"):
        evaluate_ball({"a": BallVideo(table(ball(0, 5, label="player")), good, 3)})
    with pytest.raises(UserError, match=r"predictions of a: a ball is on frame 2 \(from 0\), but .* 2 frames"):
        evaluate_ball({"a": BallVideo(table(), good, 2)})
    with pytest.raises(UserError, match="truth of a: the ball on frame 1 has no track identity"):
        evaluate_ball({"a": BallVideo(table(ball(1, 5, None)), good, 3)})
    with pytest.raises(UserError, match="truth of a: ball 1 is on frame 1 twice"):
        evaluate_ball({"a": BallVideo(table(ball(1, 5), ball(1, 50)), good, 3)})
    with pytest.raises(UserError, match="predictions of a: ball 1 is on frame 1 twice"):
        evaluate_ball({"a": BallVideo(good, table(ball(1, 5), ball(1, 50)), 3)})
    with pytest.raises(ValueError, match="radius"):
        evaluate_ball({"a": BallVideo(good, good, 3)}, radii_px=[0.0])
    with pytest.raises(ValueError, match="more than one video"):
        evaluate_ball({"a": BallVideo(table(ball(0, 5), ball(1, 5) | {"video": "other"}), good, 3)})
    for measures in ({"blur": [1.0]}, {"frame": [0, 0], "blur": [1.0, 2.0]}, {"frame": [0], "speed_px": [1.0]}):
        with pytest.raises(ValueError, match="measure"):
            evaluate_ball({"a": BallVideo(good, good, 3, pl.DataFrame(measures))})
