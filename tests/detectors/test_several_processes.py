"""Several GPUs: a process for each trains the network, tells how far it is, and goes on after a kill."""

from dataclasses import replace

import pytest
import torch

from box_pictures import SETTINGS, WIDTH, KilledError
from courtside.detectors.faster_rcnn import FasterRCNNDetector
from courtside.detectors.ultralytics_detector import UltralyticsDetector
from courtside.detectors.ultralytics_setup import prepare
from courtside.errors import UserError

DEVICES = ["cpu", *(["0"] if torch.cuda.is_available() else [])]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "ultralytics"))


def left_behind():
    """Return what Ultralytics writes for the processes, and should remove."""
    from ultralytics.utils import USER_CONFIG_DIR

    return set((USER_CONFIG_DIR / "DDP").glob("_temp_*"))


@pytest.fixture
def two_processes(monkeypatch):
    prepare()  # before Ultralytics is imported
    from several_processes import TwoProcesses

    from courtside.detectors import ultralytics_trainer

    monkeypatch.setattr(ultralytics_trainer, "NetworkTrainer", TwoProcesses)


@pytest.mark.parametrize("device", DEVICES)
def test_two_processes_train_one_network_and_go_on_after_a_kill(squares, tmp_path, two_processes, device):
    settings, already = replace(SETTINGS, epochs=3, average_share=0.3, device=device), left_behind()
    detector = UltralyticsDetector("yolov8n", ["ball"], WIDTH)
    before = {name: value.clone() for name, value in detector.model.state_dict().items()}

    def kill_at_two(epoch):
        if epoch.number == 2:
            raise KilledError

    with pytest.raises(KilledError):
        detector.fit(squares, settings, tmp_path / "work", kill_at_two)
    assert (tmp_path / "work/run/weights/last.pt").is_file()
    detector, batches = UltralyticsDetector("yolov8n", ["ball"], WIDTH), []
    history = detector.fit(
        squares, settings, tmp_path / "work", lambda epoch: None, lambda done, total: batches.append((done, total))
    )
    assert [epoch.number for epoch in history] == [1, 2, 3]
    assert {"train_box_loss", "val_box_loss", "mAP50"} <= set(history[-1].figures)
    assert batches[-1] == (6, 6)  # eight pictures in batches of four, which the processes share
    assert not (tmp_path / "work").exists()
    after = detector.model.state_dict()
    assert any(not before[name].equal(after[name].cpu()) for name in before if "weight" in name)
    assert left_behind() <= already


def test_what_fails_in_a_process_is_said(squares, tmp_path, two_processes):
    detector = UltralyticsDetector("yolov8n", ["ball"], WIDTH)
    broken = replace(SETTINGS, optimizer="none of them")
    with pytest.raises(RuntimeError, match="none of them"):
        detector.fit(squares, broken, tmp_path / "work", lambda epoch: None)


def test_a_batch_has_to_be_shared_evenly(squares, tmp_path):
    detector = UltralyticsDetector("yolov8n", ["ball"], WIDTH)
    with pytest.raises(UserError, match=r"train\.batch: 4 pictures cannot be shared by 3"):
        detector.fit(squares, replace(SETTINGS, device="0,1,2"), tmp_path / "work", lambda epoch: None)


@pytest.mark.parametrize("device", ["7", "0,17"])
def test_devices_that_are_not_there_are_one_line(squares, tmp_path, device):
    detector = UltralyticsDetector("yolov8n", ["ball"], WIDTH)
    with pytest.raises(UserError, match=rf"train\.device: there is no '{device}'"):
        detector.fit(squares, replace(SETTINGS, device=device), tmp_path / "work", lambda epoch: None)


def test_faster_rcnn_takes_one(squares, tmp_path):
    detector = FasterRCNNDetector("fasterrcnn_mobilenet_v3_large_320_fpn", ["ball"], WIDTH)
    with pytest.raises(UserError, match="only Ultralytics' detectors"):
        detector.fit(squares, replace(SETTINGS, device="0,1"), tmp_path / "work", lambda epoch: None)
