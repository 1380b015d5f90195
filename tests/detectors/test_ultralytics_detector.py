"""A detector trains on a folder, goes on after being killed, and predicts on frames."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from box_pictures import SETTINGS as PLAIN
from box_pictures import KilledError
from courtside.detectors.build import load_detector
from courtside.detectors.ultralytics_detector import UltralyticsDetector
from courtside.errors import UserError
from courtside.executor import cores
from courtside.video.reader import Frame

SETTINGS = replace(PLAIN, lr0=0.001, warmup_epochs=1, average_share=0.5)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dataset")
    random = np.random.default_rng(0)
    for split, count in (("train", 8), ("val", 4)):
        (folder / "images" / split).mkdir(parents=True)
        (folder / "labels" / split).mkdir(parents=True)
        for number in range(count):
            image = random.integers(0, 80, (96, 160, 3), dtype=np.uint8)
            cv2.circle(image, (40 + 8 * number, 48), 12, (0, 140, 255), -1)
            cv2.imwrite(str(folder / "images" / split / f"{number}.jpg"), image)
            line = f"0 {(40 + 8 * number) / 160} 0.5 {24 / 160} {24 / 96}\n"
            (folder / "labels" / split / f"{number}.txt").write_text(line)
    return folder


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "ultralytics"))


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_fit_save_load_predict(dataset, tmp_path):
    before = names(dataset)
    detector = UltralyticsDetector("yolov8n", ["ball"], 160)
    epochs, batches = [], []
    history = detector.fit(
        dataset, SETTINGS, tmp_path / "work", epochs.append, lambda done, total: batches.append((done, total))
    )
    assert [epoch.number for epoch in history] == [epoch.number for epoch in epochs] == [1, 2]
    assert batches[-1] == (4, 4)
    assert {"train_box_loss", "mAP50", "mAP50-95", "val_box_loss"} <= set(history[0].figures)
    assert names(dataset) == before  # what DVC tracks is left alone
    assert not (tmp_path / "work").exists()
    detector.save(tmp_path / "w.pt")
    loaded = load_detector(tmp_path / "w.pt")
    assert loaded.labels == ("ball",)
    frames = [Frame(7 + number, 0.0, np.zeros((96, 160 + 2 * number, 3), dtype=np.uint8)) for number in range(3)]
    found = list(loaded.predict(frames, 0.0001, batch=2))
    assert [detections.frame for detections in found] == [7, 8, 9]
    for number, detections in enumerate(found):
        assert detections.corners.shape == (len(detections.scores), 4)
        assert (detections.corners[:, 2] <= 160 + 2 * number).all()
        assert (np.diff(detections.scores) <= 0).all()


def test_a_killed_training_goes_on_at_its_last_epoch(dataset, tmp_path):
    def kill_at_two(epoch):
        if epoch.number == 2:
            raise KilledError

    settings = replace(SETTINGS, epochs=3)
    with pytest.raises(KilledError):
        UltralyticsDetector("yolov8n", ["ball"], 160).fit(dataset, settings, tmp_path / "work", kill_at_two)
    trained = []
    history = UltralyticsDetector("yolov8n", ["ball"], 160).fit(
        dataset, settings, tmp_path / "work", lambda epoch: None, lambda done, total: trained.append(done)
    )
    assert [epoch.number for epoch in history] == [1, 2, 3]
    assert len(trained) == 2  # the batches of one epoch: the first two were not trained again


@pytest.mark.parametrize("architecture", ["yolo11n", "yolo26n"])
def test_later_families_train_go_on_and_predict(dataset, tmp_path, architecture):
    def kill_at_two(epoch):
        if epoch.number == 2:
            raise KilledError

    settings = replace(SETTINGS, epochs=3)
    with pytest.raises(KilledError):
        UltralyticsDetector(architecture, ["ball"], 160).fit(dataset, settings, tmp_path / "work", kill_at_two)
    detector = UltralyticsDetector(architecture, ["ball"], 160)
    history = detector.fit(dataset, settings, tmp_path / "work", lambda epoch: None)
    assert [epoch.number for epoch in history] == [1, 2, 3]
    assert {"train_box_loss", "val_class_loss", "mAP50"} <= set(history[-1].figures)
    detector.save(tmp_path / "w.pt")
    frame = Frame(0, 0.0, np.full((96, 160, 3), 40, dtype=np.uint8))
    frame.image[40:64, 60:84] = 255
    loaded = load_detector(tmp_path / "w.pt")
    assert loaded.architecture == architecture
    kept, back = (next(iter(each.predict([frame], 0.0001))) for each in (detector, loaded))
    assert len(kept.scores) > 0
    assert np.allclose(kept.corners, back.corners, atol=1)


def test_yolo26_shifts_its_loss_from_epoch_to_epoch(dataset, tmp_path, monkeypatch):
    # One box an object is what it detects with, many what it learns from first: Ultralytics shifts between them.
    from ultralytics.utils.loss import E2ELoss

    shares, shift = [], E2ELoss.update

    def noting(loss):
        shift(loss)
        shares.append(loss.o2m)

    monkeypatch.setattr(E2ELoss, "update", noting)
    UltralyticsDetector("yolo26n", ["ball"], 160).fit(dataset, SETTINGS, tmp_path / "work", lambda epoch: None)
    assert shares == sorted(shares, reverse=True)
    assert len(shares) == 2


def test_other_first_weights_begin_anew(dataset, tmp_path):
    def kill(epoch):
        raise KilledError

    with pytest.raises(KilledError):
        UltralyticsDetector("yolov8n", ["ball"], 160).fit(dataset, SETTINGS, tmp_path / "work", kill)
    detector, epochs = UltralyticsDetector("yolov8n", ["ball"], 160, seed=4), []
    with pytest.raises(KilledError):
        detector.fit(dataset, SETTINGS, tmp_path / "work", lambda epoch: epochs.append(epoch.number) or kill(epoch))
    assert epochs == [1]


def test_a_larger_input_finds_more_places(dataset):
    detector = UltralyticsDetector("yolov8n", ["ball"], 160)
    frame = Frame(0, 0.0, np.zeros((96, 160, 3), dtype=np.uint8))
    shapes = []
    detector.model.register_forward_hook(lambda module, inputs, output: shapes.append(tuple(inputs[0].shape[2:])))
    list(detector.predict([frame], 0.5))
    list(detector.predict([frame], 0.5, image_size=320))
    assert {(96, 160), (192, 320)} <= set(shapes)


def test_other_settings_begin_anew(dataset, tmp_path):
    def kill(epoch):
        raise KilledError

    with pytest.raises(KilledError):
        UltralyticsDetector("yolov8n", ["ball"], 160).fit(dataset, SETTINGS, tmp_path / "work", kill)
    other = replace(SETTINGS, lr0=0.002, epochs=1)
    history = UltralyticsDetector("yolov8n", ["ball"], 160).fit(dataset, other, tmp_path / "work", lambda epoch: None)
    assert [epoch.number for epoch in history] == [1]


def test_an_unknown_architecture_is_one_line():
    with pytest.raises(UserError, match="yolov99z"):
        UltralyticsDetector("yolov99z", ["ball"], 160)


def test_the_same_seed_gives_the_same_random_weights():
    first, again, other = (UltralyticsDetector("yolov8n", ["ball"], 160, seed=seed) for seed in (1, 1, 2))
    weights = [detector.model.state_dict()["model.0.conv.weight"] for detector in (first, again, other)]
    assert weights[0].equal(weights[1])
    assert not weights[0].equal(weights[2])


def test_the_network_gets_every_core(dataset, tmp_path, monkeypatch):
    monkeypatch.setattr("courtside.detectors.processor.cores", cores)
    # Ultralytics leaves one core idle whenever it chooses the CPU: of two, that is half.
    counts = []
    detector = UltralyticsDetector("yolov8n", ["ball"], 160)
    detector.fit(
        dataset,
        replace(SETTINGS, epochs=1),
        tmp_path / "work",
        lambda epoch: None,
        lambda done, total: counts.append(torch.get_num_threads()),
    )
    assert set(counts) == {cores()}
    list(detector.predict([Frame(0, 0.0, np.zeros((96, 160, 3), dtype=np.uint8))], 0.5))
    assert torch.get_num_threads() == cores()
