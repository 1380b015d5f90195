"""On a GPU: training, going on after a kill, prediction and embeddings, and that boxes are those of the CPU."""

import os
import subprocess
import sys
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
import torch

from box_pictures import HEIGHT, WIDTH, KilledError, square_picture, write_picture
from box_pictures import SETTINGS as ON_CPU
from courtside.classifiers.protocol import Examples, FitSettings, Phase
from courtside.classifiers.registry import create
from courtside.detectors import ultralytics_detector
from courtside.detectors.build import build_detector, load_detector
from courtside.video.reader import Frame

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
LEARNED_FIRST = {
    **dict.fromkeys(("yolov8n", "yolo11n", "yolo26n", "yolov5n"), "train_box_loss"),
    # Its box loss rises while more and more proposals are near something.
    "fasterrcnn_mobilenet_v3_large_320_fpn": "train_objectness_loss",
}
SETTINGS = replace(ON_CPU, device=None, lr0=0.001)
LONGER = replace(SETTINGS, epochs=20, batch=8, average_share=0.2, scale=0.2)


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    folder = tmp_path_factory.mktemp("squares")
    random = np.random.default_rng(1)
    for split, count in (("train", 48), ("val", 12)):
        for number in range(count):
            left, top = int(random.integers(0, WIDTH - 24)), int(random.integers(0, HEIGHT - 24))
            picture = square_picture(left, top, seed=number)
            write_picture(folder, split, f"{number}", picture, [(left, top, left + 24, top + 24)])
    return folder


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "ultralytics"))


def frames(count=5):
    return [Frame(number, 0.0, square_picture(10 + 15 * number, 8 * number, seed=number)) for number in range(count)]


def on_cpu(weights, output):
    """Write the boxes and embeddings that a process without a GPU finds on :func:`frames`."""
    code = (
        "import sys, numpy as np; from pathlib import Path; from test_gpu import frames\n"
        "from courtside.detectors.build import load_detector\n"
        "found = list(load_detector(Path(sys.argv[1])).predict(frames(), 0.05, embed=True))\n"
        "names = ('corners', 'scores', 'embeddings')\n"
        "np.savez(sys.argv[2], **{f'{n}{d.frame}': getattr(d, n) for d in found for n in names})\n"
    )
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    subprocess.run([sys.executable, "-c", code, weights, output], check=True, env=environment)
    return np.load(output)


@pytest.mark.parametrize("architecture", LEARNED_FIRST)
def test_it_learns_and_its_boxes_are_those_of_the_cpu(squares, tmp_path, architecture):
    detector = build_detector(architecture, ["ball"], WIDTH)
    history = detector.fit(squares, LONGER, tmp_path / "work", lambda epoch: None)
    assert np.isfinite(list(history[-1].figures.values())).all()
    loss = [epoch.figures[LEARNED_FIRST[architecture]] for epoch in history]
    assert loss[-1] < loss[0]
    detector.save(tmp_path / "w.pt")
    here = list(load_detector(tmp_path / "w.pt").predict(frames(), 0.05, embed=True))
    there = on_cpu(tmp_path / "w.pt", tmp_path / "cpu.npz")
    apart = [0.0, 0.0]
    exact = not architecture.startswith("fasterrcnn")  # which looks in bfloat16 on a GPU, and on some CPUs
    for found in here:
        corners, scores = there[f"corners{found.frame}"], there[f"scores{found.frame}"]
        sure = found.scores > (0.06 if exact else 0.2)  # one of 0.05 may be on either side of the limit
        for corner, score, look in zip(
            found.corners[sure], found.scores[sure], found.embeddings[sure].astype(np.float32), strict=True
        ):
            nearest = np.abs(corners - corner).max(axis=1).argmin()
            gaps = [np.abs(corners[nearest] - corner).max(), abs(scores[nearest] - score)]
            apart = np.maximum(apart, gaps)
            assert look @ there[f"embeddings{found.frame}"][nearest].astype(np.float32) > 0.99
    print(f"{architecture}: at most {apart[0]:.4f} px and {apart[1]:.5f} of the score apart")
    assert apart[0] < (0.05 if exact else 1.5)
    assert apart[1] < (0.001 if exact else 0.05)


@pytest.mark.parametrize("architecture", ["yolov8n", "yolo26n", "fasterrcnn_mobilenet_v3_large_320_fpn"])
def test_a_killed_training_goes_on(squares, tmp_path, architecture):
    def kill_at_two(epoch):
        if epoch.number == 2:
            raise KilledError

    settings, trained = replace(SETTINGS, epochs=3), []
    with pytest.raises(KilledError):
        build_detector(architecture, ["ball"], WIDTH).fit(squares, settings, tmp_path / "work", kill_at_two)
    history = build_detector(architecture, ["ball"], WIDTH).fit(
        squares, settings, tmp_path / "work", lambda epoch: None, lambda done, total: trained.append(done)
    )
    assert [epoch.number for epoch in history] == [1, 2, 3]
    assert trained[-1] == 36


def test_mixed_precision_learns_what_full_precision_does(squares, tmp_path):
    scores = []
    for precision in ("bf16", False):
        detector = build_detector("yolov8n", ["ball"], WIDTH)
        with patch.object(ultralytics_detector, "GPU_PRECISION", precision):
            history = detector.fit(squares, LONGER, tmp_path / f"{precision}", lambda epoch: None)
        scores.append(max(epoch.figures["mAP50-95"] for epoch in history))
    print(scores)
    assert abs(scores[0] - scores[1]) < 0.1


@pytest.mark.parametrize("architecture", ["yolov8n-cls", "mobilenet_v3_small", "resnet34"])
def test_a_classifier_learns_goes_on_and_says_what_it_says_on_the_cpu(tmp_path, architecture):
    def draw(count, seed):
        random = np.random.default_rng(seed)
        images = random.integers(90, 130, (count, 48, 48, 3), dtype=np.uint8)
        classes = np.arange(count) % 2
        for image in images[classes == 1]:
            y, x = random.integers(0, 32, 2)
            image[y : y + 16, x : x + 16] = (20, 120, 250)
        return Examples(images, np.arange(count), classes.astype(np.int64))

    def kill(epoch):
        if epoch.number == 2:
            raise KilledError

    settings = FitSettings(Phase(0, 0.001), Phase(6, 0.003), batch=16, patience=100, seed=0)
    first, model = (
        create(architecture, ("no_ball", "ball"), 48, weights=None, root=tmp_path, seed=0) for _ in range(2)
    )
    with pytest.raises(KilledError):
        first.fit(draw(64, 0), draw(16, 1), settings, tmp_path / "work", kill)
    history = model.fit(draw(64, 0), draw(16, 1), settings, tmp_path / "work", lambda epoch: None)
    assert [epoch.number for epoch in history] == list(range(1, 7))
    here = model.predict(iter(draw(16, 2)))
    model.device = "cpu"
    assert np.abs(here - model.predict(iter(draw(16, 2)))).max() < 0.02
