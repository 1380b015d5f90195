"""Weights come back as they were; every damaged file is one line."""

import pytest
import torch
from PIL import Image, UnidentifiedImageError

from courtside.detectors.source import hub_name, initial_weights
from courtside.detectors.ultralytics_setup import prepare
from courtside.detectors.weights import Weights, load_weights, save_weights, transfer
from courtside.errors import UserError


def some():
    tensors = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.count": torch.tensor(7)}
    return Weights("yolov8n", ("ball", "player"), 640, tensors)


def test_round_trip_in_half_precision(tmp_path):
    save_weights(tmp_path / "w.pt", some())
    back = load_weights(tmp_path / "w.pt")
    assert (back.architecture, back.labels, back.image_size) == ("yolov8n", ("ball", "player"), 640)
    assert back.tensors["a.weight"].dtype == torch.float16
    assert torch.equal(back.tensors["a.weight"].float(), some().tensors["a.weight"])
    assert back.tensors["a.count"].item() == 7


def test_the_same_weights_give_the_same_bytes(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    for folder in ("one", "two"):
        save_weights(tmp_path / folder / "w.pt", some())
    assert (tmp_path / "one" / "w.pt").read_bytes() == (tmp_path / "two" / "w.pt").read_bytes()


def test_a_plain_dictionary_of_tensors_is_read(tmp_path):
    torch.save({"a.weight": torch.ones(2)}, tmp_path / "w.pt")
    weights = load_weights(tmp_path / "w.pt")
    assert weights.architecture == ""
    assert list(weights.tensors) == ["a.weight"]


@pytest.mark.parametrize("content", [b"", b"not a checkpoint at all", b"PK\x03\x04 cut off"])
def test_a_damaged_file_is_one_line(tmp_path, content):
    (tmp_path / "w.pt").write_bytes(content)
    with pytest.raises(UserError, match=r"w\.pt"):
        load_weights(tmp_path / "w.pt")


def test_a_file_cut_off_in_the_middle_is_one_line(tmp_path):
    save_weights(tmp_path / "w.pt", some())
    content = (tmp_path / "w.pt").read_bytes()
    (tmp_path / "w.pt").write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="damaged"):
        load_weights(tmp_path / "w.pt")


def test_a_real_checkpoint_that_was_cut_off_is_one_line(shared_data):
    with pytest.raises(UserError, match=r"truncated_download\.pt"):
        load_weights(shared_data / "weights" / "truncated_download.pt")


def test_transfer_takes_what_fits_and_says_how_much():
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Linear(2, 1))
    share = transfer(model, {"0.weight": torch.ones(2, 3), "1.weight": torch.ones(9, 9), "else": torch.ones(1)})
    assert share == 0.25
    assert torch.equal(model[0].weight, torch.ones(2, 3))


def test_no_weights_are_random_ones(tmp_path):
    assert initial_weights(None, tmp_path) is None


def test_hub_weights_are_kept_and_found_again_without_a_network(tmp_path):
    save_weights(tmp_path / "data" / "weights" / "yolov8n.pt", some())
    found = initial_weights("yolov8n.pt", tmp_path)
    assert found is not None
    assert found.architecture == "yolov8n"


def test_hub_weights_that_cannot_be_had_are_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("YOLO_OFFLINE", "true")
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))
    with pytest.raises(UserError, match="could not be downloaded"):
        initial_weights("yolov8n.pt", tmp_path)


@pytest.mark.parametrize("name", ["fasterrcnn_resnet50_fpn_coco", "fasterrcnn_mobilenet_v3_large_320_fpn_coco"])
def test_torchvision_weights_are_kept_and_found_again_without_a_network(tmp_path, monkeypatch, name):
    asked = []

    def download(url, path, hash_prefix, progress):
        asked.append((url, hash_prefix))
        torch.save({"a.weight": torch.ones(2)}, path)

    monkeypatch.setattr("torch.hub.download_url_to_file", download)
    for _ in range(2):
        assert list(initial_weights(name, tmp_path).tensors) == ["a.weight"]
    assert len(asked) == 1
    url, digits = asked[0]
    assert url.startswith("https://download.pytorch.org/models/fasterrcnn_")
    assert url.endswith(f"-{digits}.pth")
    assert [path.name for path in (tmp_path / "data" / "weights").iterdir()] == [url.rsplit("/", 1)[-1]]


def test_torchvision_weights_that_cannot_be_had_are_one_line(tmp_path, monkeypatch):
    def refuse(*args, **options):
        raise OSError("no network")

    monkeypatch.setattr("torch.hub.download_url_to_file", refuse)
    with pytest.raises(UserError, match="could not be downloaded") as caught:
        initial_weights("fasterrcnn_resnet50_fpn_coco", tmp_path)
    assert "data/weights" in str(caught.value)


@pytest.mark.parametrize(
    ("architecture", "name"),
    [("yolov8n", "yolov8n.pt"), ("yolo26x", "yolo26x.pt"), ("fasterrcnn_resnet50_fpn", "fasterrcnn_resnet50_fpn_coco")],
)
def test_the_hub_has_a_name_for_the_weights_of_an_architecture(architecture, name):
    assert hub_name(architecture) == name


def test_pillow_is_left_as_it_was(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no image")
    prepare()
    with pytest.raises(UnidentifiedImageError):
        Image.open(tmp_path / "a.jpg")
