"""Whole trees of every format: any sequence there and back, exact layouts, what a format cannot hold."""

from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from label_tables import assert_same, box_tables, by_content, table
from PIL import Image

from courtside import boxes
from courtside.errors import UserError
from courtside.formats import sequence_writers, sequences
from courtside.formats.sequences import Choice, Picture, Sequence

LABELS = {1: "ball", 2: "player", 3: "referee & <coach>"}
FRAMES = 40


def video(rows, name="game", size=(1280, 720)):
    pictures = {frame: Picture(f"frame_{frame:06d}.jpg", *size, None) for frame in range(FRAMES)}
    return Sequence(name, rows.with_columns(video=pl.lit(name)), pictures, FRAMES, Fraction(30000, 1001))


def written(folder, form, *found, classes=None, **options):
    """A tree of the sequences in a format."""
    first = sequence_writers.FIRST_CLASS.get(form, 1)
    numbers = dict(enumerate((classes or LABELS).values(), start=first))
    how = sequence_writers.Options(numbers, **options)
    sequence_writers.check(form, how)
    for sequence in found:
        sequence_writers.write(folder, form, sequence, how)
    sequence_writers.finish(folder, form, how)
    return folder


def read(folder, form, choice=None):
    return [item.read() for item in sequences.find(folder, form, choice or Choice())]


def paths(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("form", ["coco", "mot"])
@settings(deadline=None)
@given(rows=box_tables())
def test_any_video_comes_back(tmp_path_factory, form, rows):
    sequence = video(rows)
    [again] = read(written(tmp_path_factory.mktemp(form), form, sequence), form)
    assert_same(again.boxes, sequence.boxes)
    assert list(again.pictures) == list(range(FRAMES))
    assert {(picture.width, picture.height) for picture in again.pictures.values()} == {(1280, 720)}
    if form == "mot":
        assert (again.frames, again.frames_per_second) == (FRAMES, Fraction(30000, 1001))


@settings(deadline=None)
@given(rows=box_tables())
def test_any_video_comes_back_from_cvat(tmp_path_factory, rows):
    sequence = video(rows.filter(pl.col("track").is_not_null()))
    [again] = read(written(tmp_path_factory.mktemp("cvat"), "cvat", sequence), "cvat")
    assert by_content(again.boxes) == by_content(sequence.boxes)
    assert again.frames == FRAMES
    assert list(again.pictures) == list(range(FRAMES))


@settings(deadline=None)
@given(rows=box_tables())
def test_any_players_come_back_from_sportsmot(tmp_path_factory, rows):
    sequence = video(rows.filter(pl.col("label") == "player"), "val/game")
    folder = written(tmp_path_factory.mktemp("s"), "sportsmot", sequence, classes={1: "player"}, sport="basketball")
    [again] = read(folder, "sportsmot", Choice(sport="basketball", split="val"))
    assert_same(again.boxes, sequence.boxes)
    assert again.name == "val/game"


@settings(deadline=None)
@given(rows=box_tables(lowest=0, highest=90))
def test_any_pictures_come_back_from_cvat_and_coco_with_their_own_sizes(tmp_path_factory, rows):
    names = {frame: Picture(f"shot{frame:02}_png.jpg", 1000 + frame, 900, None) for frame in range(FRAMES)}
    sequence = Sequence("game", rows, names)
    for form in ("cvat", "coco"):
        [again] = read(written(tmp_path_factory.mktemp(form), form, sequence), form)
        assert_same(again.boxes, sequence.boxes.with_columns(video=pl.lit("game")))
        assert again.pictures == names
        assert again.frames is None


@settings(deadline=None)
@given(rows=box_tables(lowest=0, highest=90))
def test_any_pictures_come_back_from_yolo(tmp_path_factory, rows):
    """Boxes of at most 1,090 px in pictures of 2,000: none is cut, corners come back within a thousandth of a pixel."""
    source = tmp_path_factory.mktemp("pictures")
    files = {frame: source / f"{frame:03}.png" for frame in (0, 1, 2)}
    for file in files.values():
        Image.new("1", (2000, 1500)).save(file)
    pictures = {frame: Picture(file.name, 2000, 1500, file) for frame, file in files.items()}
    sequence = Sequence("train", rows.filter(pl.col("frame") < 3), pictures)
    folder = written(tmp_path_factory.mktemp("yolo"), "yolo", sequence, images="link")
    [again] = read(folder, "yolo")
    assert again.boxes.select("frame", "label").rows() == sequence.boxes.select("frame", "label").rows()
    np.testing.assert_allclose(boxes.corners(again.boxes), boxes.corners(sequence.boxes), rtol=0, atol=1e-3)
    assert [(picture.name, picture.width) for picture in again.pictures.values()] == [
        (file.name, 2000) for file in files.values()
    ]


INFO = "seqinfo.ini"
BALL = table((2, 0, 0, 10, 10, "ball", 1, None))


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("coco", ["a.json", "b/c.json"]),
        ("cvat", ["a.xml", "b/c.xml"]),
        ("mot", [f"{name}/{file}" for name in ("a", "b/c") for file in ("gt/gt.txt", "gt/labels.txt", INFO)]),
        ("soccernet", [f"{name}/{file}" for name in ("a", "b/c") for file in ("gameinfo.ini", "gt/gt.txt", INFO)]),
    ],
)  # fmt: skip
def test_layouts(tmp_path, form, expected):
    folder = written(tmp_path, form, video(BALL, "a"), video(BALL, "b/c"), classes={1: "ball"})
    assert paths(folder) == sorted(expected)
    again = read(folder, form)
    assert [sequence.name for sequence in again] == ["a", "b/c"]
    assert [sequence.boxes["video"].to_list() for sequence in again] == [["a"], ["b/c"]]


def test_layout_of_yolo(tmp_path):
    folder = written(tmp_path, "yolo", video(BALL, "train"), video(BALL, "val/x"), classes={1: "ball"})
    assert len(paths(folder)) == 2 * FRAMES + 1
    assert (
        folder / "labels/train/frame_000002.txt"
    ).read_text() == "0 0.00390625 0.00694444444444 0.0078125 0.0138888888889\n"
    assert (folder / "labels/val/x/frame_000003.txt").read_text() == ""
    assert (folder / "data.yaml").read_text() == "train: images/train\nval: images/val\nnames:\n  0: ball\n"


def test_layout_of_sportsmot(tmp_path):
    players = BALL.with_columns(label=pl.lit("player"))
    found = [video(players, "a/b"), video(players, "test/c")]
    folder = written(tmp_path, "sportsmot", *found, classes={1: "player"}, sport="volleyball", split="val")
    assert paths(folder) == [
        "dataset/test/c/gt/gt.txt", "dataset/test/c/seqinfo.ini",
        "dataset/val/a_b/gt/gt.txt", "dataset/val/a_b/seqinfo.ini",
        "splits_txt/test.txt", "splits_txt/train.txt", "splits_txt/val.txt", "splits_txt/volleyball.txt",
    ]  # fmt: skip
    assert (folder / "splits_txt/volleyball.txt").read_text() == "a_b\nc\n"


@pytest.mark.parametrize("images", ["none", "copy", "link"])
@pytest.mark.parametrize("form", ["yolo", "coco", "cvat", "mot"])
def test_images_come_along(tmp_path, form, images):
    file = tmp_path / "source.jpg"
    Image.new("RGB", (64, 48)).save(file)
    pictures = {frame: Picture(f"frame_{frame:06d}.jpg", 0, 0, file) for frame in range(2)}
    sequence = Sequence("game", BALL.with_columns(frame=pl.lit(1, pl.Int32)), pictures, 2)
    folder = written(tmp_path / "target", form, sequence, images=images, classes={1: "ball"})
    found = list(folder.rglob("*.jpg"))
    assert len(found) == (0 if images == "none" else 2)
    for path in found:
        assert path.is_symlink() == (images == "link")
        assert path.read_bytes() == file.read_bytes()
    if found:
        [again] = read(folder, form)
        if form != "cvat":  # a video in CVAT has no images
            assert {picture.file.resolve() for picture in again.pictures.values()} == {path.resolve() for path in found}


@pytest.mark.parametrize(
    ("form", "sequence", "options", "complaint"),
    [
        ("soccernet", video(table((0, 0, 0, 1, 1, "hoop", 1, None))), {}, "game cannot be written as soccernet"),
        ("soccernet", video(table((0, 0, 0, 1, 1, "ball", None, None))), {}, "needs a track"),
        ("sportsmot", video(BALL), {"sport": "football"}, "game cannot be written as sportsmot"),
        ("sportsmot", video(BALL), {}, "name one with --sport"),
        ("yolo", video(BALL, size=(0, 0)), {}, "nobody says how large frame_000000.jpg is"),
        ("coco", video(BALL, size=(0, 0)), {}, "nobody says how large"),
        ("mot", Sequence("a", BALL, {2: Picture("a", 5, 5, None), 3: Picture("b", 6, 6, None)}), {}, "different sizes"),
        ("yolo", Sequence("a", BALL, {2: Picture("a.jpg", 5, 5, None), 3: Picture("a.png", 5, 5, None)}), {}, "a.txt"),
    ],
)  # fmt: skip
def test_what_a_format_cannot_hold(tmp_path, form, sequence, options, complaint):
    with pytest.raises(UserError) as error:
        written(tmp_path, form, sequence, classes={1: "ball", 2: "hoop"}, **options)
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("form", "classes"), [("yolo", {1: "ball"}), ("yolo", {0: "ball", 2: "a"}), ("coco", {0: "ball"})]
)
def test_numbers_that_a_format_cannot_hold(form, classes):
    with pytest.raises(UserError, match="without a gap"):
        sequence_writers.check(form, sequence_writers.Options(classes))


def test_truth_without_seqinfo_has_no_size_and_still_is_truth(tmp_path):
    written(tmp_path / "a", "mot", video(BALL), classes={1: "ball"})
    (tmp_path / "a/game/seqinfo.ini").unlink()
    [found] = read(tmp_path / "a", "mot")
    assert found.frames == 3
    assert paths(written(tmp_path / "b", "mot", found, classes={1: "ball"})) == ["game/gt/gt.txt", "game/gt/labels.txt"]


@pytest.mark.parametrize(
    ("form", "files", "complaint"),
    [
        ("yolo", {"images/a.jpg": ""}, "holds no data.yaml"),
        ("yolo", {"data.yaml": "names: [ball]", "labels/a.txt": ""}, "holds no image"),
        ("coco", {"a.txt": ""}, "holds no .json file"),
        ("coco", {"a.json": "{"}, "a.json is no valid JSON"),
        ("cvat", {}, "holds no .xml file"),
        ("cvat", {"a.xml": "<annotations>"}, "a.xml, line 1: no well-formed XML"),
        ("cvat", {"a.xml": '<annotations><image name="a_1.jpg" width="x"/></annotations>'}, "width is 'x'"),
        ("mot", {"gt.txt": ""}, "holds no gt/gt.txt"),
        ("mot", {"a/gt/gt.txt": ""}, "holds no labels.txt"),
        ("mot", {"a/gt/gt.txt": "1,2\n", "a/gt/labels.txt": "ball\n"}, "gt.txt, line 1: 2 fields"),
        ("sportsmot", {"a/gt/gt.txt": ""}, "holds no folder dataset/"),
        ("sportsmot", {"dataset/test/a/seqinfo.ini": ""}, "holds no sequence with a gt/gt.txt"),
        ("sportsmot", {"dataset/val/a/gt/gt.txt": "1\n"}, "gt.txt, line 1: 1 fields"),
        ("soccernet", {"a/gt/gt.txt": ""}, "gameinfo.ini does not exist"),
        ("soccernet", {}, "holds no gt/gt.txt"),
    ],
)
def test_damaged_trees(tmp_path, form, files, complaint):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    with pytest.raises(UserError) as error:
        read(tmp_path, form)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


def test_truth_that_is_longer_than_its_video(tmp_path):
    written(tmp_path, "mot", video(BALL), classes={1: "ball"})
    info = tmp_path / "game/seqinfo.ini"
    info.write_text(info.read_text().replace(f"seqLength={FRAMES}", "seqLength=2"))
    with pytest.raises(UserError, match=r"seqLength is 2, but gt/gt\.txt has a box on frame 3"):
        read(tmp_path, "mot")


def test_two_folders_of_one_name(tmp_path):
    for name in ("images/train", "train/images"):
        (tmp_path / name).mkdir(parents=True)
        Image.new("1", (8, 8)).save(tmp_path / name / "a.png")
    with pytest.raises(UserError, match="both be 'train'"):
        list(sequences.find(tmp_path, "yolo", Choice({0: "ball"})))
