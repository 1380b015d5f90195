"""OpenVINO finds the boxes that PyTorch finds, to within what is stated here."""

import sys
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from courtside.detectors import openvino_network
from courtside.detectors.build import build_detector, load_detector
from courtside.detectors.openvino_network import OpenVINONetwork, chosen
from courtside.detectors.ultralytics_detector import UltralyticsDetector
from courtside.errors import UserError
from courtside.sample.drawing import Broadcast
from courtside.sample.looks import named_looks
from courtside.sample.settings import GameSettings
from courtside.video.reader import Frame
from imports import ROOT

CORNERS_PX = 0.01
SCORES = 1e-4
DRAWN = ROOT / "data" / "weights" / "yolov8n_drawn.pt"


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "ultralytics"))


@pytest.fixture
def openvino():
    if find_spec("openvino") is None:  # imported here, it would send its makers a note
        pytest.skip("OpenVINO is not installed: courtside[openvino]")


@pytest.fixture(scope="module")
def frames():
    """Frames of a drawn game, two sizes, an odd number of the first: batches of 2 and of 1."""
    broadcast = Broadcast(GameSettings("harbor", 7, 6.0, named_looks()["harbor"], 10, 5, width=640, height=360))
    images = [broadcast.render(index).image for index in (10, 40, 70, 100, 130)]
    cut = [np.ascontiguousarray(image[:, :480]) for image in images[:3]]
    return [[Frame(number, 0.0, image) for number, image in enumerate(group)] for group in (images, cut)]


@pytest.mark.usefixtures("openvino")
@pytest.mark.parametrize("image_size", [640, 416])
def test_boxes_of_trained_weights_are_the_same(frames, image_size):
    both = [load_detector(DRAWN, backend=backend) for backend in ("torch", "openvino")]
    seen = 0
    for group in frames:
        one, other = (list(detector.predict(group, 0.05, image_size)) for detector in both)
        assert [found.frame for found in other] == [frame.index for frame in group]
        for ours, theirs in zip(one, other, strict=True):
            assert ours.classes.tolist() == theirs.classes.tolist()
            assert np.abs(ours.corners - theirs.corners).max(initial=0) <= CORNERS_PX
            assert np.abs(ours.scores - theirs.scores).max(initial=0) <= SCORES
            seen += len(ours.scores)
    assert seen > 20  # or nothing was compared


@pytest.mark.usefixtures("openvino")
@pytest.mark.parametrize("architecture", ["yolov8n", "yolov5n", "yolo11n", "yolo26n"])
def test_random_networks_say_the_same_of_pictures_of_any_size(architecture):
    network = UltralyticsDetector(architecture, ["ball", "player"], 96, seed=3).model.eval()
    converted = OpenVINONetwork(network)
    random = torch.Generator().manual_seed(1)
    for shape in [(2, 3, 96, 160), (1, 3, 160, 96), (1, 3, 32, 64)]:
        pictures = torch.rand(shape, generator=random)
        with torch.inference_mode():
            expected = network(pictures)[0]
        found = converted(pictures)
        assert found.shape == expected.shape
        if architecture == "yolo26n":  # boxes in the order of their scores, where those of random weights nearly tie
            assert (found[..., 4] - expected[..., 4]).abs().max() <= SCORES
            apart = torch.cdist(found[..., :4], expected[..., :4]).min(dim=2).values
            assert apart.median() <= CORNERS_PX
        else:
            assert (found[:, :4] - expected[:, :4]).abs().max() <= CORNERS_PX
            assert (found[:, 4:] - expected[:, 4:]).abs().max() <= SCORES


@pytest.mark.usefixtures("openvino")
def test_other_weights_are_converted_anew(frames):
    detector = load_detector(DRAWN, backend="openvino")
    before = next(iter(detector.predict(frames[0][:1], 0.05)))
    assert len(before.scores) > 0
    again = detector._in_openvino
    next(iter(detector.predict(frames[0][:1], 0.05)))
    assert detector._in_openvino is again
    with torch.no_grad():
        for tensor in detector.model.model[-1].cv3.parameters():
            tensor.zero_()
    after = next(iter(detector.predict(frames[0][:1], 0.05)))
    assert detector._in_openvino is not again
    assert len(after.scores) != len(before.scores) or not np.allclose(after.scores, before.scores)


@pytest.mark.usefixtures("openvino")
def test_it_tells_its_makers_nothing():
    OpenVINONetwork(UltralyticsDetector("yolov8n", ["ball"], 64).model)
    assert not sys.modules.get("openvino_telemetry")


@pytest.mark.parametrize(
    ("backend", "installed", "gpu", "machine", "expected"),
    [
        ("auto", True, False, "x86_64", True),
        ("auto", True, True, "x86_64", False),
        ("auto", True, False, "aarch64", False),
        ("auto", False, False, "x86_64", False),
        ("torch", True, False, "x86_64", False),
        ("openvino", True, True, "aarch64", True),
    ],
)
def test_which_computes(monkeypatch, backend, installed, gpu, machine, expected):
    monkeypatch.setattr(openvino_network, "find_spec", lambda name: object() if installed else None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpu)
    monkeypatch.setattr(openvino_network.platform, "machine", lambda: machine)
    assert chosen(backend) is expected


def test_what_is_missing_is_one_line(monkeypatch):
    monkeypatch.setattr(openvino_network, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"courtside\[openvino\].*detector\.backend=torch"):
        chosen("openvino")


def test_faster_rcnn_is_computed_by_torch(tmp_path):
    build_detector("fasterrcnn_mobilenet_v3_large_fpn", ["ball"], 64).save(tmp_path / "w.pt")
    assert load_detector(tmp_path / "w.pt", backend="auto").labels == ("ball",)
    with pytest.raises(UserError, match=r"detector\.backend.*fasterrcnn_mobilenet_v3_large_fpn"):
        load_detector(tmp_path / "w.pt", backend="openvino")
