"""The sentences say what the reports say, and only that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.metrics.remarks import remark_on_gain, remarks_on_labels, remarks_on_test

METRICS = {
    "mAP50": 0.8904,
    "mAP50-95": 0.552,
    "mAP50_interval": [0.83, 0.93],
    "precision": 0.95,
    "recall": 0.9,
    "f1": 0.924,
    "confidence": 0.314,
    "full_precision_confidence": 0.73,
    "confusion": {"tp": 213, "fp": 12, "fn": 7},
    "images": 131,
    "labels": {"ball": {"mAP50": 0.75}, "player": {"mAP50": 0.97}, "rim": {"mAP50": None}},
}
TRAINED = {
    "detector": "yolov8n",
    "teacher": "yolo_n_100",
    "images": {"train": 185, "val": 35},
    "human_images": 120,
    "epochs": [
        {"epoch": 1, "train_box_loss": 2.0, "train_class_loss": 1.0, "val_box_loss": 2.0, "val_class_loss": 1.0},
        {"epoch": 2, "train_box_loss": 1.0, "train_class_loss": 0.5, "val_box_loss": 1.5, "val_class_loss": 1.0},
    ],
}
LABELS = {
    "before": {"precision": 0.8, "recall": 0.6, "f1": 0.686},
    "after": {"precision": 0.9, "recall": 0.65, "f1": 0.755},
    "accepted": True,
    "rejected": False,
    "champion": "yolo_n_200",
    "comparison": {"with": "yolo_n_100", "difference": 0.02, "low": -0.01, "high": 0.05},
}


def test_a_round_is_told_from_its_images_to_its_losses():
    assert remarks_on_test("yolo_n_200", METRICS, TRAINED) == [
        "yolo_n_200 learned for 2 epochs from 185 images, 85 labelled by hand and 100 by yolo_n_100.",
        "On 131 test frames it reaches mAP50 0.890 (95% interval 0.830 to 0.930) and mAP50-95 0.552.",
        "Its F1 is highest, 0.924, at a confidence of 0.314, with precision 0.950 and recall 0.900: it finds 213 of "
        "220 boxes, and reports 12 false ones.",
        "From a confidence of 0.730 on everything it finds is right.",
        "The hardest label is ball (AP50 0.750), the easiest player (0.970).",
        "Training loss went from 3.00 to 1.50, validation loss from 3.00 to 2.50; no overfitting shows.",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"full_precision_confidence": None}, "There is no confidence from which on everything it finds is right."),
        ({"mAP50_interval": None, "images": 1}, "On 1 test frame it reaches mAP50 0.890 and mAP50-95 0.552."),
        ({"confusion": {"tp": 1, "fp": 1, "fn": 0}}, "it finds 1 of 1 box, and reports 1 false one."),
        ({"confusion": {"tp": 9, "fp": 0, "fn": 1}}, "it finds 9 of 10 boxes, and reports no false one."),
    ],
)
def test_what_a_test_set_may_say_otherwise(changes, said):
    assert any(said in sentence for sentence in remarks_on_test("r", METRICS | changes, TRAINED))


def test_of_labels_that_are_equally_hard_none_is_the_hardest():
    equal = {"labels": {"ball": {"mAP50": 0.9}, "player": {"mAP50": 0.9}}}
    assert not any("hardest" in sentence for sentence in remarks_on_test("r", METRICS | equal, TRAINED))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"epochs": []}, "r was not trained: yolov8n is scored as it is."),
        ({"teacher": "gold", "human_images": 220}, "r learned for 2 epochs from 185 images, all labelled by hand."),
        ({"human_images": 35}, "from 185 images, all labelled by yolo_n_100."),
        ({"images": {"train": 0, "val": 0}, "human_images": 0, "epochs": []}, "r was not trained"),
        ({"images": None}, "r was trained for 2 epochs."),
        (
            {
                "epochs": [
                    {"train_loss": 2.0 - number, "val_loss": value} for number, value in enumerate((2.0, 1.0, 1.5))
                ]
            },
            "validation loss from 2.00 to 1.50; it was lowest after 2 epochs and has risen since.",
        ),
    ],
)
def test_what_a_training_may_say_otherwise(changes, said):
    assert any(said in sentence for sentence in remarks_on_test("r", METRICS, TRAINED | changes))


def test_a_rejected_round_says_so_first():
    rejected = {"rejected": True, "champion": "yolo_n_100"}
    rejected["comparison"] = {"with": "yolo_n_100", "difference": -0.2, "low": -0.3, "high": -0.1}
    assert remarks_on_labels("yolo_n_200", LABELS | rejected) == [
        "Rejected: in the audit its labels (F1 0.755, precision 0.900, recall 0.650) are worse than those of "
        "yolo_n_100 by more than noise: F1 −0.200, 95% interval −0.300 to −0.100. yolo_n_100 stays the champion, and "
        "its labels are used."
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {},
            [
                "In the audit its labels (F1 0.755, precision 0.900, recall 0.650) are not worse than those of "
                "yolo_n_100 by more than noise: F1 +0.020, 95% interval −0.010 to +0.050. yolo_n_200 became the "
                "champion."
            ],
        ),
        (
            {"comparison": {"with": "a", "difference": 0.03, "low": 0.01, "high": 0.05}, "before": {}},
            [
                "In the audit its labels (F1 0.755, precision 0.900, recall 0.650) are better than those of a by more "
                "than noise: F1 +0.030, 95% interval +0.010 to +0.050. yolo_n_200 became the champion."
            ],
        ),
        (
            {"comparison": None, "champion": None, "accepted": False},
            [
                "Its labels were audited (F1 0.686, precision 0.800, recall 0.600).",
                "Refining them did not help, so the plain ones are used.",
            ],
        ),
        (
            {"before": {"f1": None}, "after": {"f1": None}, "accepted": None, "comparison": None},
            ["Its labels could not be audited: no person labelled a frame to compare them with."],
        ),
    ],
)
def test_other_verdicts(changes, said):
    assert remarks_on_labels("yolo_n_200", LABELS | changes) == said


def test_a_round_without_labels_says_nothing_of_them():
    assert remarks_on_labels("r", {}) == []


@pytest.mark.parametrize(
    ("difference", "interval", "said"),
    [
        (0.02, (0.01, 0.03), "Its mAP50 is 0.020 higher than that of a, by more than noise: the 95% interval"),
        (-0.02, (-0.03, -0.01), "Its mAP50 is 0.020 lower than that of a, by more than noise"),
        (0.02, (-0.01, 0.05), "which may be noise: the 95% interval of the difference is −0.010 to +0.050."),
        (0.0001, None, "Its mAP50 is that of a."),
    ],
)
def test_a_gain_is_certain_only_where_its_interval_leaves_out_zero(difference, interval, said):
    assert said in remark_on_gain("a", difference, interval)


@given(st.sets(st.sampled_from(sorted(METRICS))), st.sets(st.sampled_from(sorted(TRAINED))), st.booleans())
def test_whatever_is_missing_or_null_costs_its_sentence_alone(metrics, trained, null):
    """No report of a round, however empty, breaks the page, and none makes a sentence of null."""

    def without(values, keys):
        return {key: None if key in keys else value for key, value in values.items() if null or key not in keys}

    sentences = remarks_on_test("r", without(METRICS, metrics), without(TRAINED, trained))
    assert all("None" not in sentence and sentence.endswith(".") for sentence in sentences)
    if "mAP50" not in metrics:
        assert any("mAP50 0.890" in sentence for sentence in sentences)
