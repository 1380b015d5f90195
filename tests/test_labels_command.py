"""``courtside labels check | convert | merge``: exact reports, trees of every format, mistakes."""

import json
import re
import subprocess
import sys

import polars as pl
import pytest
import yaml
from PIL import Image

from command_errors import assert_one_line_error
from courtside import boxes
from courtside.apps import cli
from courtside.formats import mot, soccernet, sportsmot
from courtside.formats.sequences import Choice, find

BOX = "0 0.5 0.5 0.25 0.5\n"


def call(*arguments):
    cli.main(["labels", *map(str, arguments)])


def picture(path, shade=0, size=(200, 100)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, shade).save(path)


def text(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def files(folder):
    """Everything in a folder with its content, and nothing that is half written."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def batch(folder, *stems, names=("ball", "player"), shade=0, label=BOX):
    for place, stem in enumerate(stems):
        picture(folder / "images" / f"{stem}.png", shade + place)
        text(folder / "labels" / f"{stem}.txt", label)
    if names:
        text(folder / "data.yaml", yaml.safe_dump({"names": list(names)}))
    return folder


def counts(output):
    """The table at the end of a report."""
    return {name.strip(): int(count) for name, count in re.findall(r"^(\S[^:\n]*?)  +([\d,]+)$", output, re.M)}


def report(capsys, *arguments):
    """Lines of problems, and the counts; whether the exit status was 1."""
    try:
        call("check", *arguments)
        failed = False
    except SystemExit as stopped:
        assert stopped.code == 1
        failed = True
    output = capsys.readouterr().out
    return [line for line in output.splitlines() if ": " in line], counts(output), failed


def test_a_clean_tree(tmp_path, capsys):
    batch(tmp_path, "a", "b")
    text(tmp_path / "labels/b.txt", "")
    lines, found, failed = report(capsys, tmp_path)
    assert not failed
    assert lines == []
    assert found["images"] == 2
    assert found["of these without a box"] == 1
    assert (found["boxes of 0 ball"], found["boxes of 1 player"]) == (1, 0)
    assert sum(count for name, count in found.items() if not name.startswith(("boxes of", "images", "with", "of"))) == 0


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        ("0 0.5 0.5 0.25\n", "unreadable lines", "a.txt, line 1: 4 fields"),
        ("ball 0.5 0.5 0.25 0.5\n", "unreadable lines", "line 1: the class is 'ball'"),
        ("0 0.5 nan 0.25 0.5\n", "unreadable lines", "line 1: a coordinate is 'nan'"),
        (BOX + "2 0.5 0.5 0.2 0.5\n", "wrong class ids", "line 2: class 2 is none of 0, 1"),
        ("-1 0.5 0.5 0.2 0.5\n", "wrong class ids", "line 1: class -1"),
        ("0 0.5 0.5 0 0.5\n", "zero-size boxes", "line 1: the box is 0 wide"),
        ("0 0.5 0.5 0.2 -0.5\n", "zero-size boxes", "-0.5 high"),
        ("0 0.1 0.1 0.2 0.1 0.3 0.1\n", "zero-size boxes", "0 high"),
        ("0 0.1 0.5 0.22 0.5\n", "boxes out of frame", "line 1: an edge lies 2.0 px outside"),
        ("0 120 50 20 20\n", "boxes out of frame", "px outside"),
        (BOX + "\n" + BOX, "duplicate boxes", "line 3: the box of line 1 once more"),
        (BOX + "0 0.5000001 0.5 0.25 0.5\n", "duplicate boxes", "line 2: the box of line 1"),
    ],
)
def test_a_problem_in_a_line(tmp_path, capsys, content, kind, words):
    batch(tmp_path, "a", "b")
    text(tmp_path / "labels/a.txt", content)
    lines, found, failed = report(capsys, tmp_path)
    assert failed
    assert len(lines) == 1
    assert lines[0].startswith(f"{kind}: ")
    assert words in lines[0]
    assert found[kind] == 1


@pytest.mark.parametrize("content", ["0 0.099 0.5 0.2 0.5\n", BOX + "1 0.5 0.5 0.25 0.5\n", "0 0 0 1 0 1 1\n", ""])
def test_what_is_no_problem(tmp_path, capsys, content):
    batch(tmp_path, "a")
    text(tmp_path / "labels/a.txt", content)
    assert report(capsys, tmp_path)[::2] == ([], False)


def test_it_goes_on_after_a_problem(tmp_path, capsys):
    batch(tmp_path, "a", "b", "c")
    text(tmp_path / "labels/a.txt", "x\n\n" + BOX + "9 0.5 0.5 2 0\n" + BOX)
    (tmp_path / "labels/b.txt").write_bytes(b"\xff\xfe")
    (tmp_path / "labels/c.txt").rename(tmp_path / "labels/d.txt")
    (tmp_path / "images/a.png").write_bytes(b"no image")
    picture(tmp_path / "images/b.jpg")
    lines, found, failed = report(capsys, tmp_path)
    assert failed
    assert {line.split(": ")[0] for line in lines} == {
        "images without labels", "labels without an image", "unreadable images", "unreadable label files",
        "unreadable lines", "wrong class ids", "zero-size boxes", "boxes out of frame", "duplicate boxes",
        "images that share a label file",
    }  # fmt: skip
    assert found["boxes of 0 ball"] == 2
    assert found["images"] == 4


def test_long_lists_are_cut_short(tmp_path, capsys):
    batch(tmp_path, "a")
    text(tmp_path / "labels/a.txt", "x\n" * 30)
    lines, found, _ = report(capsys, tmp_path, "--list", 4)
    assert len(lines) == 5
    assert lines[-1].startswith("unreadable lines: 26 more")
    assert found["unreadable lines"] == 30
    assert len(report(capsys, tmp_path, "--list", 0)[0]) == 30


def test_options_of_check(tmp_path, capsys):
    batch(tmp_path / "x", "a", names=None)
    picture(tmp_path / "x/images/b.png")
    apart = (tmp_path / "x/labels", "--images", tmp_path / "x/images")
    assert report(capsys, tmp_path / "x")[0] == report(capsys, *apart)[0]
    lines, found, failed = report(capsys, *apart, "--classes", "ball", "--background")
    assert (lines, failed) == ([], False)
    assert found["boxes of 0 ball"] == 1
    assert report(capsys, *apart, "--classes", "1:ball", "--background")[1]["wrong class ids"] == 1


def rows(table):
    return sorted(table.drop("video").rows(), key=str)


def read(folder, form, **choice):
    return {item.name: item.read() for item in find(folder, form, Choice(**choice))}


@pytest.fixture
def matches(tmp_path):
    """Two matches in the form of SoccerNet, three frames each, with images."""
    schema = {name: boxes.SCHEMA[name] for name in ("frame", "x1", "y1", "x2", "y2", "label", "track")}
    for name, shift in (("SNMOT-001", 0), ("SNMOT-002", 7)):
        found = pl.DataFrame(
            [
                (0, 10.5, 10, 30, 60, "player", 1), (2, 12.5 + shift, 10, 32 + shift, 60, "player", 1),
                (0, 50, 40, 54, 44, "ball", 2), (1, 100, 20, 120, 70, "goalkeeper", 3),
                (1, 150, 20, 170, 70, "referee", 4),
            ],
            schema=schema, orient="row",
        ).with_columns(video=pl.lit(name), score=1.0, source=pl.lit("human"))  # fmt: skip
        info = soccernet.GameInfo({1: soccernet.Tracklet("player", "left", "10")}, {"name": name})
        soccernet.write_sequence(tmp_path / "matches" / name, boxes.check(found), info)
        mot.write_sequence_info(tmp_path / "matches" / name / "seqinfo.ini", name, 25, 3, 200, 100)
        for frame in range(3):
            picture(tmp_path / "matches" / name / "img1" / f"{frame + 1:06}.jpg", 80 * frame + shift)
    return tmp_path / "matches"


@pytest.mark.parametrize("form", ["coco", "cvat", "mot", "soccernet"])
def test_there_and_back(matches, tmp_path, capsys, form):
    call("convert", matches, tmp_path / "there", "--from", "soccernet", "--to", form)
    assert "wrote 2 sequences with 6 frames" in capsys.readouterr().out
    call("convert", tmp_path / "there", tmp_path / "back", "--from", form, "--to", "soccernet")
    before, after = read(matches, "soccernet"), read(tmp_path / "back", "soccernet")
    assert list(after) == ["SNMOT-001", "SNMOT-002"]
    for name, sequence in before.items():
        assert rows(after[name].boxes) == rows(sequence.boxes)
        assert list(after[name].pictures) == [0, 1, 2]
        if form == "soccernet":
            assert after[name].info == sequence.info


def test_to_yolo_and_back_with_images(matches, tmp_path, capsys):
    call("convert", matches, tmp_path / "yolo", "--from", "soccernet", "--to", "yolo", "--images", "copy")
    assert len(list((tmp_path / "yolo/images").rglob("*.jpg"))) == 6
    capsys.readouterr()
    lines, found, failed = report(capsys, tmp_path / "yolo")
    assert (lines, failed) == ([], False)
    assert found["boxes of 1 player"] == 4
    call("convert", tmp_path / "yolo", tmp_path / "coco", "--from", "yolo", "--to", "coco")
    before, after = read(matches, "soccernet"), read(tmp_path / "coco", "coco")
    for name, sequence in before.items():
        assert after[name].boxes["label"].sort().to_list() == sequence.boxes["label"].sort().to_list()
        assert after[name].boxes["x1"].sort().to_list() == pytest.approx(
            sequence.boxes["x1"].sort().to_list(), abs=1e-4
        )


def test_classes_are_chosen_renamed_and_numbered(matches, tmp_path, capsys):
    options = ("--rename", "goalkeeper=player", "--target-classes", "4:player,7:ball")
    call("convert", matches, tmp_path / "mot", "--from", "soccernet", "--to", "mot", *options)
    captured = capsys.readouterr()
    assert "left out 2 boxes of referee" in captured.err
    assert "2 ball, 6 player" in captured.out
    lines = (tmp_path / "mot/SNMOT-001/gt/gt.txt").read_text().splitlines()
    assert sorted(line.split(",")[7] for line in lines) == ["4", "4", "4", "7"]
    call("convert", tmp_path / "mot", tmp_path / "x", "--from", "mot", "--to", "coco", "--classes", "7:ball,4:person")
    assert [entry["name"] for entry in json.loads((tmp_path / "x/SNMOT-001.json").read_text())["categories"]] == [
        "ball", "person"
    ]  # fmt: skip


def test_sportsmot_by_sport_and_split(matches, tmp_path):
    target = tmp_path / "sports"
    call("convert", matches, target, "--from", "soccernet", "--to", "sportsmot", "--sport", "football",
         "--rename", "goalkeeper=player", "--target-classes", "player")  # fmt: skip
    assert sportsmot.read_list(target / "splits_txt/football.txt") == ["SNMOT-001", "SNMOT-002"]
    assert sportsmot.read_list(target / "splits_txt/train.txt") == ["SNMOT-001", "SNMOT-002"]
    assert sportsmot.read_list(target / "splits_txt/val.txt") == []
    call(
        "convert",
        target,
        tmp_path / "mot",
        "--from",
        "sportsmot",
        "--to",
        "mot",
        "--sport",
        "football",
        "--split",
        "train",
    )
    assert sorted(read(tmp_path / "mot", "mot")) == ["train/SNMOT-001", "train/SNMOT-002"]


def test_one_file_is_a_tree_too(matches, tmp_path):
    call("convert", matches, tmp_path / "cvat", "--from", "soccernet", "--to", "cvat")
    call("convert", tmp_path / "cvat/SNMOT-001.xml", tmp_path / "coco", "--from", "cvat", "--to", "coco")
    assert list(files(tmp_path / "coco")) == ["SNMOT-001.json"]


def test_merge(tmp_path, capsys):
    one = batch(tmp_path / "batch_00", "000000", "000001", names=("ball", "player"))
    two = batch(tmp_path / "batch_01", "000000", "000002", names=("player", "ball"), shade=50)
    text(two / "labels/000002.txt", "0 0.1 0.2 0.123456789012 0.4\n1 0.1 0.2 0.3 0.1 0.2 0.9\n\n")
    text(two / "labels/000009.txt", BOX)
    picture(two / "images/000003.png", 99)
    call("merge", one, two, tmp_path / "all")
    found = files(tmp_path / "all")
    assert sorted(found) == [
        "data.yaml",
        *(f"images/batch_0{name}.png" for name in ("0_000000", "0_000001", "1_000000", "1_000002", "1_000003")),
        *(f"labels/batch_0{name}.txt" for name in ("0_000000", "0_000001", "1_000000", "1_000002")),
    ]
    assert found["labels/batch_00_000000.txt"].decode() == BOX
    assert found["labels/batch_01_000000.txt"].decode() == "1" + BOX[1:]
    assert found["labels/batch_01_000002.txt"].decode() == ("1 0.1 0.2 0.123456789012 0.4\n0 0.1 0.2 0.3 0.1 0.2 0.9\n")
    assert found["images/batch_01_000002.png"] == (two / "images/000002.png").read_bytes()
    assert yaml.safe_load(found["data.yaml"]) == {"train": "images", "names": {0: "ball", 1: "player"}}
    captured = capsys.readouterr()
    assert "left out" in captured.err and "000009.txt: no image is called 000009" in captured.err
    assert "wrote 5 images" in captured.out


def test_merge_keeps_splits_whatever_they_are_called(tmp_path):
    picture(tmp_path / "a/images/train/x.png", 1)
    picture(tmp_path / "b/train/images/x.png", 2)
    picture(tmp_path / "b/valid/images/x.png", 3)
    for source in ("a", "b"):
        text(tmp_path / source / "data.yaml", "names: [ball]")
    call("merge", tmp_path / "a", tmp_path / "b", tmp_path / "all", "--link")
    assert sorted(files(tmp_path / "all")) == [
        "data.yaml", "images/train/a_x.png", "images/train/b_x.png", "images/val/b_x.png"
    ]  # fmt: skip
    assert (tmp_path / "all/images/val/b_x.png").is_symlink()
    content = yaml.safe_load((tmp_path / "all/data.yaml").read_text())
    assert content == {"train": "images/train", "val": "images/val", "names": {0: "ball"}}


def test_identical_images_are_there_once(tmp_path, capsys):
    one, two = batch(tmp_path / "one", "a", "b", "c"), batch(tmp_path / "two", "d", "e", "f", "g")
    (one / "labels/b.txt").unlink()
    text(two / "labels/f.txt", "1" + BOX[1:])
    call("merge", one, two, tmp_path / "all")
    found = files(tmp_path / "all")
    assert [name for name in sorted(found) if name.startswith("images")] == [
        "images/one_a.png", "images/one_b.png", "images/one_c.png", "images/two_g.png"
    ]  # fmt: skip
    assert found["labels/one_b.txt"].decode() == BOX  # only the second was labelled
    error = capsys.readouterr().err
    assert error.count("the same image as") == 3
    assert error.count("differ from those of the same image") == 1
    assert "f.png differ" in error


@pytest.mark.parametrize(
    ("names", "options", "expected"),
    [
        (("ball", "hoop"), [], {0: "ball", 1: "player", 2: "hoop"}),
        (("basketball", "hoop"), ["--rename", "basketball=ball", "--target-classes", "hoop,ball,player"],
         {0: "hoop", 1: "ball", 2: "player"}),
        (None, ["--classes", "hoop,ball"], {0: "ball", 1: "player", 2: "hoop"}),
    ],
)  # fmt: skip
def test_classes_go_by_name(tmp_path, names, options, expected):
    one, two = batch(tmp_path / "one", "a"), batch(tmp_path / "two", "b", names=names, shade=9)
    call("merge", one, two, tmp_path / "all", *options)
    assert yaml.safe_load((tmp_path / "all/data.yaml").read_text())["names"] == expected
    number = int((tmp_path / "all/labels/two_b.txt").read_text().split()[0])
    assert expected[number] == ("hoop" if names is None else "ball")


def test_names_never_collide(tmp_path):
    one, two = batch(tmp_path / "x/a", "b_c"), batch(tmp_path / "x/a_b", "c", shade=9)
    three = batch(tmp_path / "y/a", "b_c", shade=20)
    call("merge", one, two, three, tmp_path / "all")
    assert sorted(path.name for path in (tmp_path / "all/images").iterdir()) == [
        "a_2_b_c.png", "a_b_c.png", "a_b_c_2.png"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "none"], ["none is no folder"]),
        (["check", "empty"], ["empty holds neither images nor YOLO label files"]),
        (["check", "good", "--classes", "ball,"], ["classes 'ball,'"]),
        (["check", "good", "--list", "-1"], ["--list -1"]),
        (["convert", "none", "new", "--from", "yolo", "--to", "coco"], ["none does not exist"]),
        (["convert", "good", "good", "--from", "yolo", "--to", "coco"], ["good exists"]),
        (["convert", "good", "good/new", "--from", "yolo", "--to", "coco"], ["good/new lies in the source good"]),
        (["convert", "good", "new", "--from", "coco", "--to", "yolo"], ["good holds no .json file", "--from"]),
        (["convert", "bad", "new", "--from", "yolo", "--to", "coco"], ["b.txt, line 2: 2 fields"]),
        (["convert", "good", "new", "--from", "yolo", "--to", "sportsmot"], ["--sport"]),
        (["convert", "good", "new", "--from", "yolo", "--to", "soccernet"], ["needs a track"]),
        (["convert", "good", "new", "--from", "yolo", "--to", "mot", "--fps", "0"], ["--fps '0'"]),
        (["convert", "good", "new", "--from", "yolo", "--to", "mot", "--rename", "ball"], ["--rename 'ball'"]),
        (["convert", "good", "new", "--from", "yolo", "--to", "mot", "--images", "copy"], ["a.png is no JPEG"]),
        (["convert", "good", "new", "--from", "yolo", "--to", "yolo", "--target-classes", "3:ball"], ["without a gap"]),
        (["convert", "good", "good/data.yaml/new", "--from", "yolo", "--to", "coco"], ["good/data.yaml/new lies"]),
        (
            ["convert", "good", "bad/data.yaml/new", "--from", "yolo", "--to", "coco"],
            ["bad/data.yaml", "check the path"],
        ),
        (["merge", "good", "bad/data.yaml/new"], ["bad/data.yaml", "check the path"]),
        (["merge", "good", "good"], ["good exists"]),
        (["merge", "none", "new"], ["none is no folder"]),
        (["merge", "good", "./good", "new"], ["good is named twice"]),
        (["merge", "good", "good/new"], ["good/new lies in the source good"]),
        (["merge", "good", "bad", "new"], ["bad/labels/b.txt, line 2: 2 fields"]),
        (["merge", "good", "nameless", "new"], ["nameless holds no data.yaml", "--classes"]),
        (["merge", "good", "nameless", "new", "--classes", "1:ball"], ["c.txt, line 1: class 0 has no name"]),
        (["merge", "good", "new", "--target-classes", "ball"], ["good has the class 'player'", "--rename"]),
        (["merge", "good", "twins", "new"], ["t.jpg share the label file t.txt"]),
    ],
)
def test_a_mistake_is_one_line_and_leaves_nothing(tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    batch(tmp_path / "good", "a")
    batch(tmp_path / "bad", "b", shade=9, label=BOX + "0 1\n")
    batch(tmp_path / "nameless", "c", shade=20, names=None)
    batch(tmp_path / "twins", "t", shade=30)
    picture(tmp_path / "twins/images/t.jpg", 40)
    (tmp_path / "empty").mkdir()
    before = files(tmp_path)
    assert_one_line_error(lambda: call(*arguments), words)
    assert files(tmp_path) == before
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".courtside")]


def test_the_command_ends_with_1(tmp_path):
    batch(tmp_path, "a", label="0 1\n")
    command = [sys.executable, "-m", "courtside.apps.cli", "labels", "check", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "labels/a.txt, line 1: 2 fields" in done.stdout


@pytest.mark.parametrize(
    ("name", "images", "labels"), [("basketball", 800, 800), ("tennis", 84, 84), ("football", 25, 25)]
)
def test_real_trees_are_checked(shared_data, capsys, name, images, labels):
    _, found, _ = report(capsys, shared_data / "detection" / name)
    assert found["images"] == images
    assert found["with a label file"] == labels
    assert found["unreadable lines"] == found["unreadable images"] == found["wrong class ids"] == 0


def test_real_trees_are_merged(shared_data, tmp_path, capsys):
    sources = [shared_data / "detection" / name for name in ("football", "tennis")]
    call("merge", *sources, tmp_path / "all", "--link", "--rename", "tennis ball=ball")
    _, found, _ = report(capsys, tmp_path / "all")
    assert found["images"] == 25 + 84
    alone = [report(capsys, source)[1] for source in sources]
    assert found["boxes of 0 ball"] == alone[0]["boxes of 0 ball"] + alone[1]["boxes of 0 tennis ball"]


@pytest.mark.parametrize(
    ("source", "form", "options"),
    [
        ("tracking/tennis_ball", "mot", ["--classes", "1:ball"]),
        ("tracking/mot17_mini", "mot", ["--classes", "1:player"]),
        ("detection/football", "yolo", []),
    ],
)
def test_real_trees_are_converted_through_every_form(shared_data, tmp_path, source, form, options):
    choice = {"classes": {1: options[1][2:]}} if options else {}
    before = read(shared_data / source, form, **choice)
    for target in ("coco", "cvat", "mot"):
        call("convert", shared_data / source, tmp_path / target, "--from", form, "--to", target, *options)
        after = read(tmp_path / target, target)
        assert list(after) == list(before)
        for name, sequence in before.items():
            assert rows(after[name].boxes) == rows(sequence.boxes)
