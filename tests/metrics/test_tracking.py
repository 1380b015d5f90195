"""Tracking scores: golden figures of a public sequence, exact small cases, and HOTA by its definition."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.metrics.tracking import evaluate_tracks

SHARED = Path(__file__).parents[3] / "shared" / "data"
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


def box(frame, x, track, label="player", *, visibility=None, video="game", width=10.0):
    return {
        "video": video,
        "frame": frame,
        "x1": x,
        "y1": 0.0,
        "x2": x + width,
        "y2": 10.0,
        "label": label,
        "score": 1.0,
        "source": "test",
        "track": track,
        "visibility": visibility,
    }


def table(*rows):
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA)) if rows else boxes_table.empty()


def walk(track, frames, x=0.0, **kwargs):
    return [box(frame, x, track, **kwargs) for frame in frames]


def read_mot(path):
    rows = np.loadtxt(path, delimiter=",", ndmin=2)
    return table(
        *(
            box(int(row[0]) - 1, row[2], int(row[1])) | {"x2": row[2] + row[4], "y1": row[3], "y2": row[3] + row[5]}
            for row in rows
        )
    )


def test_published_figures_of_tud_campus():
    folder = SHARED / "tracking" / "tud" / "TUD-Campus"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    truth = read_mot(folder / "gt.txt")
    result = evaluate_tracks(truth, read_mot(folder / "test.txt"), ["player"], truth["frame"].max() + 1)["overall"]
    # The figures in the documentation of py-motmetrics and of TrackEval.
    assert result["MOTA"] == pytest.approx(0.52646, abs=1e-5)
    assert result["IDF1"] == pytest.approx(0.55766, abs=1e-5)
    assert result["HOTA"] == pytest.approx(0.39140, abs=1e-5)
    assert result["MOTP"] == pytest.approx(1 - 0.277201, abs=1e-5)
    assert (result["switches"], result["fragmentations"]) == (7, 7)
    assert (result["mostly_tracked"], result["partially_tracked"], result["mostly_lost"]) == (1, 6, 1)
    assert (result["false_positives"], result["false_negatives"]) == (13, 150)


def test_clear_figures_agree_with_a_second_implementation():
    from trackers.eval import compute_clear_metrics, compute_identity_metrics

    random = np.random.default_rng(0)
    truth, predictions = [], []
    # 59 frames have no exact 80 %, at which the two disagree on what is mostly tracked (≥ here, > there).
    for frame in range(59):
        for track in range(1, 5):
            x = 60 * track + frame
            truth.append(box(frame, x, track))
            if random.random() < 0.65 + 0.07 * track:
                identity = track + 10 * (frame // 25) if random.random() < 0.97 else 99 + frame * 10 + track
                predictions.append(box(frame, x + random.normal(0, 1.2), identity))
    truth, predictions = table(*truth), table(*predictions)
    ours = evaluate_tracks(truth, predictions, ["player"], 59)["overall"]
    groups = []
    for source in (truth, predictions):
        groups.append([source.filter(pl.col("frame") == frame) for frame in range(59)])
    names = [np.unique(source["track"].to_numpy(), return_inverse=True)[0] for source in (truth, predictions)]
    identities = [
        [np.searchsorted(known, rows["track"].to_numpy()) for rows in frames]
        for known, frames in zip(names, groups, strict=True)
    ]
    overlaps = [
        boxes_table.iou(boxes_table.corners(one), boxes_table.corners(other))
        for one, other in zip(*groups, strict=True)
    ]
    clear = compute_clear_metrics(*identities, overlaps, threshold=0.5)
    identity = compute_identity_metrics(*identities, overlaps, threshold=0.5)
    assert ours["MOTA"] == pytest.approx(clear["MOTA"])
    assert ours["MOTP"] == pytest.approx(clear["MOTP"])
    assert ours["switches"] == clear["IDSW"] > 0
    assert (ours["false_positives"], ours["false_negatives"]) == (clear["CLR_FP"], clear["CLR_FN"])
    assert [ours["mostly_tracked"], ours["partially_tracked"]] == [clear["MT"], clear["PT"]]
    assert ours["IDF1"] == pytest.approx(identity["IDF1"])


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
    with pytest.raises(ValueError, match=r"predictions: player 1 .* twice"):
        evaluate_tracks(truth, table(*walk(1, range(3)), box(1, 90, 1)), ["player"], 3)
    with pytest.raises(ValueError, match="no track identity"):
        evaluate_tracks(truth, table(box(0, 0, None)), ["player"], 3)
    with pytest.raises(ValueError, match="one video at a time"):
        evaluate_tracks(truth, table(box(0, 0, 1, video="other")), ["player"], 3)
    with pytest.raises(ValueError, match="overall"):
        evaluate_tracks(truth, truth, ["overall"], 3)
