"""CVAT: exact files for images and for video, interpolation, any table there and back, damaged files."""

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_tables import box_tables, by_content, table
from lxml import etree

from courtside.errors import UserError
from courtside.formats import cvat


def read(tmp_path, inner, **options):
    path = tmp_path / "annotations.xml"
    path.write_text(f"<annotations>\n{inner}\n</annotations>", encoding="utf-8")
    return cvat.read(path, "game", **options)


def image(inner, name="frame_000012.jpg"):
    return f'<image id="0" name="{name}" width="200" height="100">{inner}</image>'


def box(attributes="", inner=""):
    return f'<box label="ball" xtl="10" ytl="20" xbr="30" ybr="40.5" {attributes}>{inner}</box>'


def seen(value):
    return f'<attribute name="visibility">{value}</attribute>'


def key(frame, x, *, outside=0, occluded=0, keyframe=1, inner=""):
    """A box of 10 x 10 px at x."""
    return (
        f'<box frame="{frame}" outside="{outside}" occluded="{occluded}" keyframe="{keyframe}" '
        f'xtl="{x}" ytl="0" xbr="{x + 10}" ybr="10">{inner}</box>'
    )


def task(size, extra=""):
    return f"<meta><task><size>{size}</size><mode>interpolation</mode>{extra}</task></meta>"


def test_images_are_the_frames_looked_at(tmp_path):
    found = read(tmp_path, image(box()) + image("", "sub/frame_000003.png"))
    assert found.frames == [3, 12]
    assert by_content(found.boxes) == by_content(table((12, 10, 20, 30, 40.5, "ball", None, None)))


@pytest.mark.parametrize("name", ["b.jpg", "video/b.jpg", "video\\b.jpg"])
def test_the_place_in_the_folder_is_the_frame(tmp_path, name):
    assert read(tmp_path, image(box(), name), images=[Path("v/a.jpg"), Path("v/b.jpg")]).frames == [1]


@pytest.mark.parametrize(
    ("shape", "visibility"),
    [
        (box('occluded="0"'), None),  # nobody said
        (box('occluded="1"'), 0.5),  # hidden in part, nobody said how much
        (box('occluded="1"', seen("0.25")), 0.25),
        (box('occluded="1"', seen("1")), 0.5),  # marked, and the attribute left at its default
        (box('occluded="1"', seen("")), 0.5),
        (box('occluded="0"', seen("0.25")), 0.25),
        (box('occluded="0"', seen("1")), 1.0),
        (box('occluded="0"', seen("")), None),
    ],
)
def test_visibility(tmp_path, shape, visibility):
    assert read(tmp_path, image(shape)).boxes["visibility"].to_list() == [visibility]


ROOT = math.sqrt(0.5)


@pytest.mark.parametrize(
    ("shape", "corners"),
    [
        # a quarter turn swaps width and height
        ('<box label="ball" xtl="0" ytl="0" xbr="10" ybr="20" rotation="90"/>', (-5, 5, 15, 15)),
        (
            '<box label="ball" xtl="-1" ytl="-1" xbr="1" ybr="1" rotation="45"/>',
            (-2 * ROOT, -2 * ROOT) + (2 * ROOT,) * 2,
        ),
        ('<ellipse label="ball" cx="10" cy="20" rx="3" ry="4"/>', (7, 16, 13, 24)),
        ('<ellipse label="ball" cx="10" cy="20" rx="3" ry="4" rotation="90.0"/>', (6, 17, 14, 23)),
        # a circle stays itself however it is turned
        ('<ellipse label="ball" cx="0" cy="0" rx="5" ry="5" rotation="33"/>', (-5, -5, 5, 5)),
        ('<polygon label="ball" points="1.00,2.00;5.00,3.00;4.00,9.00"/>', (1, 2, 5, 9)),
        ('<mask label="ball" rle="3, 4" left="7" top="8" width="5" height="6"/>', (7, 8, 12, 14)),
    ],
)
def test_shapes_are_the_box_around_them(tmp_path, shape, corners):
    found = read(tmp_path, image(shape)).boxes
    np.testing.assert_allclose(found.select("x1", "y1", "x2", "y2").row(0), corners, atol=1e-5)


def test_shapes_without_a_box_are_passed_over(tmp_path):
    inner = '<points label="ball" points="1,2"/><tag label="play"/><polyline label="line" points="1,2;3,4"/>'
    found = read(tmp_path, image(inner))
    assert found.frames == [12]
    assert found.boxes.is_empty()


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        # linear between keyframes, and gone at the outside one
        (key(0, 0) + key(4, 8) + key(5, 8, outside=1), {0: 0, 1: 2, 2: 4, 3: 6, 4: 8}),
        # towards an outside keyframe it moves on until there
        (key(0, 0) + key(4, 8, outside=1), {0: 0, 1: 2, 2: 4, 3: 6}),
        # gone, and back
        (key(0, 0) + key(1, 0, outside=1) + key(6, 60) + key(7, 70, outside=1), {0: 0, 6: 60}),
        # after its last keyframe it stays until the task ends
        (key(5, 50), {5: 50, 6: 50, 7: 50}),
        # what CVAT interpolated itself stands as it is listed
        (key(0, 0) + key(1, 3, keyframe=0) + key(2, 4) + key(3, 4, outside=1), {0: 0, 1: 3, 2: 4}),
        # some tools write zeros where the object has gone: it stays until then
        (key(0, 4) + '<box frame="2" outside="1" xtl="0" ytl="0" xbr="0" ybr="0"/>', {0: 4, 1: 4}),
        # the order in the file does not matter
        (key(3, 6, outside=1) + key(2, 4) + key(0, 0), {0: 0, 1: 2, 2: 4}),
    ],
)
def test_interpolation(tmp_path, listed, expected):
    found = read(tmp_path, task(8) + f'<track id="3" label="ball">{listed}</track>')
    assert found.frames == list(range(8))
    assert dict(found.boxes.select("frame", "x1").iter_rows()) == expected
    assert set(found.boxes["track"]) == {3}


def test_occlusion_and_attributes_are_those_of_the_earlier_keyframe(tmp_path):
    track = (
        key(0, 0, occluded=1, inner=seen("0.25"))
        + key(2, 0, occluded=1)  # carries the attribute on
        + key(4, 0, occluded=0, inner=seen("1"))
        + key(6, 0, occluded=1)  # occluded, and the carried attribute is still 1
        + key(7, 0, occluded=0, inner=seen(""))
    )
    found = read(tmp_path, task(8) + f'<track id="3" label="ball">{track}</track>').boxes
    assert found["visibility"].to_list() == [0.25, 0.25, 0.25, 0.25, 1.0, 1.0, 0.5, None]


@pytest.mark.parametrize(
    ("meta", "frames"),
    [
        (task(4), [0, 1, 2, 3]),
        (task(3, "<start_frame>2</start_frame><stop_frame>4</stop_frame>"), [2, 3, 4]),
        (
            task(3, "<start_frame>0</start_frame><stop_frame>4</stop_frame><frame_filter>step=2</frame_filter>"),
            [0, 2, 4],
        ),
        (task(3, "<frame_filter>step = 2</frame_filter>"), [0, 2, 4]),
        (task(3).replace("task>", "job>"), [0, 1, 2]),
        ("<meta><project><tasks>" + task(3)[6:-7] + "</tasks></project></meta>", [0, 1, 2]),
        ("", [0, 1, 2]),  # unknown: up to the last box
    ],
)
def test_the_frames_of_a_task_are_those_looked_at(tmp_path, meta, frames):
    track = f'<track id="0" label="ball">{key(2, 0)}</track>'
    found = read(tmp_path, meta + track)
    assert found.frames == frames
    assert found.boxes["frame"].to_list() == [frame for frame in frames if frame >= 2]


def test_interpolation_skips_frames_nobody_looked_at_but_keeps_drawn_ones(tmp_path):
    meta = task(3, "<start_frame>0</start_frame><stop_frame>4</stop_frame><frame_filter>step=2</frame_filter>")
    found = read(tmp_path, meta + f'<track id="0" label="ball">{key(0, 0) + key(3, 3)}</track>')
    assert found.boxes["frame"].to_list() == [0, 2, 3, 4]
    assert found.frames == [0, 2, 3, 4]


FRAMES = list(range(40))
NAMES = [f"frame_{frame:06d}.jpg" for frame in FRAMES]


@given(boxes=box_tables())
def test_any_table_comes_back_from_images(tmp_path_factory, boxes):
    path = tmp_path_factory.mktemp("cvat") / "labels.xml"
    cvat.write_images(path, boxes, FRAMES, NAMES, 1280, 720)
    again = cvat.read(path, "game")
    assert again.frames == FRAMES
    assert again.boxes.rows() == boxes.rows()


@given(boxes=box_tables(tracked=st.integers(0, 3)))
def test_any_tracked_table_comes_back_from_video(tmp_path_factory, boxes):
    path = tmp_path_factory.mktemp("cvat") / "annotations.xml"
    cvat.write_video(path, boxes, 40, 1280, 720, "game <1> & 2")
    again = cvat.read(path, "game")
    assert again.frames == FRAMES
    assert by_content(again.boxes) == by_content(boxes)


def test_untracked_boxes_become_tracks_of_one_frame(tmp_path):
    boxes = table(
        (0, 0, 0, 1, 1, "ball", None, None), (0, 5, 5, 6, 6, "ball", 7, 0.5), (1, 2, 2, 3, 3, "ball", None, 1)
    )
    cvat.write_video(tmp_path / "a.xml", boxes, 2, 10, 10, "game")
    again = cvat.read(tmp_path / "a.xml", "game").boxes
    assert again.select("frame", "x1", "track").sort("frame", "x1").rows() == [(0, 0, 8), (0, 5, 7), (1, 2, 9)]


def test_a_file_without_a_box_keeps_its_frames(tmp_path):
    cvat.write_video(tmp_path / "video.xml", table(), 3, 10, 10, "game")
    cvat.write_images(tmp_path / "images.xml", table(), [4], ["frame_000004.jpg"], 10, 10)
    assert cvat.read(tmp_path / "video.xml", "game").frames == [0, 1, 2]
    assert cvat.read(tmp_path / "images.xml", "game").frames == [4]


def test_another_parser_finds_what_was_written(tmp_path):
    boxes = table((2, 1.5, 2, 3, 4, "a<b", 7, 0.5))
    cvat.write_video(tmp_path / "a.xml", boxes, 9, 10, 10, "game")
    root = etree.parse(tmp_path / "a.xml").getroot()
    assert root.findtext("version") == "1.1"
    assert root.findtext("meta/task/labels/label/name") == "a<b"
    first, gone = root.findall("track[@id='7'][@label='a<b']/box")
    assert dict(first.attrib) == {
        "frame": "2",
        "outside": "0",
        "occluded": "1",
        "keyframe": "1",
        "z_order": "0",
        "xtl": "1.5",
        "ytl": "2",
        "xbr": "3",
        "ybr": "4",
    }
    assert first.findtext("attribute[@name='visibility']") == "0.5"
    assert (gone.get("frame"), gone.get("outside")) == ("3", "1")


BALL = table((5, 0, 0, 1, 1, "ball", 1, None))


@pytest.mark.parametrize(
    "write",
    [
        lambda path: cvat.write_images(path, BALL, [4], ["frame_000004.jpg"], 9, 9),
        lambda path: cvat.write_images(path, BALL, [5, 6], ["frame_000005.jpg"], 9, 9),
        lambda path: cvat.write_video(path, BALL, 5, 9, 9, "game"),
        lambda path: cvat.write_video(path, pl.concat([BALL, BALL]), 9, 9, 9, "game"),
        lambda path: cvat.write_video(
            path, pl.concat([BALL, BALL.with_columns(video=pl.lit("other"))]), 9, 9, 9, "game"
        ),
    ],
)
def test_what_the_file_cannot_hold_is_refused_and_nothing_is_left(tmp_path, write):
    with pytest.raises(ValueError):
        write(tmp_path / "a.xml")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("inner", "complaint"),
    [
        (image(box()) + "<image>", "no well-formed XML"),
        ("<version>2.0</version>", "version '2.0'"),
        ('\n\n<image id="0"/>', "line 4, <image>: name is missing"),
        (image("\n<box label='ball' xtl='1' ytl='1' xbr='5'/>"), "line 3, <box>: ybr is missing"),
        (image('<box xtl="1" ytl="1" xbr="5" ybr="5"/>'), "<box>: label is missing"),
        (image(box('rotation="much"')), "rotation is 'much'"),
        (image('<box label="ball" xtl="1" ytl="1" xbr="1" ybr="5"/>'), "the box has no area"),
        (image('<box label="ball" xtl="1" ytl="1" xbr="inf" ybr="5"/>'), "xbr is 'inf'"),
        (image('<polygon label="ball" points="1,2;3"/>'), "points must be"),
        (image('<ellipse label="ball" cx="1" cy="1" rx="0" ry="5"/>'), "the box has no area"),
        (image(box('occluded="maybe"')), "occluded is 'maybe'"),
        (image(box("", seen("7"))), "the visibility is '7'"),
        (image(box("", '<attribute name="track">x</attribute>')), "the track is 'x'"),
        (image("", "court.jpg"), "does not end in a frame number"),
        (image("") + image("", "other_12.jpg"), "are both frame 12"),
        (f'<track id="0">{key(0, 0)}</track>', "<track>: label is missing"),
        (f'<track id="0" label="ball">{box()}</track>', "<box>: frame is missing"),
        (f'<track id="0" label="ball">{key(-1, 0)}</track>', "frame -1 is negative"),
        (f'<track id="0" label="ball">{key(1, 0) + key(1, 5)}</track>', "two boxes on frame 1"),
        (f'<track id="0" label="ball">{key(1, 0)}</track>' * 2, "track 0 has two boxes labelled 'ball' on frame 1"),
        (task(99_999_999), "are no frames of a video"),
        (task(3, "<frame_filter>step=0</frame_filter>"), "by steps of 0"),
        ("<meta><project><tasks><task/><task/></tasks></project></meta>", "a project of 2 tasks"),
    ],
)
def test_damaged_files(tmp_path, inner, complaint):
    with pytest.raises(UserError) as error:
        read(tmp_path, inner)
    assert complaint in str(error.value)
    assert str(tmp_path / "annotations.xml") in str(error.value)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no well-formed XML"),
        (b"PK\x03\x04 a zip", "no well-formed XML"),
        (b"<annotations><image id='0' name='a_1.jpg'>", "no well-formed XML"),  # cut off
        (b"<annotation><folder/></annotation>", "root element is <annotation>"),  # Pascal VOC
        (b'<?xml version="1.0" encoding="martian"?><annotations/>', "no well-formed XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><annotations>&b;</annotations>', "document type declaration"),
    ],
)
def test_files_of_another_kind(tmp_path, content, complaint):
    path = tmp_path / "annotations.xml"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        cvat.read(path, "game")
    assert complaint in str(error.value)


def test_missing_files(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        cvat.read(tmp_path / "none.xml", "game")
    with pytest.raises(UserError, match="cannot be read"):
        cvat.read(tmp_path, "game")
