"""Tracking scores beside py-motmetrics, TrackEval and trackers.eval, on random tracks, and where these differ."""

import contextlib
import io

import motmetrics
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trackers.eval import compute_clear_metrics, compute_hota_metrics, compute_identity_metrics
from tracking_tables import FRAMES, box, by_frame, random_tracks, table, tracks, walk

from courtside.metrics.tracking import TrackedVideo, evaluate_tracks, evaluate_videos
from courtside.metrics.tracking_pairs import pair

with contextlib.redirect_stdout(io.StringIO()):  # it says what it cannot import
    from trackeval.metrics import CLEAR, HOTA, Identity

SAME_AS_MOTMETRICS = {
    "MOTA": "mota",
    "IDF1": "idf1",
    "IDP": "idp",
    "IDR": "idr",
    "precision": "precision",
    "recall": "recall",
    "false_positives": "num_false_positives",
    "false_negatives": "num_misses",
    "switches": "num_switches",
    "fragmentations": "num_fragmentations",
    "mostly_tracked": "mostly_tracked",
    "partially_tracked": "partially_tracked",
    "mostly_lost": "mostly_lost",
    "truth_boxes": "num_objects",
    "truth_tracks": "num_unique_objects",
    "predicted_boxes": "num_predictions",
    "MOTP": "motp",
}


def with_motmetrics(truth, predictions, frames, threshold=0.5):
    accumulator = motmetrics.MOTAccumulator()
    for frame, (true_ids, said_ids, overlap) in enumerate(by_frame(truth, predictions, frames)):
        accumulator.update(true_ids, said_ids, np.where(overlap >= threshold, 1 - overlap, np.nan), frameid=frame)
    found = motmetrics.metrics.create().compute(
        accumulator, metrics=list(SAME_AS_MOTMETRICS.values()), return_dataframe=False
    )
    values = {ours: found[theirs] for ours, theirs in SAME_AS_MOTMETRICS.items()}
    return values | {"MOTP": 1 - values["MOTP"]}


def for_trackeval(truth, predictions, frames):
    """A sequence as TrackEval's metrics take it."""
    known = [np.unique(source["track"].to_numpy()) for source in (truth, predictions)]
    data = {"gt_ids": [], "tracker_ids": [], "similarity_scores": [], "num_timesteps": frames}
    for true_ids, said_ids, overlap in by_frame(truth, predictions, frames):
        data["gt_ids"].append(np.searchsorted(known[0], true_ids))
        data["tracker_ids"].append(np.searchsorted(known[1], said_ids))
        data["similarity_scores"].append(overlap)
    return data | {
        "num_gt_ids": len(known[0]),
        "num_tracker_ids": len(known[1]),
        "num_gt_dets": truth.height,
        "num_tracker_dets": predictions.height,
    }


def quietly(metric):
    return metric({"PRINT_CONFIG": False}) if metric is not HOTA else metric()


def assert_equal(ours, theirs):
    for key, value in theirs.items():
        if isinstance(value, float) and np.isnan(value):
            assert ours[key] in (None, 0.0), key
        elif isinstance(value, float):
            assert ours[key] == pytest.approx(value, abs=1e-12), key
        else:
            assert ours[key] == value, key


@settings(max_examples=60, deadline=None)
@given(truth=tracks(), predictions=tracks())
def test_every_figure_is_that_of_motmetrics(truth, predictions):
    if not truth.height:
        return
    ours = evaluate_tracks(truth, predictions, ["player"], FRAMES)["player"]
    assert_equal(ours, with_motmetrics(truth, predictions, FRAMES))


@settings(max_examples=40, deadline=None)
@given(truth=tracks(), predictions=tracks())
def test_identity_and_hota_are_those_of_trackeval(truth, predictions):
    if not truth.height:
        return
    ours = evaluate_tracks(truth, predictions, ["player"], FRAMES)["player"]
    data = for_trackeval(truth, predictions, FRAMES)
    identity, hota = (quietly(metric).eval_sequence(data) for metric in (Identity, HOTA))
    for key in ("IDF1", "IDP", "IDR"):
        assert ours[key] == pytest.approx(identity[key]), key
    for key in ("HOTA", "DetA", "AssA"):
        assert ours[key] == pytest.approx(np.mean(hota[key])), key
    assert (1.0 if ours["LocA"] is None else ours["LocA"]) == pytest.approx(np.mean(hota["LocA"]))


@settings(max_examples=30, deadline=None)
@given(first=tracks(), second=tracks(), said=tracks(), other=tracks())
def test_videos_are_combined_as_by_trackeval(first, second, said, other):
    if not first.height or not second.height:
        return
    ours = evaluate_videos(
        {"a": TrackedVideo(first, said, FRAMES), "b": TrackedVideo(second, other, FRAMES)}, ["player"]
    ).combined["overall"]
    data = {"a": for_trackeval(first, said, FRAMES), "b": for_trackeval(second, other, FRAMES)}
    for metric, keys in ((HOTA, ("HOTA", "DetA", "AssA")), (Identity, ("IDF1", "IDP", "IDR"))):
        each = {name: quietly(metric).eval_sequence(sequence) for name, sequence in data.items()}
        combined = quietly(metric).combine_sequences(each)
        for key in keys:
            assert ours[key] == pytest.approx(np.mean(combined[key])), key


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_overall_is_what_the_libraries_say_of_all_labels_at_once(seed):
    """Nothing matches across labels, so that the labels' sums are the whole's."""
    random = np.random.default_rng(seed)
    truth, predictions = (random_tracks(random, ("player", "ball")) for _ in range(2))
    ours = evaluate_tracks(truth, predictions, ["player", "ball"], FRAMES)["overall"]
    assert_equal(ours, with_motmetrics(truth, predictions, FRAMES))
    hota = compute_hota_metrics(*zip(*by_frame(truth, predictions, FRAMES), strict=True))
    assert_equal(ours, {key: hota[key] for key in ("HOTA", "DetA", "AssA", "LocA")})


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_overlaps_are_those_of_the_boxes_table(seed):
    random = np.random.default_rng(seed)
    truth, predictions = (random_tracks(random, ("player",)) for _ in range(2))
    pairs = pair(truth, predictions, np.arange(FRAMES), minimum_visibility=0.0, iou_threshold=0.5)
    for frame, (_, _, overlap) in enumerate(by_frame(truth, predictions, FRAMES)):
        np.testing.assert_array_equal(pairs.overlap_of(frame), overlap)


def test_a_long_game_is_counted_as_by_motmetrics_and_trackers_eval():
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
    assert_equal(ours, with_motmetrics(truth, predictions, 59))
    arrays = list(zip(*by_frame(truth, predictions, 59), strict=True))
    clear = compute_clear_metrics(*arrays, threshold=0.5)
    identity = compute_identity_metrics(*arrays, threshold=0.5)
    assert ours["MOTA"] == pytest.approx(clear["MOTA"])
    assert ours["MOTP"] == pytest.approx(clear["MOTP"])
    assert ours["switches"] == clear["IDSW"] > 0
    assert (ours["false_positives"], ours["false_negatives"]) == (clear["CLR_FP"], clear["CLR_FN"])
    assert [ours["mostly_tracked"], ours["partially_tracked"]] == [clear["MT"], clear["PT"]]
    assert ours["IDF1"] == pytest.approx(identity["IDF1"])


@pytest.mark.parametrize(
    ("truth", "predictions", "key", "of_motmetrics", "theirs", "of_trackeval"),
    [
        # Missed on frame 2, then its old identity overlaps by 0.67 and a new one by 0.82: kept here, changed there.
        (
            walk(1, range(4)),
            [*walk(7, range(2)), box(2, 90.0, 9), box(3, 2.0, 7), box(3, 1.0, 8)],
            "switches", 0, "IDSW", 1,
        ),
        # Found in exactly 4 of 5 boxes.
        (walk(1, range(5)), walk(7, range(4)), "mostly_tracked", 1, "MT", 0),
        # The truth has no box on frame 2, where another one is: no miss here, a fragmentation there.
        (
            [*walk(1, [0, 1, 3, 4]), *walk(2, range(5), x=50)],
            [*walk(7, [0, 1, 3, 4]), *walk(8, range(5), x=50)],
            "fragmentations", 0, "Frag", 1,
        ),
        # Three pairs of 0.54 or two of 0.82 and 1: as many as possible here, as much overlap as possible there.
        (
            [box(0, 0.0, 1), box(0, 3.0, 2), box(0, 6.0, 3)],
            [box(0, 3.0, 7), box(0, 6.0, 8), box(0, 9.0, 9)],
            "false_negatives", 0, "CLR_FN", 1,
        ),
    ],
    ids=["carried over a gap", "mostly tracked", "gap in the truth", "most matches or most overlap"],
)  # fmt: skip
def test_where_trackevals_clear_differs(truth, predictions, key, of_motmetrics, theirs, of_trackeval):
    truth, predictions = table(*truth), table(*predictions)
    frames = truth["frame"].max() + 1
    assert evaluate_tracks(truth, predictions, ["player"], frames)["player"][key] == of_motmetrics
    assert with_motmetrics(truth, predictions, frames)[key] == of_motmetrics
    assert quietly(CLEAR).eval_sequence(for_trackeval(truth, predictions, frames))[theirs] == of_trackeval
    arrays = list(zip(*by_frame(truth, predictions, frames), strict=True))
    assert compute_clear_metrics(*arrays, threshold=0.5)[theirs] == of_trackeval
