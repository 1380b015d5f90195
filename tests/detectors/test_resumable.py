"""Looking at video in pieces: the same boxes, and none of the work twice."""

import cv2
import numpy as np
import polars as pl
import pytest

from courtside import boxes
from courtside.detectors.detect import detect_and_embed
from courtside.detectors.protocol import Detections
from courtside.detectors.resumable import detect_in_pieces, detect_with


class Brightness:
    """Stands for a detector: as wide a box as a frame is bright, and none on dark ones; it may be killed."""

    labels = ("ball",)
    architecture, transferred, image_size = "brightness", 1.0, 32

    def __init__(self, dies_at=None):
        self.looked_at = []
        self.dies_at = dies_at

    def predict(self, frames, minimum_confidence, image_size=None, *, embed=False):
        for frame in frames:
            if len(self.looked_at) == self.dies_at:
                raise KeyboardInterrupt
            self.looked_at.append(frame.index)
            width = float(frame.image.mean()) // 8
            count = int(width > 0)
            yield Detections(
                frame.index,
                np.array([[0, 0, width, 4]], np.float32)[:count],
                np.array([0.5], np.float32)[:count],
                np.zeros(count, np.int64),
                np.array([[0.6, 0.8]], np.float16)[:count] if embed else None,
            )


@pytest.fixture
def material(tmp_path):
    videos = {}
    for name, count in (("b", 7), ("a", 5)):
        videos[name] = tmp_path / name
        videos[name].mkdir()
        for number in range(count):
            cv2.imwrite(str(videos[name] / f"{number}.png"), np.full((8, 40, 3), 30 * number, np.uint8))
    rows = [("b", number) for number in range(7)] + [("a", number) for number in (0, 1, 3, 4)]
    return pl.DataFrame(rows, schema={"video": pl.String, "frame": pl.Int32}, orient="row"), videos


def look(detector, material, work, reported=None, **others):
    settings = {"minimum_confidence": 0.1, "source": "round", "embed": True}
    return detect_in_pieces(
        detector,
        *material,
        work,
        **({"identity": {"weights": "1"}, "piece_frames": 3} | others),
        **settings,
        report=lambda done, total: None if reported is None else reported.append((done, total)),
    )


def test_pieces_are_the_whole(material, tmp_path):
    reported = []
    found, looks = look(Brightness(), material, tmp_path / "work", reported)
    whole, whole_looks = detect_and_embed(
        Brightness(), *material, minimum_confidence=0.1, source="round", report=lambda done, total: None
    )
    assert found.equals(whole)
    assert found.height == 9
    assert looks.equals(whole_looks)
    assert reported[-1] == (11, 11)
    assert [done for done, _ in reported] == sorted(done for done, _ in reported)
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(("dies_at", "kept"), [(0, 0), (2, 0), (3, 3), (8, 7), (10, 10)])
def test_a_killed_call_goes_on_after_the_last_piece(material, tmp_path, dies_at, kept):
    with pytest.raises(KeyboardInterrupt):
        look(Brightness(dies_at), material, tmp_path / "work")
    again = Brightness()
    found, _ = look(again, material, tmp_path / "work")
    assert len(again.looked_at) == 11 - kept
    assert found.equals(look(Brightness(), material, tmp_path / "fresh")[0])


def test_other_weights_look_at_everything_anew(material, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        look(Brightness(8), material, tmp_path / "work")
    again = Brightness()
    look(again, material, tmp_path / "work", identity={"weights": "2"})
    assert len(again.looked_at) == 11


def test_no_frames_are_no_boxes(material, tmp_path):
    found, looks = look(Brightness(), (material[0].clear(), material[1]), tmp_path / "work")
    assert found.equals(boxes.empty())
    assert looks.is_empty()


@pytest.mark.parametrize("changed", [None, "weights", "facts", "tile_size", "backend"])
def test_what_the_boxes_depend_on_begins_anew(changed, material, tmp_path, monkeypatch):
    given = {"facts": {"b": 1, "a": 2}, "tile_size": None, "backend": "torch"}
    others = {"facts": {"b": 1, "a": 3}, "tile_size": 64, "backend": "auto"}
    weights = tmp_path / "weights.pt"
    weights.write_bytes(b"one")
    looked_at = []
    for dies_at in (8, None):
        detector = Brightness(dies_at)
        monkeypatch.setattr("courtside.detectors.resumable.load_detector", lambda path, found=detector, **_: found)
        settings = {"tile_overlap": 0, "minimum_confidence": 0.1, "source": "round", "embed": True}
        facts, work = given["facts"], tmp_path / "work"
        values = settings | {name: given[name] for name in ("tile_size", "backend")}
        try:
            detect_with(weights, *material, facts, work, **values, report=lambda done, total: None)
        except KeyboardInterrupt:
            if changed == "weights":
                weights.write_bytes(b"other")
            elif changed:
                given[changed] = others[changed]
        looked_at.append(len(detector.looked_at))
    # The video of seven frames was done when it was killed.
    assert looked_at == [8, 4 if changed is None else 11]
