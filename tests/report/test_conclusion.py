"""The sentences say what the numbers say, good and bad."""

import json

import pytest

from courtside.report.collect import collect
from courtside.report.conclusion import compare_splits
from courtside.report.content import SplitScore


def change(path, **values):
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def round_file(root, name):
    return root / f"reports/evaluate/{name}/metrics.json"


def texts(root, settings, good):
    return [finding.text for finding in collect(root, settings).findings if finding.good is good]


def test_the_conclusion_names_round_labels_score_and_chain(root, settings):
    assert collect(root, settings).conclusion == (
        "yolo_n_400 finds the ball, players and referees with mAP50 0.890 on one video no round ever saw; "
        "each round labelled the data for the next."
    )


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        (["ball"], "yolo_n_400 finds players and referees, but not the ball, with mAP50 0.890 on one video"),
        (["ball", "player", "referee"], "yolo_n_400 does not find the ball, players and referees yet with mAP50 0.890"),
    ],
)
def test_what_is_hardly_ever_found_is_not_called_found(root, settings, lost, said):
    path = round_file(root, "yolo_n_400")
    labels = json.loads(path.read_text())["labels"]
    low = dict.fromkeys(("AP50", "mAP50"), 0.1)
    change(path, labels={name: scores | (low if name in lost else {}) for name, scores in labels.items()})
    assert collect(root, settings).conclusion.startswith(said)


def test_nothing_is_called_unseen_when_frames_leaked(root, settings):
    change(root / "reports/split/metrics.json", leaks=3)
    assert "on one video kept for testing" in collect(root, settings).conclusion
    (leak,) = [text for text in texts(root, settings, good=False) if "near-twin" in text]
    assert leak.startswith("3 test frames")


def test_a_chain_whose_rounds_all_learned_from_people_is_not_called_one(root, settings):
    change(root / "reports/train/yolo_n_400/metrics.json", teacher="gold")
    assert "labelled the data" not in collect(root, settings).conclusion


@pytest.mark.parametrize(
    ("first", "first_interval", "good", "said"),
    [
        (0.69, [0.63, 0.73], True, "mAP50 rose from 0.690 (yolo_n_100) to 0.890 (yolo_n_400), with intervals apart."),
        (0.69, None, True, "mAP50 rose from 0.690 (yolo_n_100) to 0.890 (yolo_n_400)."),
        (0.85, [0.8, 0.9], False, "the 95% intervals overlap"),
        (0.91, [0.8, 0.99], False, "The chain did not help: mAP50 went from 0.910 (yolo_n_100) to 0.890"),
    ],
)
def test_a_gain_is_claimed_only_where_there_is_one(root, settings, first, first_interval, good, said):
    (root / "reports/evaluate/yolo_n_100/resamples.json").unlink()
    change(round_file(root, "yolo_n_100"), mAP50=first, mAP50_interval=first_interval)
    assert any(said in text for text in texts(root, settings, good))
    assert not any(said in text for text in texts(root, settings, not good))


@pytest.mark.parametrize(
    ("draws", "good", "said"),
    [
        (
            [0.01 + 0.001 * draw for draw in range(40)],
            True,
            "by more than noise: the 95% interval of the difference is +0.0",
        ),
        (
            [-0.01 + 0.001 * draw for draw in range(40)],
            False,
            "which may be noise: the 95% interval of the difference is −0",
        ),
    ],
)
def test_a_gain_is_certain_where_nearly_all_drawn_test_sets_show_it(root, settings, draws, good, said):
    # However wide the interval of either round is, and here they overlap.
    change(round_file(root, "yolo_n_100"), mAP50=0.88, mAP50_interval=[0.7, 0.95])
    last = json.loads((root / "reports/evaluate/yolo_n_400/resamples.json").read_text())["mAP50"]
    first = [value - draw for value, draw in zip(last, draws, strict=True)]
    change(root / "reports/evaluate/yolo_n_100/resamples.json", mAP50=first)
    assert any("mAP50 rose from 0.880 (yolo_n_100)" in text and said in text for text in texts(root, settings, good))
    assert not any("mAP50 rose" in text for text in texts(root, settings, not good))


def test_a_better_earlier_round_is_named(root, settings):
    change(round_file(root, "yolo_n_200"), mAP50=0.95)
    assert "yolo_n_200 scores higher than the final round: mAP50 0.950." in texts(root, settings, good=False)


def test_a_wide_interval_and_missed_balls_are_named(root, settings):
    path = round_file(root, "yolo_n_400")
    labels = json.loads(path.read_text())["labels"]
    labels["ball"] |= {"recall": 0.4, "precision": 0.5, "AP50": 0.3}
    change(path, mAP50_interval=[0.7, 0.95], labels=labels)
    wary = " ".join(texts(root, settings, good=False))
    assert "between 0.700 and 0.950" in wary
    assert "yolo_n_400 misses 60% of the ball boxes at confidence 0.314." in wary
    assert "50% of what yolo_n_400 calls ball" in wary
    assert "The ball is hardest (AP50 0.300), players easiest (0.970)." in wary


def test_refused_labels_an_untrained_classifier_and_bad_tracks_are_named(root, settings):
    empty = dict.fromkeys(("top1", "precision", "recall", "confusion", "mlflow_run_id"))
    (root / "reports/classify/metrics.json").write_text(json.dumps(empty))
    track = root / "reports/track/summit/sort.json"
    change(track, overall={**json.loads(track.read_text())["overall"], "MOTA": -0.2})
    wary = " ".join(texts(root, settings, good=False)).replace("\u00a0", " ")
    assert "yolo_n_200 (F1 0.686 → 0.655) and yolo_n_400 (F1 0.686 → 0.555) did not help" in wary
    assert "classifier was not trained" in wary
    assert "sort makes more mistakes on summit than there are boxes (MOTA −0.200)." in wary


def test_a_rejected_round_is_named_with_its_champion(root, settings):
    change(root / "reports/label/yolo_n_200/metrics.json", rejected=True, champion="yolo_n_100")
    wary = " ".join(texts(root, settings, good=False)).replace("\u00a0", " ")
    assert "The labels of yolo_n_200 are worse than those of yolo_n_100 by more than noise; yolo_n_100 stays" in wary
    assert "yolo_n_200 (F1" not in wary  # that refinement did not help it, too, is beside the point


def test_where_the_last_round_is_rejected_the_champion_is_what_the_page_is_about(root, settings):
    change(root / "reports/label/yolo_n_400/metrics.json", rejected=True, champion="yolo_n_200")
    content = collect(root, settings)
    assert content.final_round == "yolo_n_200"
    assert content.conclusion.startswith("yolo_n_200 finds")


def test_scores_that_do_not_exist_break_no_sentence(root, settings):
    for name in ("yolo_n_100", "yolo_n_200", "yolo_n_400"):
        nothing = {"AP50": None, "AP50-95": None, "precision": None, "recall": None, "f1": None}
        change(
            round_file(root, name),
            mAP50=None,
            mAP50_interval=None,
            confidence=None,
            images=None,
            labels={"ball": nothing},
        )
    assert "with mAP50 – on" in collect(root, settings).conclusion


@pytest.mark.parametrize(
    ("shots", "interval", "at_random", "said"),
    [
        (0.8, (0.7, 0.85), 0.9, ": 0.100 of their score is inflation."),
        (0.8, (0.7, 0.85), 0.84, "cannot show an inflation, nor rule one out."),
        (0.8, (0.7, 0.85), 0.75, "cannot show an inflation, nor rule one out."),
        (0.8, (0.75, 0.85), 0.7, "the shots that validate are the easier ones."),
        (0.8, None, 0.9, "cannot show an inflation, nor rule one out."),  # one shot says nothing about others
        (None, None, None, "among those it learned from."),
    ],
)
def test_what_the_two_splits_say_of_each_other(shots, interval, at_random, said):
    text = compare_splits(SplitScore("shots", 29, shots, interval), SplitScore("random", 29, at_random, None))
    assert text.endswith(said)
