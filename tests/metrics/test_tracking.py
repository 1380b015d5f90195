"""Tracking scores: golden figures of two public sequences, exact small cases, and HOTA by its definition."""

from pathlib import Path

import motmetrics
import numpy as np
import pytest
from tracking_tables import box, read_mot, table, walk

from courtside.errors import UserError
from courtside.metrics.tracking import TrackedVideo, evaluate_tracks, evaluate_videos

KEYS = {
    "MOTA",
    "IDF1",
    "HOTA",
    "precision",
    "recall",
    "false_positives",
    "false_negatives",
    "switches",
    "fragmentations",
    "mostly_tracked",
    "partially_tracked",
    "mostly_lost",
}


# The figures in the documentation of py-motmetrics and of TrackEval; the sequences come with py-motmetrics.
PUBLISHED = {
    "TUD-Campus": {
        "MOTA": 0.52646, "IDF1": 0.55766, "HOTA": 0.39140, "MOTP": 1 - 0.277201, "switches": 7, "fragmentations": 7,
        "mostly_tracked": 1, "partially_tracked": 6, "mostly_lost": 1, "false_positives": 13, "false_negatives": 150,
    },
    "TUD-Stadtmitte": {
        "MOTA": 0.56401, "IDF1": 0.64462, "HOTA": 0.39785, "MOTP": 1 - 0.345903, "switches": 7, "fragmentations": 6,
        "mostly_tracked": 5, "partially_tracked": 4, "mostly_lost": 1, "false_positives": 45, "false_negatives": 452,
    },
}  # fmt: skip


def published(name):
    folder = Path(motmetrics.__file__).parent / "data" / name
    truth = read_mot(folder / "gt.txt")
    return TrackedVideo(truth, read_mot(folder / "test.txt"), truth["frame"].max() + 1)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_figures(name):
    video = published(name)
    result = evaluate_tracks(video.truth, video.predictions, ["player"], video.frames)
    for key, value in PUBLISHED[name].items():
        assert result["overall"][key] == pytest.approx(value, abs=1e-5), key
    assert result["player"] == result["overall"]


def test_published_figures_combined():
    result = evaluate_videos({name: published(name) for name in PUBLISHED}, ["player"])
    combined = result.combined["player"]
    for key in ("switches", "fragmentations", "mostly_tracked", "false_positives", "false_negatives"):
        assert combined[key] == sum(values[key] for values in PUBLISHED.values())
    # py-motmetrics' OVERALL of the two, not the mean of theirs (0.54524 and 0.60114)
    assert combined["MOTA"] == pytest.approx(0.555116, abs=1e-6)
    assert combined["IDF1"] == pytest.approx(0.624296, abs=1e-6)
    assert set(result.convention) == {"CLEAR", "identity", "HOTA", "combined"}


def test_perfect_tracks():
    truth = table(*walk(1, range(5)), *walk(2, range(5), x=50, label="ball"))
    result = evaluate_tracks(truth, truth, ["player", "ball"], 5)
    assert set(result) == {"overall", "player", "ball"}
    for scores in result.values():
        assert set(scores) >= KEYS
        assert scores["MOTA"] == scores["IDF1"] == scores["precision"] == scores["recall"] == 1.0
        assert scores["HOTA"] == pytest.approx(1.0)
        assert scores["MOTP"] == pytest.approx(1.0)
        assert scores["switches"] == scores["false_positives"] == scores["mostly_lost"] == 0
    assert (result["overall"]["mostly_tracked"], result["ball"]["mostly_tracked"]) == (2, 1)


def test_an_identity_that_changes_half_way():
    truth = table(*walk(1, range(10)))
    predictions = table(*walk(7, range(5)), *walk(8, range(5, 10)))
    result = evaluate_tracks(truth, predictions, ["player"], 10)["overall"]
    assert (result["switches"], result["fragmentations"]) == (1, 0)
    assert result["MOTA"] == pytest.approx(0.9)
    assert result["IDF1"] == pytest.approx(0.5)
    assert result["DetA"] == pytest.approx(1.0)
    assert result["AssA"] == pytest.approx(0.5)  # each half: 5 / (10 + 5 − 5)
    assert result["HOTA"] == pytest.approx(np.sqrt(0.5))


def test_two_players_swap_identities():
    truth = table(*walk(1, range(10)), *walk(2, range(10), x=50))
    predictions = table(
        *walk(1, range(5)), *walk(2, range(5), x=50), *walk(2, range(5, 10)), *walk(1, range(5, 10), x=50)
    )
    result = evaluate_tracks(truth, predictions, ["player"], 10)["overall"]
    assert (result["switches"], result["false_positives"], result["false_negatives"]) == (2, 0, 0)
    assert result["IDF1"] == pytest.approx(0.5)


def test_a_gap_is_a_fragmentation():
    predictions = table(*walk(1, [0, 1, 2, 6, 7, 8, 9]))
    result = evaluate_tracks(table(*walk(1, range(10))), predictions, ["player"], 10)["overall"]
    assert (result["fragmentations"], result["switches"], result["false_negatives"]) == (1, 0, 3)
    assert (result["mostly_tracked"], result["partially_tracked"]) == (0, 1)


def test_a_label_is_never_matched_by_another():
    # The ball is followed, but as a player: one false positive and one miss a frame.
    truth = table(*walk(1, range(4), label="ball"), *walk(2, range(4), x=50))
    predictions = table(*walk(1, range(4), label="player"), *walk(2, range(4), x=50))
    result = evaluate_tracks(truth, predictions, ["ball", "player"], 4)
    assert (result["ball"]["recall"], result["ball"]["false_positives"]) == (0.0, 0)
    assert result["player"]["false_positives"] == 4
    assert result["overall"]["false_positives"] == result["overall"]["false_negatives"] == 4
    assert result["ball"]["precision"] == 0.0
    assert result["ball"]["MOTP"] is None


def test_labels_may_share_track_numbers():
    truth = table(*walk(1, range(4), label="ball"), *walk(1, range(4), x=50))
    assert evaluate_tracks(truth, truth, ["ball", "player"], 4)["overall"]["IDF1"] == 1.0


@pytest.mark.parametrize(
    ("overlap_shift", "matches"),
    [(0.0, True), (4.0, True), (4.1, False)],  # width 12 shifted by 4 overlaps by exactly one half, which still counts
)
def test_half_an_overlap_is_a_match(overlap_shift, matches):
    truth = table(*walk(1, range(3), width=12.0))
    predictions = table(*walk(1, range(3), x=overlap_shift, width=12.0))
    assert evaluate_tracks(truth, predictions, ["player"], 3)["overall"]["recall"] == float(matches)


def test_hardly_visible_truth_is_ignored():
    truth = table(*walk(1, range(6)), *walk(2, range(6), x=50, visibility=0.1))
    for predictions in (walk(1, range(6)), walk(1, range(6)) + walk(5, range(6), x=51)):
        result = evaluate_tracks(truth, table(*predictions), ["player"], 6, minimum_visibility=0.3)["overall"]
        assert (result["MOTA"], result["truth_tracks"]) == (1.0, 1)
        assert result["HOTA"] == pytest.approx(1.0)


def test_only_the_frames_given_are_scored():
    truth = table(*walk(1, range(10)))
    predictions = table(*walk(1, range(0, 10, 2)), *walk(9, [1, 3], x=500))
    assert evaluate_tracks(truth, predictions, ["player"], range(0, 10, 2))["overall"]["MOTA"] == 1.0


def test_no_prediction_at_all():
    result = evaluate_tracks(table(*walk(1, range(3))), table(), ["player"], 3)["overall"]
    assert (result["MOTA"], result["IDF1"], result["HOTA"], result["recall"]) == (0.0, 0.0, 0.0, 0.0)
    assert (result["precision"], result["MOTP"], result["mostly_lost"]) == (0.0, None, 1)


def test_mistakes_are_told():
    truth = table(*walk(1, range(3)))
    with pytest.raises(UserError, match="no player"):
        evaluate_tracks(table(), truth, ["player"], 3)
    with pytest.raises(UserError, match=r"no ball .* it has: player"):
        evaluate_tracks(truth, truth, ["player", "ball"], 3)
    with pytest.raises(UserError, match="no player"):
        evaluate_tracks(truth, truth, ["player"], range(10, 20))
    with pytest.raises(UserError, match="truth: player 1 in game, frame 1, has the same track twice"):
        evaluate_tracks(table(*walk(1, range(3)), box(1, 90, 1)), truth, ["player"], 3)
    with pytest.raises(UserError, match=r"predictions: player 1 .* twice"):
        evaluate_tracks(truth, table(*walk(1, range(3)), box(1, 90, 1)), ["player"], 3)
    with pytest.raises(UserError, match="no track identity"):
        evaluate_tracks(truth, table(box(0, 0, None)), ["player"], 3)
    with pytest.raises(ValueError, match="one video at a time"):
        evaluate_tracks(truth, table(box(0, 0, 1, video="other")), ["player"], 3)
    with pytest.raises(ValueError, match="overall"):
        evaluate_tracks(truth, truth, ["overall"], 3)
    with pytest.raises(UserError, match=r"predictions of game: player 1 is on frame 3 \(from 0\), but .* 3 frames"):
        evaluate_tracks(truth, table(*walk(1, range(4))), ["player"], 3)
    with pytest.raises(UserError, match="truth of game: player 1 is on frame 2"):
        evaluate_tracks(truth, table(), ["player"], 2)
    with pytest.raises(UserError, match="no box of the truth is called person; it has: player"):
        evaluate_tracks(truth, table(*walk(1, range(3), label="person")), ["player"], 3)


def test_a_label_that_the_truth_has_not_may_be_predicted_if_named():
    truth, predictions = table(*walk(1, range(3))), table(*walk(1, range(3)), *walk(2, range(3), label="referee"))
    result = evaluate_tracks(truth, predictions, ["player"], 3, other_labels=["referee", "ball"])
    assert result["overall"]["MOTA"] == 1.0


def test_videos_are_combined_by_their_counts():
    # 10 true boxes found with one switch and 2 true boxes of which none is found: MOTA 0.9 and 0, together 9 − 2 of 12.
    one = TrackedVideo(table(*walk(1, range(10))), table(*walk(7, range(5)), *walk(8, range(5, 10))), 10)
    other = TrackedVideo(table(*walk(1, range(2), video="b")), table(), 2)
    result = evaluate_videos({"a": one, "b": other}, ["player"])
    assert [scores["overall"]["MOTA"] for scores in result.videos.values()] == [pytest.approx(0.9), 0.0]
    assert result.combined["overall"]["MOTA"] == pytest.approx(9 / 12)
    assert result.combined["overall"]["truth_tracks"] == 2  # track 1 of one video is not track 1 of another
    assert result.combined["overall"]["IDF1"] == pytest.approx(2 * 5 / 22)


def test_a_label_that_one_video_has_not_still_has_false_positives_there():
    with_ball = table(*walk(1, range(4)), *walk(2, range(4), x=50, label="ball"))
    without = table(*walk(1, range(4), video="b"))
    said = table(*walk(1, range(4), video="b"), *walk(9, range(3), label="ball", video="b"))
    result = evaluate_videos(
        {"a": TrackedVideo(with_ball, with_ball, 4), "b": TrackedVideo(without, said, 4)}, ["player", "ball"]
    )
    ball = result.videos["b"]["ball"]
    assert (ball["false_positives"], ball["precision"], ball["truth_boxes"]) == (3, 0.0, 0)
    assert [ball[key] for key in ("MOTA", "IDF1", "HOTA", "recall", "MOTP", "IDR", "LocA")] == [None] * 7
    assert result.combined["ball"]["precision"] == pytest.approx(4 / 7)
    assert result.combined["ball"]["MOTA"] == pytest.approx(1 / 4)
    assert result.videos["a"]["ball"]["MOTA"] == 1.0


def test_mistakes_in_several_videos_are_told():
    truth = table(*walk(1, range(3)))
    with pytest.raises(UserError, match="no video to score"):
        evaluate_videos({}, ["player"])
    with pytest.raises(UserError, match="the truth of b has no player"):
        evaluate_videos({"a": TrackedVideo(truth, truth, 3), "b": TrackedVideo(table(), truth, 3)}, ["player"])
    with pytest.raises(UserError, match=r"all 2 videos has no ball .* on the 6 frames scored; it has: player"):
        evaluate_videos(dict.fromkeys("ab", TrackedVideo(truth, truth, 3)), ["player", "ball"])
