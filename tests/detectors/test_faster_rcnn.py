"""Faster R-CNN trains on a folder, goes on after being killed, and predicts on frames."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from box_pictures import HEIGHT, SETTINGS, WIDTH, KilledError, square_picture, write_picture
from courtside.detectors.build import build_detector, load_detector
from courtside.detectors.faster_rcnn import FasterRCNNDetector
from courtside.detectors.faster_rcnn_network import FasterRCNNNetwork
from courtside.detectors.weights import Weights
from courtside.errors import UserError
from courtside.video.reader import Frame

SMALL = "fasterrcnn_mobilenet_v3_large_320_fpn"
LARGE = "fasterrcnn_resnet50_fpn"
FIGURES = {
    *(f"{split}_{part}_loss" for split in ("train", "val") for part in ("class", "box", "objectness", "proposal")),
    *("precision", "recall", "mAP50", "mAP50-95"),
}


def small(labels=("ball",), initial=None, seed=0):
    return FasterRCNNDetector(SMALL, labels, WIDTH, initial, seed)


def tensors_of(detector):
    return {name: value.clone() for name, value in detector.network.model.state_dict().items()}


def weights_of(detector):
    return Weights(detector.architecture, detector.labels, detector.image_size, tensors_of(detector))


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Two pictures to learn from and one to validate on: a step an epoch."""
    folder = tmp_path_factory.mktemp("few")
    for split, names in (("train", "ab"), ("val", "c")):
        for number, name in enumerate(names):
            left = 20 + 40 * number
            write_picture(folder, split, name, square_picture(left, 30), [(left, 30, left + 24, 54)])
    return folder


@pytest.fixture(scope="module")
def trained(squares, tmp_path_factory):
    work = tmp_path_factory.mktemp("trained") / "work"
    detector, epochs, batches = small(), [], []
    history = detector.fit(
        squares,
        SETTINGS,
        work,
        epochs.append,
        lambda done, total: batches.append((done, total, torch.get_num_threads())),
    )
    return detector, history, epochs, batches, work


def test_fit_tells_of_every_epoch_and_batch(trained):
    _, history, epochs, batches, work = trained
    assert [epoch.number for epoch in history] == [1, 2]
    assert history == epochs
    assert all(set(epoch.figures) == FIGURES for epoch in history)
    assert [(done, total) for done, total, _ in batches] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {threads for _, _, threads in batches} == {1}  # every core there is: see conftest.py
    assert not work.exists()


def test_saved_and_loaded_it_finds_the_same_boxes(trained, tmp_path):
    detector = trained[0]
    detector.save(tmp_path / "w.pt")
    loaded = load_detector(tmp_path / "w.pt")
    assert isinstance(loaded, FasterRCNNDetector)
    assert (loaded.architecture, loaded.labels, loaded.image_size) == (SMALL, ("ball",), WIDTH)
    frames = [Frame(7, 0.0, square_picture(40, 30)), Frame(9, 0.0, np.zeros((2 * HEIGHT, 3 * WIDTH, 3), np.uint8))]
    halved = small(initial=replace_half(detector))  # weights are saved in half precision
    for kept, back in zip(halved.predict(frames, 0.01), loaded.predict(frames, 0.01), strict=True):
        assert len(kept.scores) > 0
        assert np.array_equal(kept.corners, back.corners)
        assert np.array_equal(kept.scores, back.scores)


def replace_half(detector):
    tensors = {
        name: value.half() if value.is_floating_point() else value for name, value in tensors_of(detector).items()
    }
    return Weights(detector.architecture, detector.labels, detector.image_size, tensors)


def test_detections_lie_in_their_frame_in_order(trained):
    sizes = [(HEIGHT, WIDTH), (50, 200), (300, 90)]
    frames = [Frame(5 + number, 0.0, np.zeros((*size, 3), dtype=np.uint8)) for number, size in enumerate(sizes)]
    found = list(trained[0].predict(iter(frames), 0.001))
    assert [entry.frame for entry in found] == [5, 6, 7]
    for entry, (height, width) in zip(found, sizes, strict=True):
        assert entry.corners.dtype == entry.scores.dtype == np.float32
        assert entry.classes.dtype == np.int64
        assert entry.corners.shape == (len(entry.scores), 4)
        assert len(entry.scores) <= 100
        assert (entry.corners >= 0).all()
        assert (entry.corners <= [width, height, width, height]).all()
        assert (entry.corners[:, 2:] > entry.corners[:, :2]).all()
        assert (np.diff(entry.scores) <= 0).all()
        assert set(entry.classes.tolist()) <= {0}


def test_a_killed_training_comes_out_as_one_that_was_not(squares, trained, tmp_path):
    def kill(epoch):
        raise KilledError

    with pytest.raises(KilledError):
        small().fit(squares, SETTINGS, tmp_path / "work", kill)
    resumed, batches, epochs = small(), [], []
    history = resumed.fit(
        squares, SETTINGS, tmp_path / "work", epochs.append, lambda done, total: batches.append((done, total))
    )
    assert [epoch.number for epoch in epochs] == [1, 2]
    assert batches == [(3, 4), (4, 4)]  # the first epoch is not trained again
    assert history == trained[1]
    expected = tensors_of(trained[0])
    assert all(torch.equal(value, expected[name]) for name, value in tensors_of(resumed).items())


def test_other_first_weights_begin_anew(few, tmp_path):
    def kill(epoch):
        raise KilledError

    with pytest.raises(KilledError):
        small().fit(few, SETTINGS, tmp_path / "work", kill)
    batches = []
    with pytest.raises(KilledError):
        small(seed=3).fit(few, SETTINGS, tmp_path / "work", kill, lambda done, total: batches.append(done))
    assert batches == [1]


def test_it_waits_as_long_as_it_should_and_keeps_the_best_epoch(few, tmp_path, monkeypatch):
    values = iter([0.1, 0.5, 0.5, 0.9])
    monkeypatch.setattr(
        "courtside.detectors.faster_rcnn_training.score_boxes",
        lambda *args: {"mAP50": 0.0, "mAP50-95": next(values), "precision": 0.0, "recall": 0.0},
    )
    detector, seen = small(), []
    settings = replace(SETTINGS, epochs=9, patience=1)
    history = detector.fit(few, settings, tmp_path / "work", lambda epoch: seen.append(tensors_of(detector)))
    assert [epoch.number for epoch in history] == [1, 2, 3]
    assert all(torch.equal(value, seen[1][name]) for name, value in tensors_of(detector).items())


@pytest.mark.parametrize(("freeze", "frozen"), [(1, ("backbone.",)), (2, ("backbone.", "rpn."))])
def test_frozen_parts_stay_as_they_were(few, tmp_path, freeze, frozen):
    detector = small(initial=weights_of(small(seed=5)))
    before = tensors_of(detector)
    detector.fit(few, replace(SETTINGS, epochs=1, freeze=freeze), tmp_path / "work", lambda epoch: None)
    for name, value in tensors_of(detector).items():
        assert torch.equal(value, before[name]) == name.startswith(frozen), name


def test_random_weights_are_not_frozen(squares, tmp_path):
    with pytest.raises(UserError, match=r"train\.freeze"):
        small().fit(squares, replace(SETTINGS, freeze=1), tmp_path / "work", lambda epoch: None)


def test_pictures_of_nothing_but_background(tmp_path):
    for split, count in (("train", 3), ("val", 2)):
        for number in range(count):
            shape = (HEIGHT, WIDTH - 16 * number, 3)
            write_picture(tmp_path, split, f"{number}", np.full(shape, 50, np.uint8), [])
    only = replace(SETTINGS, epochs=1, workers=1)
    history = small().fit(tmp_path, only, tmp_path / "work", lambda epoch: None)
    assert history[0].figures["mAP50"] == 0
    assert history[0].figures["train_box_loss"] == 0
    assert all(np.isfinite(list(history[0].figures.values())))


def test_workers_start_where_opencv_has_threads_of_its_own(few, tmp_path):
    # A forked process has none of them, and waits for them forever when it tells them to go.
    cv2.setNumThreads(2)
    for _ in range(20):
        cv2.GaussianBlur(np.zeros((1500, 1500, 3), np.uint8), (15, 15), 3)
    small().fit(few, replace(SETTINGS, epochs=1, workers=1), tmp_path / "work", lambda epoch: None)
    assert cv2.getNumThreads() == 2


def test_anchors_for_balls_are_near_square():
    for labels, low, high in ((("ball",), 0.75, 1.34), (("ball", "player"), 0.4, 2.5)):
        generator = FasterRCNNNetwork(SMALL, labels).model.rpn.anchor_generator
        for anchors in generator.cell_anchors:
            wide, high_ = anchors[:, 2] - anchors[:, 0], anchors[:, 3] - anchors[:, 1]
            assert (high_ / wide > low).all()
            assert (high_ / wide < high).all()


def test_resnet_takes_what_fits_of_the_weights_of_other_classes():
    others = FasterRCNNDetector(LARGE, [f"class_{number}" for number in range(90)], 64, seed=2)
    detector = build_detector(LARGE, ["ball", "player"], 64, weights_of(others))
    own, old = detector.network.model.state_dict(), others.network.model.state_dict()
    assert 0.95 < detector.transferred < 1
    new = {name for name in own if own[name].shape != old[name].shape}
    assert new == {
        f"roi_heads.box_predictor.{part}.{kind}" for part in ("cls_score", "bbox_pred") for kind in ("weight", "bias")
    }
    assert all(torch.equal(own[name], old[name]) for name in set(own) - new)
    found = list(detector.predict([Frame(0, 0.0, np.zeros((48, 64, 3), dtype=np.uint8))], 0.001))
    assert set(found[0].classes.tolist()) <= {0, 1}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"optimizer": "Lion"}, r"train\.optimizer.*Lion.*AdamW"),
        ({"device": "7"}, r"train\.device.*7"),
        ({"lr0": 1e30}, "diverged"),
    ],
)
def test_wrong_settings_are_one_line(squares, tmp_path, change, words):
    with pytest.raises(UserError, match=words):
        small().fit(squares, replace(SETTINGS, **change), tmp_path / "work", lambda epoch: None)


def test_a_damaged_picture_is_one_line(tmp_path):
    for split in ("train", "val"):
        write_picture(tmp_path, split, "a", square_picture(10, 10), [(10, 10, 34, 34)])
    (tmp_path / "images" / "train" / "a.png").write_bytes(b"no picture")
    for workers in (0, 1):
        with pytest.raises(UserError, match=r"a\.png is damaged") as caught:
            small().fit(tmp_path, replace(SETTINGS, workers=workers), tmp_path / "work", lambda epoch: None)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("line", "words"), [("3 0.5 0.5 0.1 0.1", "class 3"), ("0 0.5 0.5", "line 1")])
def test_a_wrong_label_is_one_line(tmp_path, line, words):
    for split in ("train", "val"):
        write_picture(tmp_path, split, "a", square_picture(10, 10), [(10, 10, 34, 34)])
    (tmp_path / "labels" / "train" / "a.txt").write_text(line)
    with pytest.raises(UserError, match=rf"a\.txt.*{words}"):
        small().fit(tmp_path, SETTINGS, tmp_path / "work", lambda epoch: None)


def test_the_same_seed_gives_the_same_random_weights():
    first, again, other = (tensors_of(small(seed=seed))["rpn.head.cls_logits.weight"] for seed in (1, 1, 2))
    assert first.equal(again)
    assert not first.equal(other)
