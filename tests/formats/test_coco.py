"""COCO: exact files, any table there and back, damaged ones."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from label_tables import LABELS, assert_same, box_tables, by_content, table

from courtside.errors import UserError
from courtside.formats import coco


def content(**changes):
    return {
        "images": [{"id": 5, "file_name": "frame_000012.jpg", "width": 200, "height": 100}],
        "categories": [{"id": 1, "name": "ball"}, {"id": 37, "name": "sports ball"}],
        "annotations": [{"id": 1, "image_id": 5, "category_id": 1, "bbox": [10, 20, 30, 40.5]}],
    } | changes


def read(tmp_path, value, images=None, classes=None):
    path = tmp_path / "labels.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return coco.read(path, "game", images, classes)


def annotation(**changes):
    return [{"id": 1, "image_id": 5, "category_id": 1, "bbox": [10, 20, 30, 40.5]} | changes]


def test_a_file_is_boxes(tmp_path):
    found = read(tmp_path, content())
    assert found.frames == [12]
    assert by_content(found.boxes) == by_content(table((12, 10, 20, 40, 60.5, "ball", None, None)))


@pytest.mark.parametrize(
    ("attributes", "track", "visibility"),
    [
        ({"track_id": 4, "visibility": 0.25, "occluded": True}, 4, 0.25),
        ({"occluded": True}, None, 0.5),  # hidden in part, nobody said how much
        ({"occluded": True, "visibility": 1}, None, 0.5),
        ({"occluded": False}, None, None),
        ({"visibility": ""}, None, None),
        (None, None, None),
    ],
)
def test_attributes(tmp_path, attributes, track, visibility):
    found = read(tmp_path, content(annotations=annotation(attributes=attributes)))
    assert found.boxes.select("track", "visibility").row(0) == (track, visibility)


def test_a_crowd_is_no_object(tmp_path):
    found = read(tmp_path, content(annotations=annotation(iscrowd=1, segmentation={"counts": []})))
    assert found.frames == [12]
    assert found.boxes.is_empty()


@pytest.mark.parametrize(
    ("category", "classes", "label"),
    [
        (1, {1: "ball", 37: "player"}, "ball"),  # a name is wanted: names count, numbers do not
        (37, {1: "ball", 37: "player"}, "sports ball"),
        (37, {37: "basketball"}, "basketball"),  # no name is wanted: numbers count
        (1, {37: "basketball"}, None),
    ],
)
def test_names_before_numbers(tmp_path, category, classes, label):
    found = read(tmp_path, content(annotations=annotation(category_id=category)), classes=classes)
    assert found.boxes["label"].to_list() == ([label] if label else [])


def test_the_place_in_the_folder_is_the_frame(tmp_path):
    images = [Path("video/a_7.jpg"), Path("video/frame_000012.jpg")]
    assert read(tmp_path, content(), images).frames == [1]


@given(boxes=box_tables())
def test_any_table_comes_back(tmp_path_factory, boxes):
    path = tmp_path_factory.mktemp("coco") / "labels.json"
    frames = list(range(40))
    coco.write(path, boxes, frames, [f"frame_{frame:06d}.jpg" for frame in frames], 1280, 720, LABELS)
    again = coco.read(path, "game", None)
    assert again.frames == frames
    assert_same(again.boxes, boxes)


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("{", "is no valid JSON"),
        ("[" * 100_000, "is no valid JSON"),
        ("[]", "is no COCO file"),
        (content(images="none"), "is no COCO file"),
        (content(images=[{"id": 5}]), "images[0]: file_name is missing"),
        (content(images=[{"id": 5, "file_name": "court.jpg"}]), "does not end in a frame number"),
        (
            content(images=[{"id": 5, "file_name": "a_12.jpg"}, {"id": 6, "file_name": "b_12.jpg"}]),
            "images[1]: images 'a_12.jpg' and 'b_12.jpg' are both frame 12",
        ),
        (content(categories=[{"name": "ball"}]), "categories[0]: id is missing"),
        (content(annotations=annotation(image_id=9)), "annotations[0]: image_id 9"),
        (content(annotations=annotation(category_id=9)), "annotations[0]: category_id 9"),
        (content(annotations=annotation(bbox=[1, 2, 3])), "annotations[0]: bbox is not"),
        (content(annotations=annotation(bbox=[1, 2, 3, None])), "annotations[0]: a value of bbox is 'None'"),
        (content(annotations=annotation(bbox=[1, 2, 0, 5])), "annotations[0]: the box has no area"),
        (content(annotations=annotation(attributes=[1])), "annotations[0]: attributes"),
        (content(annotations=annotation(attributes={"visibility": 2})), "annotations[0]: the visibility is '2'"),
        (content(annotations=[7]), "annotations[0]: category_id is missing"),
        (content(annotations=annotation(attributes={"track_id": 1}) * 2), "track 1 has two boxes"),
    ],
)
def test_damaged_files(tmp_path, value, complaint):
    with pytest.raises(UserError) as error:
        read(tmp_path, value)
    assert complaint in str(error.value)


def test_an_image_outside_the_folder(tmp_path):
    with pytest.raises(UserError, match="not in the video's folder"):
        read(tmp_path, content(), [Path("video/other.jpg")])


@pytest.mark.parametrize(("frames", "labels"), [([1], ["ball"]), ([0], ["player"])])
def test_what_the_file_would_lose_is_refused(tmp_path, frames, labels):
    with pytest.raises(ValueError, match="not among those to write"):
        coco.write(
            tmp_path / "a.json", table((0, 0, 0, 1, 1, "ball", None, None)), frames, ["frame_1.jpg"], 9, 9, labels
        )
