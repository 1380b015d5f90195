"""YOLO: exact lines, any table there and back, real folders, damaged files."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_tables import box_tables, by_content, table

from courtside.errors import UserError
from courtside.formats import yolo

CLASSES = {0: "ball", 1: "ball", 2: "player"}


def read(tmp_path, text, size=(200, 100)):
    (tmp_path / "a.txt").write_text(text)
    return yolo.read_folder(tmp_path, [Path("images/a.jpg")], [size], "game", CLASSES)


@pytest.mark.parametrize(
    ("line", "row"),
    [
        # centre and size as shares of 200 x 100
        ("0 0.5 0.5 0.25 0.5", (0, 75, 25, 125, 75, "ball", None, None)),
        # two classes, one label
        ("1 0.5 0.5 0.25 0.5", (0, 75, 25, 125, 75, "ball", None, None)),
        # a polygon is the box around it
        ("2 0.1 0.2 0.3 0.1 0.2 0.9", (0, 20, 10, 60, 90, "player", None, None)),
        # an edge may overshoot the border by rounding
        ("0 0.005 0.5 0.02 0.5", (0, -1, 25, 3, 75, "ball", None, None)),
    ],
)
def test_a_line_is_a_box(tmp_path, line, row):
    found = read(tmp_path, line + "\n")
    assert found.frames == [0]
    np.testing.assert_allclose(found.boxes.select("x1", "y1", "x2", "y2").row(0), row[1:5], atol=1e-5)
    assert found.boxes.select("frame", "label", "track", "visibility").row(0) == (row[0], *row[5:])


def test_no_file_is_not_looked_at_and_an_empty_file_is_nothing_there(tmp_path):
    (tmp_path / "b.txt").write_text("")
    (tmp_path / "c.txt").write_text("3 0.5 0.5 0.25 0.5\n")  # a class nobody asked for
    (tmp_path / "classes.txt").write_text("ball\n")
    images = [Path("a.jpg"), Path("b.jpg"), Path("c.png")]
    found = yolo.read_folder(tmp_path, images, [(10, 10)] * 3, "game", CLASSES)
    assert found.frames == [1, 2]
    assert found.boxes.is_empty()


SIZES = st.tuples(st.integers(1, 4000), st.integers(1, 4000))


@given(boxes=box_tables(lowest=0, highest=3000, tracked=st.none(), frames=1), size=SIZES)
def test_any_table_comes_back_cut_at_the_border(tmp_path_factory, boxes, size):
    folder = tmp_path_factory.mktemp("yolo")
    labels = ("ball", "player", "referee & <coach>")
    yolo.write_labels(folder / "a.txt", boxes, *size, labels)
    again = yolo.read_folder(folder, [Path("a.jpg")], [size], "game", dict(enumerate(labels))).boxes
    expected = []
    for *edges, label in boxes.select("x1", "y1", "x2", "y2", "label").rows():
        x1, y1, x2, y2 = np.clip(edges, 0, [*size, *size])
        if x1 < x2 and y1 < y2:
            expected.append((x1, y1, x2, y2, label))
    assert again["label"].to_list() == [row[4] for row in expected]
    np.testing.assert_allclose(
        again.select("x1", "y1", "x2", "y2").to_numpy().reshape(-1, 4),
        np.array([row[:4] for row in expected]).reshape(-1, 4),
        atol=1e-3,
    )


def test_written_shares_stay_within_the_picture(tmp_path):
    boxes = table((0, -10, -10, 5, 5, "ball", 1, 0.5), (0, 200, 10, 250, 20, "ball", 2, None))
    yolo.write_labels(tmp_path / "a.txt", boxes, 200, 100, ["player", "ball"])
    assert (tmp_path / "a.txt").read_text() == "1 0.0125 0.025 0.025 0.05\n"  # the second is wholly outside


@pytest.mark.parametrize(
    ("boxes", "complaint"),
    [
        (table((0, 0, 0, 1, 1, "referee", None, None)), "referee"),
        (table((0, 0, 0, 1, 1, "ball", None, None), (1, 0, 0, 1, 1, "ball", None, None)), "one frame"),
    ],
)
def test_what_a_label_file_cannot_hold_is_refused(tmp_path, boxes, complaint):
    with pytest.raises(ValueError, match=complaint):
        yolo.write_labels(tmp_path / "a.txt", boxes, 10, 10, ["ball"])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("0 0.5 0.5 0.25\n", "a.txt, line 1: 4 fields"),
        ("0 0.5 0.5 0.25 0.25\n0 0.5 0.5 0.25 0.25 0.9\n", "a.txt, line 2: 6 fields"),
        ("ball 0.5 0.5 0.25 0.25\n", "line 1: the class is 'ball'"),
        ("0 0.5 0.5 0.25 x\n", "line 1: a coordinate is 'x'"),
        ("0 320 240 50 50\n", "line 1: a coordinate is not within 0 and 1"),
        ("0 0.5 0.5 0 0.25\n", "line 1: the box has no area"),
        ("0 0.1 0.1 0.2 0.1 0.3 0.1\n", "line 1: the box has no area"),  # a polygon that is a line
        ("9 0.5 0.5 -0.5 0.25\n", "line 1: a coordinate is not within"),  # checked in every class
    ],
)
def test_damaged_files(tmp_path, text, complaint):
    with pytest.raises(UserError) as error:
        read(tmp_path, text)
    assert complaint in str(error.value)


def test_wrong_folders(tmp_path):
    with pytest.raises(UserError, match="is no folder"):
        yolo.read_folder(tmp_path / "none", [Path("a.jpg")], [(1, 1)], "game", CLASSES)
    (tmp_path / "b.txt").write_text("")
    with pytest.raises(UserError, match="no label file for any of 1 images"):
        yolo.read_folder(tmp_path, [Path("a.jpg")], [(1, 1)], "game", CLASSES)


@pytest.mark.parametrize(
    ("folder", "size", "classes", "boxes"),
    [
        # ball, ball in the net, ball at the rim; four lines are polygons, three files are empty
        ("basketball", (640, 640), {0: "ball", 1: "ball", 4: "ball"}, 835),
        ("basketball", (640, 640), {2: "player"}, 582),
        ("tennis", (1280, 720), {0: "ball"}, 84),
        ("football", (1920, 1080), {0: "ball", 1: "player", 2: "player", 3: "referee"}, 588),
    ],
)
def test_real_folders(shared_data, folder, size, classes, boxes):
    place = shared_data / "detection" / folder
    images = sorted((place / "images").iterdir())
    first = cv2.imread(str(images[0]))
    assert first.shape[1::-1] == size
    found = yolo.read_folder(place / "labels", images, [size] * len(images), "game", classes)
    assert found.frames == list(range(len(images)))
    assert found.boxes.height == boxes
    corners = found.boxes.select("x1", "y1", "x2", "y2").to_numpy()
    assert corners.min() > -0.01
    assert (corners <= np.array([*size, *size]) + 0.01).all()


def test_the_order_of_the_file_stays(tmp_path):
    found = read(tmp_path, "2 0.5 0.5 0.5 0.5\n\n0 0.25 0.25 0.1 0.1\n")
    assert found.boxes["label"].to_list() == ["player", "ball"]
    assert by_content(found.boxes)[0][6] == "ball"
