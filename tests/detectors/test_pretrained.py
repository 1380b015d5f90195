"""Detectors that are used as others trained them."""

import numpy as np
import pytest
import torch
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn

from courtside.detectors.build import load_detector, pretrained_detector
from courtside.detectors.pretrained import SelectedClasses, class_names
from courtside.detectors.protocol import Detections
from courtside.detectors.weights import Weights, load_weights, save_weights
from courtside.detectors.yolov5_anchors import AnchorHead
from courtside.errors import UserError
from courtside.video.reader import Frame, read_selected
from imports import ROOT

DRAWN = ROOT / "data/weights/yolov8n_drawn.pt"


class Three:
    """Finds one box of each of three classes."""

    labels = ("person", "sports ball", "dog")
    architecture, transferred, image_size = "three", 1.0, 64

    def predict(self, frames, minimum_confidence, image_size=None, *, embed=False):
        for frame in frames:
            corners = np.array([[0, 0, 9, 9], [1, 1, 5, 5], [2, 2, 8, 8]], dtype=np.float32)
            scores = np.array([0.9, 0.8, 0.7], dtype=np.float32)
            looks = np.eye(3, dtype=np.float16) if embed else None
            yield Detections(frame.index, corners, scores, np.array([2, 1, 0]), looks)


def test_chosen_classes_get_their_new_names_and_the_others_are_left_out():
    detector = SelectedClasses(Three(), {"sports ball": "ball", "person": "player"})
    assert detector.labels == ("ball", "player")
    (found,) = detector.predict([Frame(7, 0.0, np.zeros((16, 16, 3), np.uint8))], 0.1)
    assert found.frame == 7
    assert found.classes.tolist() == [0, 1]
    assert found.scores.tolist() == pytest.approx([0.8, 0.7])
    assert found.corners.tolist() == [[1, 1, 5, 5], [2, 2, 8, 8]]
    assert found.embeddings is None


def test_what_is_left_keeps_its_embedding():
    detector = SelectedClasses(Three(), {"person": "player"})
    (found,) = detector.predict([Frame(0, 0.0, np.zeros((16, 16, 3), np.uint8))], 0.1, embed=True)
    assert found.embeddings.tolist() == [[0, 0, 1]]


def test_two_classes_may_be_one_here():
    detector = SelectedClasses(Three(), {"person": "animal", "dog": "animal"})
    (found,) = detector.predict([Frame(0, 0.0, np.zeros((16, 16, 3), np.uint8))], 0.1)
    assert detector.labels == ("animal",)
    assert found.classes.tolist() == [0, 0]


def test_a_class_that_it_does_not_know_is_named_with_those_it_knows():
    with pytest.raises(UserError, match="no class football; they know: person, sports ball, dog"):
        SelectedClasses(Three(), {"football": "ball"})


def test_it_does_not_learn(tmp_path):
    with pytest.raises(UserError, match="used with the classes it came with"):
        SelectedClasses(Three(), {"dog": "ball"}).fit(tmp_path, None, tmp_path, lambda epoch: None)


def test_coco_is_numbered_as_each_family_numbers_it():
    ultralytics, torchvision = (class_names(name, ()) for name in ("yolov8n", "fasterrcnn_resnet50_fpn"))
    assert len(ultralytics) == 80
    assert ultralytics[0] == torchvision[0] == "person"
    assert ultralytics[32] == "sports ball"
    assert len(torchvision) == 90
    assert torchvision[36] == "sports ball"  # 37 of COCO's own numbers, which begin at 1
    assert class_names("yolov8n", ["ball"]) == ("ball",)


def test_what_is_saved_finds_the_same_again(tmp_path):
    image = np.random.default_rng(0).integers(0, 255, (96, 160, 3), dtype=np.uint8)
    weights = load_weights(DRAWN)
    detector = pretrained_detector("yolov8n", ("ball", "player"), 160, weights, {"ball": "ball", "person": "player"})
    detector.save(tmp_path / "weights.pt")
    again = load_detector(tmp_path / "weights.pt")
    assert again.labels == ("ball", "player")
    assert again.image_size == 160
    first, second = (next(iter(one.predict([Frame(0, 0.0, image)], 1e-4))) for one in (detector, again))
    assert len(first.scores)
    np.testing.assert_array_equal(first.classes, second.classes)
    np.testing.assert_allclose(first.corners, second.corners, atol=1e-3)


def test_weights_of_another_network_are_refused():
    with pytest.raises(UserError, match=r"only .* of the tensors of yolov8s for 2 classes"):
        pretrained_detector("yolov8s", ("ball",), 160, load_weights(DRAWN), {"ball": "ball"})


def test_labels_that_the_weights_do_not_know_need_classes():
    with pytest.raises(UserError, match=r"know none of hoop; say in `classes` .* ball, person"):
        pretrained_detector("yolov8n", ("hoop",), 160, load_weights(DRAWN), {})


def test_torchvisions_weights_of_coco_are_whole_without_the_counters_of_batches(tmp_path):
    """torchvision's own have a fixed normalisation, which counts no batches."""
    torch.manual_seed(0)
    model = fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None, num_classes=91)
    tensors = {name: value for name, value in model.state_dict().items() if "num_batches" not in name}
    save_weights(tmp_path / "coco.pt", Weights("", (), 0, tensors))
    weights = load_weights(tmp_path / "coco.pt")
    architecture = "fasterrcnn_mobilenet_v3_large_320_fpn"
    detector = pretrained_detector(architecture, ("ball",), 128, weights, {"sports ball": "ball"})
    assert detector.labels == ("ball",)
    assert detector.transferred == 1


def test_anchors_become_boxes_around_their_places():
    """With no evidence, every box lies on the middle of its cell, is as large as its anchor, and scores a quarter."""
    head = AnchorHead([8], [16.0], 2, [0], 1)
    for parameter in head.parameters():
        torch.nn.init.zeros_(parameter)
    head.anchors[0] = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    (found,) = head([torch.zeros(1, 8, 2, 3)])
    assert found.shape == (6, 18)
    assert found[:2, :6].T.tolist() == [[8, 8], [24, 8], [40, 8], [8, 24], [24, 24], [40, 24]]
    assert found[2:4, [0, 6, 12]].T.tolist() == [[16, 32], [48, 64], [80, 96]]
    assert (found[4:] == 0.25).all()


def test_yolov5_of_coco_finds_a_basketball_nobody_labelled(shared_data):
    weights = load_weights(shared_data / "weights/yolov5n_coco_state_dict.pt")
    detector = pretrained_detector("yolov5n_anchors", ("ball",), 1024, weights, {"sports ball": "ball"})
    frames = read_selected(shared_data / "video/outdoor_practice_656x712.mp4", [281])
    (found,) = detector.predict(frames, 0.3)
    truth = np.loadtxt(shared_data / "video_truth/outdoor_practice_656x712/gt.txt", delimiter=",")
    (ball,) = truth[truth[:, 0] == 282]
    centre = found.corners[0].reshape(2, 2).mean(axis=0)
    assert np.abs(centre - (ball[2:4] + ball[4:6] / 2)).max() < 5


def test_yolov5_of_the_releases_only_detects(shared_data, tmp_path):
    from courtside.detectors.ultralytics_detector import UltralyticsDetector

    with pytest.raises(UserError, match="only detects; train yolov5n"):
        UltralyticsDetector("yolov5n_anchors", ("ball",), 64).fit(tmp_path, None, tmp_path, lambda epoch: None)
