"""The classifier learns what a child would see, the same way twice."""

import numpy as np
import pytest

from courtside.classifiers import fit, network
from courtside.detectors.weights import Weights
from courtside.errors import UserError


def pictures(count, seed):
    """Grey noise; every second one holds an orange disc."""
    random = np.random.default_rng(seed)
    images = random.integers(90, 130, (count, 48, 48, 3), dtype=np.uint8)
    classes = np.arange(count) % 2
    for image, ball in zip(images, classes, strict=True):
        if ball:
            y, x = random.integers(0, 32, 2)
            image[y : y + 16, x : x + 16] = (20, 120, 250)
    return images, classes.astype(np.int64)


def train(seed):
    model = network.build("yolov8n-cls")
    seen = []
    history = fit.fit(
        model,
        pictures(96, 0),
        pictures(16, 1),
        epochs=12,
        batch=16,
        lr0=0.003,
        seed=seed,
        device="cpu",
        on_epoch=lambda epoch: seen.append(epoch.number),
    )
    assert seen == [epoch.number for epoch in history] == list(range(1, 13))
    return model, history


def test_it_learns_and_keeps_the_best_epoch(tmp_path):
    model, history = train(seed=0)
    images, classes = pictures(32, 2)
    probabilities = fit.predict(model, iter(images), batch=8, device="cpu")
    assert probabilities.shape == (32,)
    assert ((probabilities > 0.5) == (classes == 1)).mean() >= 0.9
    assert history[-1].train_loss < history[0].train_loss
    network.save(tmp_path / "w.pt", "yolov8n-cls", 48, model)
    loaded, image_size = network.load(tmp_path / "w.pt")
    assert image_size == 48
    again = fit.predict(loaded, images, batch=32, device="cpu")
    assert again == pytest.approx(probabilities, abs=0.02)  # half precision on disk


def test_no_pictures_give_no_probabilities():
    assert fit.predict(network.build("yolov8n-cls"), [], batch=4, device="cpu").shape == (0,)


def test_stretching_keeps_what_is_at_the_border():
    image = np.zeros((720, 1280, 3), dtype=np.uint8)
    image[:, :20] = 255
    assert fit.shrink(image, 128)[64, 0].min() > 100


def test_weights_that_fit_nothing_are_one_line():
    with pytest.raises(UserError, match="fit no tensor"):
        network.build("yolov8n-cls", Weights("", (), 0, {}))


def test_an_unknown_architecture_is_one_line():
    with pytest.raises(UserError, match="yolov99-cls"):
        network.build("yolov99-cls")
