"""The architecture chooses the family of detectors."""

import numpy as np
import pytest
import torch

from courtside.config import from_dictionary
from courtside.detectors.build import build_detector, load_detector
from courtside.detectors.faster_rcnn import FasterRCNNDetector
from courtside.detectors.tiles import TiledDetector
from courtside.detectors.ultralytics_detector import UltralyticsDetector
from courtside.detectors.weights import Weights, save_weights
from courtside.errors import UserError
from courtside.stages.train import initial_detector
from courtside.video.reader import Frame

FAMILIES = {
    "yolov8n": UltralyticsDetector,
    "yolo26n": UltralyticsDetector,
    "fasterrcnn_mobilenet_v3_large_fpn": FasterRCNNDetector,
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "ultralytics"))


@pytest.mark.parametrize("architecture", FAMILIES)
def test_what_was_saved_is_loaded_as_the_same_family(tmp_path, architecture):
    detector = build_detector(architecture, ["ball", "player"], 96)
    assert isinstance(detector, FAMILIES[architecture])
    assert detector.transferred == 0
    detector.save(tmp_path / "w.pt")
    loaded = load_detector(tmp_path / "w.pt")
    assert isinstance(loaded, FAMILIES[architecture])
    assert (loaded.architecture, loaded.labels, loaded.image_size) == (architecture, ("ball", "player"), 96)
    assert loaded.transferred == 1


@pytest.mark.parametrize("architecture", ["yolov8n", "fasterrcnn_mobilenet_v3_large_fpn"])
def test_either_family_looks_at_tiles(tmp_path, architecture):
    build_detector(architecture, ["ball"], 64).save(tmp_path / "w.pt")
    detector = load_detector(tmp_path / "w.pt", tile_size=64, tile_overlap=16)
    assert isinstance(detector, TiledDetector)
    frames = [Frame(number, 0.0, np.zeros((80, 100, 3), dtype=np.uint8)) for number in (3, 4)]
    found = list(detector.predict(frames, 0.0001))
    assert [entry.frame for entry in found] == [3, 4]
    for entry in found:
        assert entry.corners.shape == (len(entry.scores), 4)
        assert (entry.corners <= [100, 80, 100, 80]).all()
        assert (np.diff(entry.scores) <= 0).all()


@pytest.mark.parametrize("architecture", ["yolov99z", "fasterrcnn_vgg16"])
def test_an_unknown_architecture_is_one_line(architecture):
    with pytest.raises(UserError, match=architecture):
        build_detector(architecture, ["ball"], 64)


def test_weights_of_another_family_are_one_line():
    other = Weights("", (), 0, {"some.layer": torch.ones(3)})
    with pytest.raises(UserError, match="fit no tensor of yolov8n"):
        build_detector("yolov8n", ["ball"], 64, other)


def test_weights_that_do_not_say_their_network_are_one_line(tmp_path):
    torch.save({"a": torch.ones(1)}, tmp_path / "w.pt")
    with pytest.raises(UserError, match=r"w\.pt do not say their architecture"):
        load_detector(tmp_path / "w.pt")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off"])
def test_damaged_weights_are_one_line(tmp_path, content):
    (tmp_path / "w.pt").write_bytes(content)
    with pytest.raises(UserError, match=r"w\.pt are damaged"):
        load_detector(tmp_path / "w.pt")


def test_auto_takes_the_size_for_the_images_of_the_round_and_its_weights(tmp_path):
    config = from_dictionary(
        {
            "experiment": "test",
            "rounds": {
                "few": {"teacher": "gold", "images": 400},
                "more": {"teacher": "gold", "images": 6000},
                "own": {"teacher": "gold", "images": 6000, "architecture": "yolov8n"},
            },
            "final_round": "own",
            "detector": {"architecture": "auto", "weights": "auto", "image_size": 96},
        }
    )
    for architecture in ("yolov8n", "yolov8s"):
        tensors = UltralyticsDetector(architecture, ["ball"], 96).model.state_dict()
        save_weights(
            tmp_path / "data" / "weights" / f"{architecture}.pt", Weights(architecture, ("ball",), 96, tensors)
        )
    for name, architecture in (("few", "yolov8n"), ("more", "yolov8s"), ("own", "yolov8n")):
        detector = initial_detector(config, name, tmp_path)
        assert detector.architecture == architecture
        assert detector.transferred == 1
