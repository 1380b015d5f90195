"""The files of a drawn game read back as what was drawn."""

import csv

import numpy as np
import polars as pl
import pytest

from courtside.formats import cvat, mot, sorted_frames
from courtside.sample.drawing import draw_frames
from courtside.sample.game import LABEL_IDS, draw_game
from courtside.sample.looks import named_looks
from courtside.sample.settings import GameSettings
from courtside.video.reader import read_frames
from courtside.video.source import probe

SETTINGS = GameSettings("canyon", 5, 4.0, named_looks()["canyon"], label_every=7, sort_every=4, width=640, height=360)


@pytest.fixture(scope="module")
def drawn():
    return list(draw_frames(SETTINGS))


@pytest.fixture(scope="module")
def game(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "canyon"
    steps = []
    draw_game(SETTINGS, folder, lambda done, total: steps.append((done, total)))
    assert steps == [(done, 100) for done in range(1, 101)]
    return folder


def corners(rows):
    return np.array([[row[c] for c in ("x1", "y1", "x2", "y2")] for row in rows])


def test_the_video_holds_the_drawn_frames(game, drawn):
    info = probe(game / "video.mp4")
    assert (info.width, info.height, info.frames, info.frames_per_second) == (640, 360, 100, 25)
    for frame in read_frames(game / "video.mp4", 40, 44):
        difference = np.abs(frame.image.astype(int) - drawn[frame.index].image)
        assert difference.mean() < 12


def test_mot_truth_holds_every_box_with_its_visibility(game, drawn):
    table = mot.read_ground_truth(game / "gt" / "gt.txt", "canyon", {v: k for k, v in LABEL_IDS.items()})
    expected = [(frame.index, box) for frame in drawn for box in frame.boxes]
    assert table.height == len(expected) > 500
    rows = {(row["frame"], row["track"]): row for row in table.iter_rows(named=True)}
    for index, box in expected:
        row = rows[index, box.identity]
        assert row["label"] == box.label
        assert corners([row])[0] == pytest.approx([box.x1, box.y1, box.x2, box.y2], abs=0.02)
        assert row["visibility"] == pytest.approx(box.visibility, abs=1e-3)
    info = mot.read_sequence_info(game / "seqinfo.ini")
    assert (info.frames, info.width, info.height) == (100, 640, 360)


def test_cvat_tracks_hold_the_same_boxes(game, drawn):
    annotations = cvat.read(game / "annotations.xml", "canyon")
    boxes = [(frame.index, box) for frame in drawn for box in frame.boxes]
    assert annotations.boxes.height == len(boxes)
    ball = annotations.boxes.filter((pl.col("label") == "ball") & (pl.col("frame") == 12)).row(0, named=True)
    expected = next(box for box in drawn[12].boxes if box.label == "ball")
    assert corners([ball])[0] == pytest.approx([expected.x1, expected.y1, expected.x2, expected.y2], abs=0.02)


def test_labels_are_spread_over_the_sound_frames_and_leave_out_what_is_hidden(game, drawn):
    annotations = cvat.read(game / "labels.xml", "canyon")
    sound = [frame.index for frame in drawn if frame.defect == "none"]
    assert annotations.frames == sound[::7]
    expected = {
        frame: sum(box.visibility >= SETTINGS.label_minimum_visibility for box in drawn[frame].boxes)
        for frame in sound[::7]
    }
    counts = dict(annotations.boxes.group_by("frame").len().iter_rows())
    assert {frame: counts.get(frame, 0) for frame in expected} == expected


def test_sorted_frames_say_where_the_ball_can_be_seen(game, drawn):
    table = sorted_frames.read(game / "sorted.csv", "canyon")
    sound = [frame.index for frame in drawn if frame.defect == "none"]
    assert table["frame"].to_list() == sound[::4]
    for row in table.iter_rows(named=True):
        balls = [box for box in drawn[row["frame"]].boxes if box.label == "ball"]
        visible = any(box.visibility >= SETTINGS.label_minimum_visibility for box in balls)
        assert row["label"] == ("ball" if visible else "no_ball")
    assert set(table["label"]) == {"ball", "no_ball"}


def test_defects_are_told_for_every_frame(game, drawn):
    with (game / "defects.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [tuple(row.values()) for row in rows] == [
        (str(frame.index), str(frame.shot), frame.shot_kind, frame.defect) for frame in drawn
    ]
