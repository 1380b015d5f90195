"""Answers on the disk: each at once, all of them after a kill, none written over another's."""

import json
import subprocess
import sys

import polars as pl
import pytest

from courtside.errors import UserError
from courtside.formats import cvat, sorted_frames
from courtside.formats.labels import read_labels
from courtside.review.boxes import BoxOnFrame, from_json
from courtside.review.drafts import Drafts
from courtside.review.questions import Key
from courtside.review.reviewed_store import ReviewedFrame, ReviewedStore
from courtside.review.sorted_store import SortedStore

LABELS = ("no_ball", "ball")
FIRST, SECOND = Key("a", 7), Key("a", 3)
BALL = BoxOnFrame(1.5, 2.0, 11.25, 12.0, "ball")
SIZE = (320, 180)


def sorted_store(path, **more):
    return SortedStore({"a": path}, LABELS, **more)


def reviewed_store(path, images=None):
    return ReviewedStore({"a": path}, {} if images is None else {"a": images}, ["ball", "player"])


def test_each_label_is_on_the_disk(tmp_path):
    path = tmp_path / "labels/a.csv"
    store = sorted_store(path)
    steps = [
        (FIRST, "ball", "7,ball\n"),
        (SECOND, "no_ball", "3,no_ball\n7,ball\n"),
        (FIRST, "dropped", "3,no_ball\n7,dropped\n"),
        (SECOND, None, "7,dropped\n"),
        (FIRST, None, ""),
    ]
    for key, label, expected in steps:
        store.put(key, label)
        assert path.read_text() == "frame,label\n" + expected
        assert sorted_store(path).labels == store.labels
    assert store.changes == len(steps)


def test_a_file_of_balls_is_gone_on_with(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("frame,ball\n3,1\n")
    sorted_store(path).put(FIRST, "no_ball")
    assert path.read_text() == "frame,label\n3,ball\n7,no_ball\n"


def test_what_the_pipeline_drew_is_begun_with_and_stays(tmp_path):
    drawn, path = tmp_path / "drawn.csv", tmp_path / "a.csv"
    drawn.write_text("frame,label\n3,ball\n")
    store = sorted_store(path, begin_with={"a": drawn})
    assert store.labels == {SECOND: "ball"}
    store.put(SECOND, "ball")  # the same again, but the file is not there yet
    assert path.read_text() == "frame,label\n3,ball\n"
    store.put(SECOND, None)
    assert drawn.read_text() == "frame,label\n3,ball\n"
    assert sorted_store(path, begin_with={"a": drawn}).labels == {}


@pytest.mark.parametrize("content", ["frame,label\n3,bal\n", "frame,label\n3\n", "nonsense", "\xff"])
def test_a_damaged_csv_is_one_line(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(UserError, match=r"a\.csv"):
        sorted_store(path)
    assert path.read_bytes() == content.encode("latin-1")


@pytest.mark.parametrize("kind", ["sorted", "reviewed", "drafts"])
def test_another_program_s_answers_are_not_written_over(tmp_path, kind):
    path = tmp_path / {"sorted": "a.csv", "reviewed": "a.xml", "drafts": "a.json"}[kind]

    def opened():
        if kind == "sorted":
            store = sorted_store(path)
            return lambda key: store.put(key, "ball")
        if kind == "reviewed":
            store = reviewed_store(path)
            return lambda key: store.put(key, ReviewedFrame((BALL,), SIZE))
        drafts = Drafts(path, ["ball"])
        return lambda key: drafts.put(key, (BALL,))

    ours, theirs = opened(), opened()
    theirs(FIRST)
    written = path.read_bytes()
    with pytest.raises(UserError, match="was changed by another program"):
        ours(SECOND)
    assert path.read_bytes() == written


def test_a_disk_that_cannot_be_written_changes_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    store = sorted_store(tmp_path / "file/a.csv")
    with pytest.raises(UserError, match="cannot be written"):
        store.put(FIRST, "ball")
    assert store.labels == {}
    reviewed = reviewed_store(tmp_path / "file/a.xml")
    with pytest.raises(UserError, match="cannot be written"):
        reviewed.put(FIRST, ReviewedFrame((BALL,), SIZE))
    assert reviewed.frames == {}


def test_a_killed_program_loses_nothing(tmp_path):
    path = tmp_path / "a.csv"
    program = f"""
import os
from pathlib import Path
from courtside.review.questions import Key
from courtside.review.sorted_store import SortedStore
store = SortedStore({{"a": Path({str(path)!r})}}, ["no_ball", "ball"])
for frame in range(50):
    store.put(Key("a", frame), "ball")
os.kill(os.getpid(), 9)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    assert sorted_frames.read(path, "a").height == 50


def test_reviewed_frames_are_what_annotate_reads(tmp_path):
    path = tmp_path / "a.xml"
    store = reviewed_store(path)
    person = BoxOnFrame(20.0, 30.0, 60.5, 100.0, "player", visibility=0.5, track=4)
    store.put(FIRST, ReviewedFrame((BALL, person), SIZE))
    store.put(SECOND, ReviewedFrame((), SIZE))
    read = read_labels(path, "a", {0: "ball", 1: "player"}, None, None, 0.0, frames=10)
    assert read.frames == [3, 7]  # 3 is seen and empty
    columns = ["frame", "label", "x1", "y1", "x2", "y2", "track", "visibility"]
    assert read.boxes.select(columns).rows() == [
        (7, "ball", 1.5, 2.0, 11.25, 12.0, None, None),
        (7, "player", 20.0, 30.0, 60.5, 100.0, 4, 0.5),
    ]
    again = reviewed_store(path)
    assert again.frames == store.frames
    before = path.read_text()
    again.put(Key("a", 5), ReviewedFrame((BALL,), SIZE))
    again.put(Key("a", 5), None)
    assert path.read_text() == before


def test_images_of_a_folder_keep_their_names(tmp_path):
    images = [tmp_path / f"court {place}.png" for place in range(9)]
    path = tmp_path / "a.xml"
    store = reviewed_store(path, images)
    store.put(FIRST, ReviewedFrame((BALL,), SIZE))
    assert 'name="court 7.png" width="320" height="180"' in path.read_text()
    assert reviewed_store(path, images).frames == store.frames


def test_a_file_of_an_annotation_tool_is_gone_on_with(tmp_path):
    path = tmp_path / "a.xml"
    table = pl.DataFrame(
        {
            "video": "a",
            "frame": [2],
            "x1": [1.0],
            "y1": [1.0],
            "x2": [5.0],
            "y2": [6.0],
            "label": ["coach"],
            "score": [1.0],
        }
    ).with_columns(source=pl.lit("human"))
    cvat.write_images(path, table, [2, 4], ["clip_000002.jpg", "clip_000004.jpg"], *SIZE)
    store = reviewed_store(path)
    assert set(store.frames) == {Key("a", 2), Key("a", 4)}
    store.put(FIRST, ReviewedFrame((BALL,), SIZE))
    text = path.read_text()
    assert 'name="clip_000002.jpg"' in text
    assert "<name>coach</name>" in text
    assert cvat.read(path, "a").frames == [2, 4, 7]


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ('<polygon label="ball" points="1,1;5,1;5,5"/>', "a polygon, which would be lost"),
        ('<box label="ball" rotation="30.0" xtl="1" ytl="1" xbr="5" ybr="5"/>', "a turned box"),
        ('<box label="ball" xtl="1" ytl="1" xbr="5" ybr="5"><attribute name="team">A</attribute></box>', "more than a"),
    ],
)
def test_what_would_be_lost_is_not_opened(tmp_path, shape, said):
    path = tmp_path / "a.xml"
    path.write_text(f'<annotations>\n<image name="f_1.jpg" width="9" height="9">\n{shape}\n</image></annotations>')
    with pytest.raises(UserError, match=f"a.xml, line 3: {said}"):
        reviewed_store(path)


@pytest.mark.parametrize("content", ["<annotations><image", "", "<other/>"])
def test_a_damaged_xml_is_one_line(tmp_path, content):
    path = tmp_path / "a.xml"
    path.write_text(content)
    with pytest.raises(UserError, match=r"a\.xml"):
        reviewed_store(path)


def test_a_file_of_another_form_is_one_line(tmp_path):
    with pytest.raises(UserError, match=r"videos\.a\.reviewed: .*is no CVAT file"):
        reviewed_store(tmp_path / "a.json")


def test_what_was_begun_is_kept(tmp_path):
    path = tmp_path / "drafts/r.json"
    drafts = Drafts(path, ["ball"])
    rejected = BoxOnFrame(1, 1, 2, 2, "ball", score=0.25, rejected=True)
    drafts.put(FIRST, (BALL, rejected))
    drafts.put(SECOND, ())
    again = Drafts(path, ["ball"])
    assert (again.get(FIRST), again.get(SECOND), again.get(Key("b", 7))) == ((BALL, rejected), (), None)
    again.put(FIRST, None)
    assert Drafts(path, ["ball"]).get(FIRST) is None
    assert Drafts(path, ["player"]).get(SECOND) == ()


@pytest.mark.parametrize("content", ["{", "[]", '{"a": {"x": []}}', '{"a": {"1": [{}]}}', '{"a": [1]}'])
def test_damaged_drafts_are_one_line(tmp_path, content):
    path = tmp_path / "r.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"r\.json is damaged; delete it"):
        Drafts(path, ["ball"])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, (1, 2, 30, 40)),
        ({"x1": -5, "y2": 999}, (0, 2, 30, 180)),
        ({"x2": 0.5}, None),
        ({"x1": 400, "x2": 500}, None),
        ({"label": "hoop"}, None),
    ],
)
def test_boxes_are_cut_to_the_picture(change, expected):
    values = {"x1": 1, "y1": 2, "x2": 30, "y2": 40, "label": "ball", **change}
    if expected is None:
        with pytest.raises(UserError):
            from_json(values, ["ball"], SIZE)
        return
    box = from_json(json.loads(json.dumps(values)), ["ball"], SIZE)
    assert (box.x1, box.y1, box.x2, box.y2) == expected
    assert from_json(box.to_json(), ["ball"], SIZE) == box
