"""Families of classifiers: what each builds, how it wants its inputs, and where its weights come from."""

import numpy as np
import pytest
import torch

from courtside.classifiers import registry
from courtside.classifiers.protocol import FitSettings, Phase
from courtside.classifiers.torchvision_classifier import HEADS, TorchvisionClassifier
from courtside.detectors.weights import Weights, load_weights, save_weights
from courtside.errors import UserError

LABELS = ("no_ball", "ball")
SMALL = ("yolov8n-cls", "mobilenet_v3_small", "googlenet")


def create(architecture, tmp_path, labels=LABELS, weights=None, size=48):
    return registry.create(architecture, labels, size, weights=weights, root=tmp_path, seed=0)


@pytest.mark.parametrize(
    ("architecture", "parameters"),  # of the published networks, their last layer with two classes
    [
        ("yolov8n-cls", 1_440_850),
        ("resnet34", 21_285_698),
        ("googlenet", 5_601_954),  # as torchvision counts it, without the auxiliary heads
        ("mobilenet_v3_small", 1_519_906),
        ("vgg16", 134_268_738),
    ],
)
def test_the_number_of_parameters_is_that_of_the_network(architecture, parameters, tmp_path):
    assert create(architecture, tmp_path).parameters == parameters


@pytest.mark.parametrize("architecture", SMALL)
def test_weights_survive_saving(architecture, tmp_path, drawn):
    model = create(architecture, tmp_path, ("a", "b", "c"))
    examples = drawn(6, 0)
    model.save(tmp_path / "w.pt")
    assert not any(name.startswith("aux") for name in load_weights(tmp_path / "w.pt").tensors)
    loaded = registry.load(tmp_path / "w.pt")
    assert (loaded.architecture, loaded.labels, loaded.image_size) == (architecture, ("a", "b", "c"), 48)
    assert loaded.predict(examples) == pytest.approx(model.predict(examples), abs=0.02)  # half precision on disk


@pytest.mark.parametrize("architecture", [*SMALL, "resnet34"])
def test_both_phases_run_and_the_first_leaves_all_but_the_head(architecture, tmp_path, drawn):
    model = create(architecture, tmp_path)
    before = {name: value.clone() for name, value in model.model.state_dict().items()}
    plan = FitSettings(Phase(1, 0.01), Phase(1, 0.001), batch=8, patience=5, seed=0)
    phases = []

    def look(epoch):
        phases.append(epoch.phase)
        if epoch.phase == "head":
            heads = HEADS.get(architecture, ("model.9",))
            moved = [name for name, value in model.model.state_dict().items() if not torch.equal(value, before[name])]
            assert moved
            assert all(name.startswith(heads) for name in moved)

    history = model.fit(drawn(16, 0), drawn(8, 1), plan, tmp_path / "work", look)
    assert phases == ["head", "whole"]
    assert all(np.isfinite(epoch.val_loss) for epoch in history)


def test_googlenet_learns_from_its_auxiliary_heads_too(tmp_path, drawn):
    model = create("googlenet", tmp_path)
    inputs = torch.rand(2, 3, 64, 64)
    model.model.train()
    assert [tuple(logits.shape) for logits in model.forward(inputs)] == [(2, 2)] * 3
    model.model.eval()
    assert [tuple(logits.shape) for logits in model.forward(inputs)] == [(2, 2)]


def test_torchvision_sees_imagenet_statistics_and_ultralytics_plain_colours(tmp_path):
    seen = []
    for architecture in ("mobilenet_v3_small", "yolov8n-cls"):
        model = create(architecture, tmp_path)
        model.model.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
        blue = np.zeros((48, 48, 3), dtype=np.uint8)
        blue[..., 0] = 255  # BGR
        model.predict([blue])
    normalised, plain = (tensor[0, :, 0, 0].tolist() for tensor in seen)
    assert plain == [0, 0, 1]
    assert normalised == pytest.approx([-0.485 / 0.229, -0.456 / 0.224, (1 - 0.406) / 0.225], rel=1e-5)


def test_weights_by_path_are_taken_over_but_for_another_head(tmp_path):
    taught = create("mobilenet_v3_small", tmp_path, ("a", "b", "c"))
    torch.save(taught.model.state_dict(), tmp_path / "plain.pth")  # as torchvision's files are
    model = create("mobilenet_v3_small", tmp_path, weights="plain.pth")
    same = [
        name for name, value in model.model.state_dict().items() if torch.equal(value, taught.model.state_dict()[name])
    ]
    assert set(model.model.state_dict()) - set(same) == {"classifier.3.weight", "classifier.3.bias"}


def test_a_hub_file_that_is_there_already_is_not_fetched(tmp_path):
    taught = create("mobilenet_v3_small", tmp_path)
    folder = tmp_path / "data" / "weights"
    folder.mkdir(parents=True)
    torch.save(taught.model.state_dict(), folder / "mobilenet_v3_small-047dcff4.pth")
    for name in ("imagenet", "IMAGENET1K_V1"):
        assert create("mobilenet_v3_small", tmp_path, weights=name).transferred == 1.0


@pytest.mark.parametrize(
    ("architecture", "weights", "words"),
    [
        ("resnet99", None, ["resnet99", "resnet34", "yolov8n-cls"]),
        ("yolov99-cls", None, ["yolov99-cls", "yolov8n-cls"]),
        ("resnet34", "best", ["'best'", "imagenet", "IMAGENET1K_V1", "null"]),
        ("resnet34", "data/none.pth", ["none.pth", "do not exist"]),
        ("yolov8n-cls", "other.pt", ["fit no tensor", "yolov8n-cls"]),
        ("resnet34", "other.pt", ["fit no tensor", "resnet34"]),
    ],
)
def test_mistakes_are_one_line(architecture, weights, words, tmp_path):
    save_weights(tmp_path / "other.pt", Weights("", (), 0, {"strange": torch.zeros(2)}))
    with pytest.raises(UserError) as caught:
        create(architecture, tmp_path, weights=weights)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize("architecture", ["resnet34", "yolov8n-cls"])
def test_without_a_network_the_hub_weights_are_one_line(architecture, tmp_path, monkeypatch):
    def refuse(*arguments, **options):
        raise OSError("no route to host")

    monkeypatch.setattr("torch.hub.download_url_to_file", refuse)
    monkeypatch.setattr("ultralytics.utils.downloads.attempt_download_asset", refuse)
    with pytest.raises(UserError, match="could not be downloaded") as caught:
        create(architecture, tmp_path, weights="imagenet")
    assert "null" in str(caught.value)
    assert TorchvisionClassifier.initial_weights(None, "resnet34", tmp_path) is None


def test_weights_that_do_not_say_their_network_cannot_be_loaded(tmp_path):
    torch.save({"x": torch.zeros(2)}, tmp_path / "plain.pt")
    with pytest.raises(UserError, match="do not say their architecture"):
        registry.load(tmp_path / "plain.pt")
