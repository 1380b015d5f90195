"""The reader is chosen by what the path is."""

from pathlib import Path

import pytest
from label_tables import table

from courtside.errors import UserError
from courtside.formats import coco, cvat, mot
from courtside.formats.labels import read_labels

CLASSES = {1: "ball", 2: "player"}
BOXES = table(
    (0, 0, 0, 4, 4, "ball", 1, 0.2),
    (0, 1, 1, 5, 5, "player", 2, None),
    (2, 2, 2, 6, 6, "ball", 1, 1.0),
    (2, 3, 3, 7, 7, "referee", 3, 1.0),
)
FRAMES = [0, 1, 2, 3]
NAMES = [f"frame_{frame:06d}.jpg" for frame in FRAMES]


def write(path):
    if path.name == "images.xml":
        cvat.write_images(path, BOXES, FRAMES, NAMES, 9, 9)
    elif path.suffix.lower() == ".xml":
        cvat.write_video(path, BOXES, 4, 9, 9, "game")
    elif path.suffix == ".json":
        coco.write(path, BOXES, FRAMES, NAMES, 9, 9, ["ball", "player", "referee"])
    else:
        mot.write_ground_truth(path, BOXES, {"ball": 1, "player": 2, "referee": 3})


def read(path, *, minimum_visibility=0.0, frames=None, images=None, sizes=None):
    return read_labels(path, "game", CLASSES, images, sizes, minimum_visibility, frames=frames)


@pytest.mark.parametrize("name", ["images.xml", "video.xml", "labels.json", "gt.txt", "LABELS.XML"])
def test_every_format_gives_the_same_table(tmp_path, name):
    path = tmp_path / name
    write(path)
    found = read(path, frames=4)
    assert found.frames == FRAMES
    assert found.boxes.select("frame", "label", "track", "visibility").rows() == [
        (0, "ball", 1, pytest.approx(0.2)),
        (0, "player", 2, None),
        (2, "ball", 1, 1.0),
    ]
    # what is hidden goes, what nobody judged stays, and so do the frames
    clear = read(path, frames=4, minimum_visibility=0.5)
    assert clear.boxes.select("frame", "label").rows() == [(0, "player"), (2, "ball")]
    assert clear.frames == FRAMES


def test_a_folder_is_yolo(tmp_path):
    (tmp_path / "b.txt").write_text("1 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2\n")
    found = read(tmp_path, images=[Path("a.jpg"), Path("b.jpg")], sizes=[(10, 10), (20, 20)], frames=2)
    assert found.frames == [1]
    assert found.boxes.select("frame", "x1", "label").rows() == [(1, 8, "ball")]
    with pytest.raises(UserError, match="folder of images"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("info", "frames", "expected"),
    [
        (None, None, 3),  # up to the last box
        ("seqinfo.ini", None, 6),  # beside the file
        ("../seqinfo.ini", None, 6),  # one folder above, as MOTChallenge has it
        ("seqinfo.ini", 5, 5),  # the video knows better
    ],
)
def test_frames_of_motchallenge(tmp_path, info, frames, expected):
    folder = tmp_path / "gt"
    write(folder / "gt.txt")
    if info:
        mot.write_sequence_info(folder / info, "game", 25, 6, 9, 9)
    assert read(folder / "gt.txt", frames=frames).frames == list(range(expected))


@pytest.mark.parametrize("name", ["images.xml", "video.xml", "labels.json", "gt.txt"])
def test_labels_of_a_longer_video_are_refused(tmp_path, name):
    write(tmp_path / name)
    with pytest.raises(UserError, match=r"a box lies on frame 2 .* has 2 frames"):
        read(tmp_path / name, frames=2)


def test_frames_behind_the_end_without_a_box_do_not_count(tmp_path):
    write(tmp_path / "images.xml")
    assert read(tmp_path / "images.xml", frames=3).frames == [0, 1, 2]


@pytest.mark.parametrize("name", ["labels.zip", "labels", "labels.csv"])
def test_what_is_accepted_is_named(tmp_path, name):
    (tmp_path / name).write_text("")
    with pytest.raises(UserError, match=r"CVAT is \.xml, COCO \.json, MOTChallenge \.txt, and YOLO a folder"):
        read(tmp_path / name)
    with pytest.raises(UserError, match="do not exist"):
        read(tmp_path / "none" / name)


def test_real_sequence_is_longer_than_its_labels(shared_data):
    path = shared_data / "tracking/mot17_mini/MOT17-02-FRCNN/gt/gt.txt"
    assert len(read(path).frames) == 600
    found = read(path, frames=8)
    assert found.frames == list(range(8))
    assert set(found.boxes["label"]) == {"ball"}


def test_real_video_truth_has_the_length_of_its_video(shared_data):
    found = read(shared_data / "video_truth/outdoor_practice_1060x564/gt.txt")
    assert len(found.frames) == 307
    assert len(set(found.boxes["frame"])) == 195
