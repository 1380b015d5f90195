"""Detection scores: exact small cases, and parity with two other implementations."""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.metrics.bootstrap import bootstrap_scores, paired_interval
from courtside.metrics.confusion import normalize
from courtside.metrics.curves import CONFIDENCE_POINTS
from courtside.metrics.detection import evaluate_detections
from courtside.metrics.matching import IGNORED, NOTHING, match_boxes

LABELS = ("ball", "player", "referee")


def box(frame, x, label="ball", score=1.0, *, y=0.0, width=10.0, height=10.0, visibility=None, video="game"):
    return {
        "video": video,
        "frame": frame,
        "x1": x,
        "y1": y,
        "x2": x + width,
        "y2": y + height,
        "label": label,
        "score": score,
        "source": "test",
        "visibility": visibility,
    }


def table(*rows):
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA)) if rows else boxes_table.empty()


def test_set(count):
    return pl.DataFrame({"video": ["game"] * count, "frame": range(count)}, schema_overrides={"frame": pl.Int32})


test_set.__test__ = False


def random_game(seed, frames=60, labels=LABELS, counts=(1, 6, 2)):
    """Truth, noisy predictions with confusions and false alarms, and the frames in shots of ten."""
    random = np.random.default_rng(seed)
    truth, predictions = [], []
    for frame in range(frames):
        for label, count in zip(labels, counts, strict=True):
            width, height = (12.0, 12.0) if label == "ball" else (40.0, 90.0)
            for _ in range(count):
                x, y = random.uniform(0, 1100), random.uniform(0, 600)
                truth.append(box(frame, x, label, y=y, width=width, height=height, visibility=random.uniform(0, 1)))
                if random.random() < 0.85:
                    dx, dy, dw, dh = random.normal(0, 0.08, 4) * [width, height, width, height]
                    called = label if random.random() < 0.9 else labels[-1]
                    predictions.append(
                        box(frame, x + dx, called, random.beta(5, 2), y=y + dy, width=width + dw, height=height + dh)
                    )
            for _ in range(random.poisson(0.5 * count)):
                x, y = random.uniform(0, 1100), random.uniform(0, 600)
                predictions.append(box(frame, x, label, random.beta(2, 5), y=y, width=width, height=height))
    listed = test_set(frames).with_columns(shot=pl.col("frame") // 10)
    return table(*truth), table(*predictions), listed


def test_a_perfect_detector_scores_one_everywhere():
    truth = table(box(0, 0), box(1, 50), box(1, 100, "player"))
    scores = evaluate_detections(truth, truth, test_set(3), ("ball", "player"))
    values = scores.to_dict()
    assert values["mAP50"] == values["mAP50-95"] == values["precision"] == values["recall"] == values["f1"] == 1.0
    assert values["confusion"] == {"tp": 3, "fp": 0, "fn": 0}
    assert values["images"] == 3
    assert scores.confusion.tolist() == [[2, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_average_precision_by_hand():
    # Two truths; hit at 0.9, miss at 0.8, hit at 0.7: precision 1 up to recall 0.5 (51 points), then 2/3 (50 points).
    truth = table(box(0, 0), box(1, 0))
    predictions = table(box(0, 0, score=0.9), box(0, 500, score=0.8), box(1, 0, score=0.7))
    scores = evaluate_detections(truth, predictions, test_set(2), ["ball"])
    assert scores.mean_average_precision_50 == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert scores.confidence == pytest.approx(0.7)  # all three: F1 0.8, against 2/3 with the first alone
    assert (scores.precision, scores.recall, scores.f1) == pytest.approx((2 / 3, 1.0, 0.8))


def test_an_iou_of_just_the_threshold_hits():
    # Shifted by a third of its width: intersection 20/3, union 40/3, IoU exactly 0.5 (in numbers that are exact).
    truth, predictions = table(box(0, 0, width=12)), table(box(0, 4, width=12))
    scores = evaluate_detections(truth, predictions, test_set(1), ["ball"])
    assert scores.labels[0].average_precision.tolist() == [1.0] + [0.0] * 9


def test_one_true_box_is_hit_once():
    # Two predictions on one ball: the surer one is right, the other false.
    truth, predictions = table(box(0, 0)), table(box(0, 1, score=0.5), box(0, 0, score=0.6))
    scores = evaluate_detections(truth, predictions, test_set(1), ["ball"], confidence=0.1)
    assert scores.to_dict()["confusion"] == {"tp": 1, "fp": 1, "fn": 0}


def test_the_surer_prediction_chooses_first_and_takes_the_nearest():
    truth = table(box(0, 0), box(0, 3))
    predictions = table(box(0, 2, score=0.9), box(0, 1, score=0.8))
    match = match_boxes(truth, predictions, test_set(1), ["ball"], iou_thresholds=[0.5])[0]
    assert match.hits[:, 0].tolist() == [1, 0]


@pytest.mark.parametrize(
    ("predictions", "confusion"),
    [
        ([], {"tp": 0, "fp": 0, "fn": 1}),  # missing a hidden ball costs nothing; the seen one is missed
        ([box(0, 0, score=0.9)], {"tp": 0, "fp": 0, "fn": 1}),  # hitting it earns nothing
        ([box(0, 0, score=0.9), box(0, 1, score=0.8)], {"tp": 0, "fp": 0, "fn": 1}),  # nor does hitting it twice
        ([box(0, 100, score=0.9)], {"tp": 1, "fp": 0, "fn": 0}),  # the seen one counts
        ([box(0, 300, score=0.9)], {"tp": 0, "fp": 1, "fn": 1}),  # a box on nothing is false
    ],
)
def test_hardly_visible_truth_is_ignored(predictions, confusion):
    truth = table(box(0, 0, visibility=0.2), box(0, 100, visibility=0.3))
    scores = evaluate_detections(
        truth, table(*predictions), test_set(1), ["ball"], confidence=0.5, minimum_visibility=0.3
    )
    assert scores.to_dict()["confusion"] == confusion


def test_a_visible_box_is_preferred_to_an_ignored_one_that_overlaps_more():
    truth = table(box(0, 0, visibility=0.1), box(0, 2, visibility=1.0))
    match = match_boxes(truth, table(box(0, 0, score=0.9)), test_set(1), ["ball"], minimum_visibility=0.5)[0]
    # IoU 2/3 with the visible one up to 0.65; above that only the ignored one is overlapped enough.
    assert match.hits[0].tolist() == [1] * 4 + [IGNORED] * 6


def test_predictions_on_other_frames_and_videos_take_no_part():
    truth = table(box(0, 0), box(7, 0))
    predictions = table(box(0, 0, score=0.9), box(7, 0, score=0.9), box(0, 300, score=0.9, video="other"))
    values = evaluate_detections(truth, predictions, test_set(2), ["ball"], confidence=0.5).to_dict()
    assert values["confusion"] == {"tp": 1, "fp": 0, "fn": 0}


def test_a_false_alarm_on_a_frame_without_a_ball_counts():
    values = evaluate_detections(
        table(box(0, 0)), table(box(0, 0, score=0.9), box(1, 0, score=0.9)), test_set(2), ["ball"], confidence=0.5
    ).to_dict()
    assert (values["precision"], values["recall"]) == (0.5, 1.0)


def test_only_the_best_detections_of_a_frame_take_part():
    predictions = table(*(box(0, 100.0 * number, score=0.9 - number / 1000) for number in range(5)))
    match = match_boxes(table(box(0, 400)), predictions, test_set(1), ["ball"], maximum_detections=4)[0]
    assert len(match.scores) == 4
    assert (match.hits == NOTHING).all()  # the fifth would have been right


def test_labels_that_the_truth_has_not_do_not_enter_the_means():
    truth, predictions = table(box(0, 0)), table(box(0, 0, score=0.9), box(0, 50, "referee", 0.9))
    scores = evaluate_detections(truth, predictions, test_set(1), ("ball", "referee"), confidence=0.5)
    values = scores.to_dict()
    assert values["mAP50"] == values["precision"] == values["f1"] == 1.0
    assert values["labels"]["referee"]["mAP50"] is None
    assert values["labels"]["referee"]["confusion"] == {"tp": 0, "fp": 1, "fn": 0}
    assert values["confusion"] == {"tp": 1, "fp": 1, "fn": 0}
    assert scores.curves.labels == ("ball",)


def test_confusion_matrix():
    truth = table(box(0, 0), box(0, 100, "player"), box(0, 200, "player"), box(0, 300, "player"))
    predictions = table(
        box(0, 0, score=0.9),  # right
        box(0, 100, "referee", 0.9),  # a player taken for a referee
        box(0, 200, "player", 0.9),  # right
        box(0, 201, "referee", 0.9),  # a second opinion on a player that is found: false alarm
        box(0, 300, "player", 0.1),  # not sure enough: missed
    )
    scores = evaluate_detections(truth, predictions, test_set(1), LABELS, confidence=0.5)
    assert scores.confusion.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 1, 0, 1], [0, 1, 0, 0]]
    assert scores.normalized_confusion[:, 1] == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3])
    assert normalize(np.zeros((2, 2), dtype=np.int64)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_no_prediction_at_all():
    scores = evaluate_detections(table(box(0, 0)), table(), test_set(1), ["ball"])
    values = scores.to_dict()
    assert (values["mAP50"], values["precision"], values["recall"], values["f1"]) == (0.0, 0.0, 0.0, 0.0)
    assert values["full_precision_confidence"] is None
    json.dumps(values, allow_nan=False)


@pytest.mark.parametrize(
    ("scored", "expected"),
    [
        ([(0.9, True), (0.8, False), (0.7, True)], 0.9),  # the false one shuts out all below it
        ([(0.9, True), (0.8, True)], 0.8),  # nothing is false: the lowest score
        ([(0.9, False), (0.8, True)], None),  # the surest is false
        ([(0.8, True), (0.8, False)], None),  # a tie is no safe threshold
    ],
)
def test_confidence_of_full_precision(scored, expected):
    truth = table(*(box(frame, 0) for frame in range(len(scored))))
    predictions = table(*(box(frame, 0 if right else 500, score=score) for frame, (score, right) in enumerate(scored)))
    found = evaluate_detections(truth, predictions, test_set(len(scored)), ["ball"]).curves.full_precision_confidence
    assert found == (None if expected is None else pytest.approx(expected))


def test_user_mistakes():
    with pytest.raises(UserError, match="no frames"):
        evaluate_detections(table(box(0, 0)), table(), test_set(0), ["ball"])
    with pytest.raises(UserError, match="none of the labels ball, basket"):
        evaluate_detections(table(box(0, 0, "player")), table(), test_set(1), ["ball", "basket"])
    with pytest.raises(UserError, match=r"visibility of at least 0.5"):
        evaluate_detections(table(box(0, 0, visibility=0.4)), table(), test_set(1), ["ball"], minimum_visibility=0.5)
    with pytest.raises(ValueError, match="once each"):
        evaluate_detections(table(box(0, 0)), table(), test_set(1), ["ball", "ball"])
    with pytest.raises(ValueError, match="twice"):
        evaluate_detections(table(box(0, 0)), table(), pl.concat([test_set(1), test_set(1)]), ["ball"])


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_counts_agree_everywhere(seed):
    truth, predictions, frames = random_game(seed, frames=8)
    scores = evaluate_detections(truth, predictions, frames, LABELS, minimum_visibility=0.3)
    used = predictions.filter(pl.col("score").cast(pl.Float64) >= scores.confidence)
    for number, label in enumerate(scores.labels):
        assert scores.confusion[number, number] == label.true_positives
        assert scores.confusion[number].sum() == label.true_positives + label.false_positives
        assert scores.confusion[:, number].sum() == label.truths == label.true_positives + label.false_negatives
        assert label.true_positives + label.false_positives <= used.filter(pl.col("label") == label.label).height
        assert (np.diff(label.average_precision) <= 1e-12).all()  # a stricter overlap never scores higher
    # The order of rows plays no part where no scores are equal.
    shuffled = evaluate_detections(
        truth.sample(fraction=1, shuffle=True, seed=seed),
        predictions.sample(fraction=1, shuffle=True, seed=seed),
        frames,
        LABELS,
        minimum_visibility=0.3,
    )
    assert shuffled.to_dict() == scores.to_dict()
    json.dumps(scores.to_dict(), allow_nan=False)


def test_the_chosen_confidence_is_the_best_there_is():
    truth, predictions, frames = random_game(3)
    best = evaluate_detections(truth, predictions, frames, LABELS)
    tried = [
        evaluate_detections(truth, predictions, frames, LABELS, confidence=score).f1
        for score in np.linspace(0.02, 0.98, 25)
    ]
    assert best.f1 >= max(tried)
    at_it = evaluate_detections(truth, predictions, frames, LABELS, confidence=best.confidence)
    assert at_it.to_dict() == best.to_dict()


@pytest.mark.parametrize("seed", range(3))
def test_average_precision_agrees_with_supervision(seed):
    # supervision.metrics.MeanAveragePrecision is a port of pycocotools, written by others.
    import supervision
    from supervision.metrics import MeanAveragePrecision

    truth, predictions, frames = random_game(seed)

    def per_frame(source):
        result = []
        for frame in frames["frame"]:
            rows = source.filter(pl.col("frame") == frame)
            result.append(
                supervision.Detections(
                    xyxy=boxes_table.corners(rows),
                    class_id=np.array([LABELS.index(label) for label in rows["label"]], dtype=int),
                    confidence=rows["score"].to_numpy(),
                )
            )
        return result

    other = MeanAveragePrecision().update(per_frame(predictions), per_frame(truth)).compute()
    ours = evaluate_detections(truth, predictions, frames, LABELS)
    assert ours.mean_average_precision_50 == pytest.approx(other.map50, abs=1e-6)
    assert ours.mean_average_precision_50_95 == pytest.approx(other.map50_95, abs=1e-6)
    for label, theirs in zip(ours.labels, other.ap_per_class, strict=True):
        assert label.average_precision == pytest.approx(theirs, abs=1e-6)


def test_curves_agree_with_ultralytics(monkeypatch, tmp_path):
    # Ultralytics interpolates between scores on a grid of 1000; where scores lie on its grid both must be equal.
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))
    from ultralytics.utils.metrics import ap_per_class

    truth, predictions, frames = random_game(5)
    random = np.random.default_rng(0)
    grid = random.permutation(np.arange(1, 999))[: predictions.height] / 999
    predictions = predictions.with_columns(pl.Series("score", grid, dtype=pl.Float32))
    matches = match_boxes(truth, predictions, frames, LABELS)
    scores = np.concatenate([match.scores for match in matches])
    theirs = ap_per_class(
        np.concatenate([match.hits >= 0 for match in matches]),
        scores,
        np.concatenate([np.full(len(match.scores), number) for number, match in enumerate(matches)]),
        np.concatenate([np.full(match.truths, number) for number, match in enumerate(matches)]),
    )
    average_precision, precision, recall, f1 = theirs[5], theirs[7], theirs[8], theirs[9]
    ours = evaluate_detections(truth, predictions, frames, LABELS)
    for number, match in enumerate(matches):
        # Theirs integrates by trapezoids, ours takes the mean of the 101 points: about half a point's width apart.
        assert ours.labels[number].average_precision == pytest.approx(average_precision[number], abs=0.02)
        for score in match.scores[::15]:
            at = round(float(score) * 999)
            there = evaluate_detections(truth, predictions, frames, LABELS, confidence=float(score)).labels[number]
            assert there.precision == pytest.approx(precision[number, at], abs=1e-4)
            assert there.recall == pytest.approx(recall[number, at], abs=1e-4)
            assert there.f1 == pytest.approx(f1[number, at], abs=1e-4)


def test_curves_are_the_scores_at_each_confidence():
    truth, predictions, frames = random_game(6, frames=20)
    curves = evaluate_detections(truth, predictions, frames, LABELS).curves
    for point in (0, 250, 500, 900):
        scores = evaluate_detections(truth, predictions, frames, LABELS, confidence=CONFIDENCE_POINTS[point])
        assert curves.f1[:, point] == pytest.approx([label.f1 for label in scores.labels])
        assert curves.recall[:, point] == pytest.approx([label.recall for label in scores.labels])
    plain = curves.to_dict()
    json.dumps(plain, allow_nan=False)
    assert list(plain) == list(LABELS)
    assert plain["ball"]["confidence"][50] == 0.25
    assert plain["ball"]["f1"][50] == pytest.approx(curves.f1[0, 250], abs=1e-5)
    assert np.mean(plain["ball"]["precision"]) == pytest.approx(curves.average_precision[0], abs=1e-5)
    assert curves.average_precision == pytest.approx([label.average_precision[0] for label in scores.labels])


def test_bootstrap_equals_scoring_the_drawn_frames():
    # Every resample, built for real from copies of its shots, must score what the weights say.
    truth, predictions, frames = random_game(1, frames=40)
    found = bootstrap_scores(truth, predictions, frames, LABELS, resamples=5, seed=7).interval(0.5)
    draws = np.random.default_rng(7).multinomial(4, np.full(4, 1 / 4), size=5)
    values = []
    for draw in draws:
        parts = {"truth": [], "predictions": [], "frames": []}
        for shot, times in enumerate(draw):
            for copy in range(times):
                name = pl.lit(f"game{copy}").alias("video")
                inside = pl.col("frame") // 10 == shot
                parts["truth"].append(truth.filter(inside).with_columns(name))
                parts["predictions"].append(predictions.filter(inside).with_columns(name))
                parts["frames"].append(frames.filter(inside).with_columns(name))
        drawn = [pl.concat(tables) for tables in parts.values()]
        values.append(evaluate_detections(*drawn, LABELS).mean_average_precision_50)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(values, [0.25, 0.75])), abs=1e-9)
    assert (found.groups, found.resamples) == (4, 5)


def test_bootstrap_of_shots_is_wider_than_of_frames_when_shots_differ():
    # Half of the shots are found without fault, half not at all: frames pretend to know more than shots do.
    truth = table(*(box(frame, 0) for frame in range(40)))
    predictions = table(*(box(frame, 0, score=0.9) for frame in range(40) if frame // 10 % 2))
    frames = test_set(40).with_columns(shot=pl.col("frame") // 10)
    of_shots = bootstrap_scores(truth, predictions, frames, ["ball"], "shot").interval()
    of_frames = bootstrap_scores(truth, predictions, frames, ["ball"], "frame").interval()
    assert of_shots.high - of_shots.low > 1.5 * (of_frames.high - of_frames.low)
    assert of_shots.low <= 0.5 <= of_shots.high


def test_two_detectors_are_compared_on_the_same_drawn_test_sets():
    # Either misses the same shots; one misses a frame of each of the others besides. Alone, their scores scatter far
    # more than the one is better than the other, and draw by draw it always is.
    truth = table(*(box(frame, 0) for frame in range(80)))
    found = [frame for frame in range(80) if frame // 10 % 2]
    frames = test_set(80).with_columns(shot=pl.col("frame") // 10)
    worse, better = (
        bootstrap_scores(truth, table(*(box(frame, 0, score=0.9) for frame in kept)), frames, ["ball"], seed=3)
        for kept in ([frame for frame in found if frame % 10], found)
    )
    assert worse.interval().high > better.interval().low
    low, high = paired_interval(worse.values, better.values)
    assert 0 < low < high
    assert paired_interval(better.values, worse.values) == pytest.approx((-high, -low))
    assert paired_interval(better.values, better.values) == (0, 0)
    with pytest.raises(ValueError, match="same draws"):
        paired_interval(better.values, better.values[:-1])


def test_draws_without_a_true_box_take_no_part_in_a_comparison():
    values = np.array([np.nan, 0.5, 0.6])
    assert paired_interval(values, values + 0.1) == pytest.approx((0.1, 0.1))
    assert paired_interval(np.array([np.nan]), np.array([np.nan])) is None


def test_bootstrap_needs_two_groups():
    frames = test_set(3).with_columns(shot=pl.lit(0))
    assert bootstrap_scores(table(box(0, 0)), table(), frames, ["ball"]) is None
