"""How boxes look: in the place where they lie, in their order, and without changing them."""

from itertools import pairwise

import cv2
import numpy as np
import polars as pl
import pytest
import torch

from box_pictures import WIDTH, square_picture
from courtside import embeddings
from courtside.detectors import ultralytics_detector
from courtside.detectors.detect import detect, detect_and_embed
from courtside.detectors.embedding import pool
from courtside.detectors.faster_rcnn import FasterRCNNDetector
from courtside.detectors.protocol import Detections
from courtside.detectors.tiles import TiledDetector, merge
from courtside.detectors.ultralytics_detector import UltralyticsDetector
from courtside.video.reader import Frame

LABELS = ("ball", "player")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "ultralytics"))


def yolo(name="yolov8n"):
    return UltralyticsDetector(name, LABELS, 160)


def faster_rcnn(size=160):
    return FasterRCNNDetector("fasterrcnn_mobilenet_v3_large_320_fpn", LABELS, size)


DETECTORS = {
    "yolov8n": (yolo, 64 + 128 + 256),
    "yolo26n": (lambda: yolo("yolo26n"), 64 + 128 + 256),
    "faster_rcnn": (faster_rcnn, 256),
    "tiles": (lambda: TiledDetector(yolo(), 96, 16), 64 + 128 + 256),
}


def pictures():
    sizes = [(96, 160), (96, 160), (120, 90), (200, 301)]
    random = np.random.default_rng(0)
    return [Frame(3 + n, 0.0, random.integers(0, 255, (*size, 3), dtype=np.uint8)) for n, size in enumerate(sizes)]


def places(stride, rows, columns):
    """A map that says of each cell where its centre is, x and y, in pixels of the input."""
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    return (torch.stack([x, y]) + 0.5) * stride


def direction(x, y):
    return np.array([x, y]) / np.hypot(x, y)


def test_a_box_is_averaged_where_it_lies():
    corners = np.array([[16, 32, 48, 64], [40, 8, 48, 16], [60, 20, 62, 21]], dtype=np.float32)
    found = pool([places(8, 12, 20), places(16, 6, 10)], corners, 160, 96)
    assert found.shape == (3, 4)
    for row, (x, y) in zip(found, [(32, 48), (44, 12), (61, 20.5)], strict=True):
        assert row[:2] == pytest.approx(direction(x, y) / np.sqrt(2), abs=2e-3)
        assert row[2:] == pytest.approx(direction(x, y) / np.sqrt(2), abs=2e-2)  # coarser: near its border it ends


def test_no_boxes_have_no_embeddings_of_the_same_length():
    assert pool([places(8, 12, 20)], np.zeros((0, 4), np.float32), 160, 96).shape == (0, 2)


@pytest.mark.parametrize("name", DETECTORS)
def test_boxes_are_the_same_with_and_without_and_each_has_one(name):
    make, length = DETECTORS[name]
    detector = make()
    plain = list(detector.predict(pictures(), 0.0002))
    asked = list(detector.predict(pictures(), 0.0002, embed=True))
    again = list(detector.predict(pictures(), 0.0002, embed=True))
    assert sum(len(entry.scores) for entry in plain) > 10
    for without, found, same in zip(plain, asked, again, strict=True):
        assert without.embeddings is None
        assert np.array_equal(without.corners, found.corners)
        assert np.array_equal(without.scores, found.scores)
        assert np.array_equal(without.classes, found.classes)
        assert found.embeddings.shape == (len(found.scores), length)
        assert found.embeddings.dtype == np.float16
        assert np.linalg.norm(found.embeddings.astype(np.float64), axis=1) == pytest.approx(1, abs=0.01)
        assert np.array_equal(found.embeddings, same.embeddings)


@pytest.mark.parametrize("size", [(96, 160), (100, 160), (160, 100), (77, 301)])
def test_yolo_looks_at_the_box_in_its_scaled_and_padded_input(monkeypatch, size):
    from ultralytics.utils.ops import scale_boxes

    asked = []

    def note(maps, corners, width, height):
        asked.append((corners, width, height))
        return pool(maps, corners, width, height)

    monkeypatch.setattr(ultralytics_detector, "pool", note)
    (found,) = yolo().predict([Frame(0, 0.0, np.full((*size, 3), 90, np.uint8))], 0.0002, embed=True)
    ((placed, width, height),) = asked
    assert max(width, height) == 160
    back = scale_boxes((height, width), torch.from_numpy(placed.copy()), size)
    assert len(back)
    assert back.numpy() == pytest.approx(found.corners, abs=1.5)  # Ultralytics rounds sides of the scaled frame


def test_faster_rcnn_keeps_the_order_of_the_scores():
    detector = faster_rcnn(WIDTH)
    frame = Frame(0, 0.0, square_picture(40, 30))
    (found,) = detector.predict([frame], 0.0002, embed=True)
    batch = detector.network._batch([torch.from_numpy(frame.image[..., ::-1].copy()).permute(2, 0, 1)])
    with torch.no_grad(), detector.network._precision():
        features = detector.network.model.backbone(batch.tensors)
        (expected,) = detector.network._embed(batch, features, [torch.from_numpy(found.corners)])
    assert found.embeddings.astype(float) == pytest.approx(expected.numpy().astype(float), abs=0.02)


def test_two_streams_of_one_network_do_not_disturb_one_another():
    detector = yolo()
    large, small = pictures()[:2], [Frame(0, 0.0, np.full((64, 64, 3), 30, np.uint8))] * 2
    alone = [list(detector.predict(stream, 0.0002, embed=True)) for stream in (large, small)]
    turns = zip(*(detector.predict(stream, 0.0002, batch=1, embed=True) for stream in (large, small)), strict=True)
    for expected, found in zip(zip(*alone, strict=True), turns, strict=True):
        for one, other in zip(expected, found, strict=True):
            assert one.embeddings.astype(float) == pytest.approx(other.embeddings.astype(float), abs=0.01)


def test_tiles_hand_on_what_belongs_to_each_box():
    def found(*rows):
        table = np.array([row[:6] for row in rows], dtype=np.float32).reshape(-1, 6)
        looks = np.array([row[6:] for row in rows], dtype=np.float16).reshape(-1, 2)
        return Detections(0, table[:, :4], table[:, 4], table[:, 5].astype(np.int64), looks)

    whole = found((50, 10, 90, 40, 0.5, 0, 1, 0))
    piece = found((50, 10, 60, 40, 0.9, 0, 0, 1), (5, 5, 9, 9, 0.7, 0, 0.6, 0.8))
    merged = merge(whole, [((0, 0, 60, 50), piece)], 100, 50)
    assert merged.scores.tolist() == pytest.approx([0.7, 0.5])
    assert merged.embeddings.astype(float) == pytest.approx(np.array([[0.6, 0.8], [1, 0]]), abs=1e-3)


def test_tables_of_boxes_and_looks_have_the_same_rows(tmp_path):
    videos = {}
    for name in ("b", "a"):
        path = tmp_path / f"{name}.mp4"
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 10, (160, 96))
        for frame in pictures()[:2] * 2:
            writer.write(frame.image)
        writer.release()
        videos[name] = path
    asked = pl.DataFrame({"video": ["b", "b", "a"], "frame": [3, 0, 2]})
    given = {"minimum_confidence": 0.0002, "source": "round", "report": lambda done, total: None}
    found, looks = detect_and_embed(yolo(), asked, videos, **given)
    assert found["video"].unique(maintain_order=True).to_list() == ["a", "b"]
    assert looks.select("video", "frame").equals(found.select("video", "frame"))
    assert detect(yolo(), asked, videos, **given).equals(found)
    plain, none = detect_and_embed(yolo(), asked, videos, **given, embed=False)
    assert plain.equals(found)
    assert none.equals(embeddings.empty())
    # Each row is that of its box: those of one frame come from the frame alone.
    (alone,) = yolo().predict([next(frame for frame in frames_of(videos["a"]) if frame.index == 2)], 0.0002, embed=True)
    of_frame = found.with_row_index("row").filter((pl.col("video") == "a") & (pl.col("frame") == 2))["row"]
    assert len(of_frame) == len(alone.scores)
    assert all(later - earlier == 1 for earlier, later in pairwise(of_frame))
    assert np.array_equal(found["score"].gather(of_frame).to_numpy(), alone.scores)
    assert embeddings.values(looks)[of_frame].astype(float) == pytest.approx(alone.embeddings.astype(float), abs=0.01)


def frames_of(path):
    from courtside.video.reader import read_selected

    return read_selected(path, [0, 1, 2, 3])
