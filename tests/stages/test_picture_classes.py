"""A folder of pictures a class, from extract to split, without rounds, boxes or test videos."""

import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import polars as pl
import pytest
import yaml

from courtside import boxes, frames, layout
from courtside.config import Config, from_dictionary
from courtside.errors import UserError
from courtside.files import read_json
from courtside.stages.annotate import annotate
from courtside.stages.clean import clean
from courtside.stages.extract import extract
from courtside.stages.split import split
from courtside.tables import read_table
from courtside.workspace import Workspace
from imports import ROOT

PICTURES = 12


def ball(seed):
    """A picture like no other, of a size of its own."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return cv2.resize(small, (90 + seed % 7, 80 + seed % 5), interpolation=cv2.INTER_CUBIC)


@pytest.fixture
def repository(tmp_path):
    """Two classes; football has a damaged picture, a copy of one of its own, and one of golf's."""
    for number, name in enumerate(("football", "golf")):
        folder = tmp_path / "balls" / name
        folder.mkdir(parents=True)
        for picture in range(PICTURES):
            cv2.imwrite(str(folder / f"{picture:02d}.png"), ball(100 * number + picture))
    football = tmp_path / "balls" / "football"
    shutil.copy(football / "00.png", football / "copy.png")
    cv2.imwrite(str(football / "scaled.jpg"), cv2.resize(ball(103), (200, 180), interpolation=cv2.INTER_AREA))
    (football / "05x.jpg").write_bytes((football / "scaled.jpg").read_bytes()[:1000])
    (football / "phone.heic").write_bytes(b"x")
    return tmp_path


def config_of(**changes):
    values = {
        "experiment": "balls",
        "labels": [],
        "videos": {name: {"path": f"balls/{name}", "shows": name} for name in ("football", "golf")},
        "classify": {"labels": ["football", "golf"]},
        "clean": {"blur_below": 0, "dark_below": 0, "bright_above": 255, "duplicate_above": 1},
        "split": {"leak_distance": 8},
    }
    return from_dictionary(values | changes)


def run(root, config, *, until="split"):
    workspace = Workspace(root=root, outputs=root)
    for name in config.videos:
        config.video = name
        extract(config, workspace)
        clean(config, workspace)
    annotate(config, workspace)
    if until == "split":
        split(config, workspace)


def test_damaged_pictures_never_enter_and_are_named(repository, capsys):
    run(repository, config_of())
    facts = read_json(repository / layout.extract_facts("football"))
    assert (facts["frames"], facts["damaged_frames"]) == (PICTURES + 3, 1)
    assert (facts["damaged_images"], facts["unread_images"]) == (["05x.jpg"], ["phone.heic"])
    told = capsys.readouterr().out
    assert "extract football: left out because damaged: 1 of the pictures (05x.jpg)" in told
    assert "extract football: left out because of a kind that is not read: 1 of the pictures (phone.heic)" in told
    damaged = 6  # its place by name
    for table in (frames.read(repository / layout.LEARN_FRAMES), read_table(repository / layout.LEARN_SORTED)):
        football = table.filter(pl.col("video") == "football")["frame"].to_list()
        assert football == [frame for frame in range(PICTURES + 3) if frame != damaged]


def test_each_picture_is_a_shot_with_the_class_of_its_folder(repository):
    run(repository, config_of())
    table = frames.read(repository / layout.LEARN_FRAMES)
    assert table["shot"].to_list() == table["frame"].to_list()
    assert table["replay_of"].null_count() == table.height
    assert set(table["verdict"]) == {"usable"}
    in_classes = read_table(repository / layout.LEARN_SORTED)
    assert in_classes.schema == {"video": pl.String, "frame": pl.Int32, "label": pl.String}
    assert (in_classes["video"] == in_classes["label"]).all()
    assert set(in_classes.join(table, on=["video", "frame"]).select("label", "split").unique().rows()) == {
        (label, name) for label in ("football", "golf") for name in ("train", "val")
    }


def test_pictures_that_look_alike_are_on_one_side_and_those_of_two_classes_are_doubtful(repository, capsys):
    run(repository, config_of())
    sides = {
        (video, frame): side
        for video, frame, side in frames.read(repository / layout.LEARN_FRAMES)
        .select("video", "frame", "split")
        .iter_rows()
    }
    assert sides["football", 0] == sides["football", 13]  # copy.png
    assert sides["golf", 3] == sides["football", 14]  # scaled.jpg
    metrics = read_json(repository / layout.report("split", "metrics.json"))
    assert (metrics["twins"], metrics["doubtful"]) == ({"groups": 2, "pictures": 4}, 2)
    assert metrics["nearest_val_train"]["distance"] > 8
    doubtful = pl.read_csv(repository / layout.DOUBTFUL)
    assert doubtful.drop("group").rows() == [("football", 14, "scaled.jpg", "football"), ("golf", 3, "03.png", "golf")]
    assert "split: 2 pictures look like one of another class" in capsys.readouterr().out


def test_a_person_corrects_and_drops_single_pictures(repository, capsys):
    (repository / "football.csv").write_text("image,label\nscaled.jpg,golf\n03.png,dropped\n")
    (repository / "golf.csv").write_text("frame,label\n11,dropped\n")
    config = config_of()
    for name in config.videos:
        config.videos[name].sorted = f"{name}.csv"
    run(repository, config)
    labels = {(video, frame): label for video, frame, label in read_table(repository / layout.LEARN_SORTED).iter_rows()}
    assert labels["football", 14] == "golf"
    assert ("football", 3) not in labels
    assert ("golf", 11) not in labels
    assert len(labels) == 2 * PICTURES + 2 - 2
    metrics = read_json(repository / layout.report("annotate", "metrics.json"))
    assert metrics["dropped_frames"] == 2
    assert metrics["sorted_frames"] == {"football": PICTURES, "golf": PICTURES}
    assert "annotate: frames that a person dropped, which teach the classifier nothing: 2" in capsys.readouterr().out
    # The label of the copy is corrected, so nothing is doubtful any more.
    assert read_json(repository / layout.report("split", "metrics.json"))["doubtful"] == 0


def test_without_rounds_there_are_no_boxes_and_no_test_frames(repository):
    run(repository, config_of())
    for name in (layout.LEARN_BOXES, layout.TEST_BOXES, layout.labels("gold"), layout.ANNOTATED_TRACKS):
        assert boxes.read(repository / name).is_empty()
    assert frames.read(repository / layout.TEST_FRAMES).is_empty()
    assert read_json(repository / layout.TEST_VIDEOS) == {}
    metrics = read_json(repository / layout.report("split", "metrics.json"))
    assert metrics["frames"]["test"] == metrics["leaks"] == 0
    assert metrics["sorted"]["train"] + metrics["sorted"]["val"] == 2 * PICTURES + 2
    for name in layout.ROUND_REPORTS:
        assert (repository / name).is_file()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("frame,label\n99,golf\n", ["football.csv", "frame 99"]),
        ("image,label\nnobody.png,golf\n", ["football.csv", "nobody.png"]),
        ("frame,label\n1,tennis\n", ["football.csv", "'tennis'", "football, golf or dropped"]),
        ("frame,ball\n1,1\n", ["football.csv", "frame,label"]),
    ],
)
def test_a_wrong_correction_is_one_line(repository, text, words):
    (repository / "football.csv").write_text(text)
    config = config_of()
    config.videos["football"].sorted = "football.csv"
    with pytest.raises(UserError) as caught:
        run(repository, config, until="annotate")
    for word in words:
        assert word in str(caught.value)
    assert not (repository / layout.ANNOTATE).exists()


def test_nothing_to_learn_from_is_one_line(repository):
    config = config_of(videos={"football": {"path": "balls/football"}})
    with pytest.raises(UserError, match=r"videos\.NAME\.shows"):
        run(repository, config, until="annotate")


def test_a_folder_of_damaged_pictures_is_one_line(repository):
    folder = repository / "balls" / "golf"
    for path in folder.iterdir():
        path.write_bytes(b"")
    with pytest.raises(UserError, match="no image that can be read"):
        run(repository, config_of(), until="annotate")


def test_boxes_sort_frames_only_where_the_classes_are_ball_and_none(repository):
    lines = "".join("0 0.5 0.5 0.2 0.2\n" if number < 5 else "" for number in range(1))
    labels = repository / "labels"
    labels.mkdir()
    for picture in range(4):
        (labels / f"{picture:02d}.txt").write_text(lines if picture % 2 else "")
    videos = {"golf": {"path": "balls/golf", "labels": "labels"}}
    config = config_of(videos=videos, labels=["ball"], classify={"labels": ["ball", "no_ball"]})
    run(repository, config)
    found = read_table(repository / layout.LEARN_SORTED)
    assert found.select("frame", "label").rows() == [(0, "no_ball"), (1, "ball"), (2, "no_ball"), (3, "ball")]
    with pytest.raises(UserError, match="nothing to learn from"):
        run(repository, config_of(videos=videos, labels=["ball"]), until="annotate")


def test_dvc_runs_an_experiment_without_rounds(tmp_path):
    """Empty mappings and lists make no stages, and the folders `report` depends on are there nevertheless."""
    for name in ("dvc.yaml", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path)
    values = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    values |= {"rounds": {}, "final_round": "", "tracked": {"videos": [], "trackers": []}}
    (tmp_path / "params.yaml").write_text(yaml.dump(values))
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["dvc", "init", "--quiet"], cwd=tmp_path, check=True)
    listed = subprocess.run(["dvc", "stage", "list"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    names = {line.split()[0].split("@")[0] for line in listed.splitlines()}
    assert names == {"sample", "extract", "clean", "annotate", "split", "classify", "compare", "report"}
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    made = {
        Path(output).parent.as_posix() if Path(output).suffix else output
        for name in names
        for kind in ("outs", "metrics")
        for output in stages[name].get("do", stages[name]).get(kind, [])
    }
    # What a stage without rounds depends on, some stage without rounds makes.
    for dependency in {*stages["report"]["deps"], *stages["compare"]["deps"]}:
        if dependency.startswith(("reports/", "data/")):
            assert any(Path(output).is_relative_to(dependency) or output == dependency for output in made), dependency
    assert isinstance(from_dictionary(values), Config)
