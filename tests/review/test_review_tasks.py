"""What a person is asked, and what becomes of each answer, without a page."""

import sys

import pytest
import yaml

from command_errors import assert_one_line_error
from courtside import frames, layout
from courtside.apps import cli
from courtside.apps.params import read_params
from courtside.apps.review_session import BOXES, DOUBTED_BOXES, DOUBTED_FRAMES, SORT, Session
from courtside.apps.review_tasks import learning_videos
from courtside.errors import UserError
from courtside.formats import cvat
from courtside.review.pictures import Pictures
from courtside.review.questions import Key
from review_repository import ROUND, boxes_table, write_repository


@pytest.fixture
def root(tmp_path):
    return write_repository(tmp_path)


@pytest.fixture
def begin(root):
    sessions = []

    def go(**more):
        config = read_params(root / "params.yaml")
        settings = {"budget": 4, "frames_apart": 4, **more}
        sessions.append(Session(config, root, learning_videos(config, root, []), ROUND, **settings))
        return sessions[-1]

    yield go
    for session in sessions:
        session.close()


def changed(root, **values):
    path = root / "params.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **values}))


def ask(session, mode, action="show", key=None, **more):
    return session.act({"mode": mode, "action": action, "key": key, **more})


def test_an_answer_to_what_is_no_longer_shown_does_nothing(begin):
    session = begin()
    first = ask(session, SORT)["key"]
    following = ask(session, SORT, "decide", first, label="ball")
    twice = ask(session, SORT, "decide", first, label="no_ball")
    assert twice == following
    assert (twice["done"], twice["counts"]["ball"], twice["counts"]["no_ball"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("mode", "more", "said"),
    [
        (SORT, {"action": "decide", "label": "hoop"}, "class 'hoop' is none of"),
        (SORT, {"action": "accept"}, "action 'accept' is none of"),
        (SORT, {"action": "undo"}, "nothing to undo"),
        (BOXES, {"action": "undo"}, "nothing to undo"),
        (BOXES, {"action": "decide", "label": "ball"}, "action 'decide' is none of"),
        ("games", {"action": "show"}, "mode 'games' is none of"),
    ],
)
def test_what_makes_no_sense_is_one_line(begin, mode, more, said):
    session = begin()
    key = ask(session, mode)["key"]
    answer = session.act({"mode": mode, "key": key, **more})
    assert said in answer["error"]
    assert answer["key"] == key


def test_usable_frames_come_from_the_split_or_else_from_clean(root, begin):
    table = frames.read(root / layout.LEARN_FRAMES)
    frames.write(root / layout.LEARN_FRAMES, table.head(7))
    assert ask(begin(), SORT)["left"] == 7
    (root / layout.LEARN_FRAMES).unlink()
    assert ask(begin(), SORT)["left"] == 60
    frames.write(root / layout.clean("monday"), table.clear())
    assert "no frame of monday is usable" in ask(begin(), SORT)["error"]


def test_frames_that_cannot_be_read_are_passed_over(root, begin):
    table = frames.read(root / layout.LEARN_FRAMES)
    late = table.with_columns(frame=table["frame"] + 57)  # the video ends at 60
    frames.write(root / layout.LEARN_FRAMES, late)
    session = begin()
    seen = []
    while (view := ask(session, SORT))["key"]:
        seen.append(view["key"][1])
        ask(session, SORT, "decide", view["key"], label="ball")
    assert sorted(seen) == [57, 58, 59]
    assert (view["done"], view["left"], view["passed"]) == (3, 0, 57)


def test_a_video_that_is_gone_is_one_line(root, begin):
    (root / "data/videos/monday.mp4").unlink()
    answer = ask(begin(), SORT)
    assert "monday.mp4 does not exist" in answer["error"]
    assert begin().picture({"key": ["monday", 0]}) == {"src": None}


def test_other_classes_can_be_sorted_into(root, begin):
    changed(root, classify={"labels": ["dunk", "layup", "other"]})
    session = begin()
    view = ask(session, SORT)
    ask(session, SORT, "decide", view["key"], label="layup")
    assert (root / "data/labels/monday.csv").read_text() == "frame,label\n0,layup\n"


def test_what_the_sample_drew_is_not_written_over(root, begin):
    drawn = root / "data/sample/monday/sorted.csv"
    drawn.parent.mkdir(parents=True)
    drawn.write_text("frame,ball\n0,1\n")
    changed(root, videos={"monday": {"path": "data/videos/monday.mp4", "sorted": "data/sample/monday/sorted.csv"}})
    session = begin()
    view = ask(session, SORT)
    assert (view["done"], view["key"]) == (1, ["monday", 32])
    ask(session, SORT, "decide", view["key"], label="no_ball")
    assert drawn.read_text() == "frame,ball\n0,1\n"
    assert (root / "data/labels/monday_sorted.csv").read_text() == "frame,label\n0,ball\n32,no_ball\n"
    (line,) = session.results()
    assert line.endswith("data/labels/monday_sorted.csv; name it in videos.monday.sorted")


def test_boxes_begun_are_kept_and_no_label_before_they_are_accepted(root, begin):
    session = begin()
    view = ask(session, BOXES)
    key, drawn = view["key"], view["boxes"]
    assert len(drawn) == 2
    drawn[1]["rejected"] = True
    added = {"x1": -4, "y1": 5, "x2": 20, "y2": 25, "label": "player"}
    begun = ask(session, BOXES, "edit", key, boxes=[*drawn, added])
    assert begun["key"] == key
    assert [box["rejected"] for box in begun["boxes"]] == [False, True, False]
    assert not (root / "data/labels").exists()
    again = begin()
    assert ask(again, BOXES)["boxes"] == begun["boxes"]
    ask(again, BOXES, "accept", key, boxes=begun["boxes"])
    read = cvat.read(root / "data/labels/monday_reviewed.xml", "monday")
    assert read.frames == [key[1]]
    assert sorted(read.boxes["label"]) == ["ball", "player"]
    assert read.boxes["x1"].min() == 0  # cut to the picture
    undone = ask(again, BOXES, "undo")
    assert undone["key"] == key
    assert undone["boxes"] == begun["boxes"]
    assert cvat.read(root / "data/labels/monday_reviewed.xml", "monday").frames == []


def test_a_wrong_box_changes_nothing(root, begin):
    session = begin()
    key = ask(session, BOXES)["key"]
    answer = ask(session, BOXES, "accept", key, boxes=[{"x1": 0, "y1": 0, "x2": 5, "y2": 5, "label": "hoop"}])
    assert "label 'hoop' is none of ball, player" in answer["error"]
    assert answer["key"] == key
    assert not (root / "data/labels").exists()


def test_a_frame_accepted_in_one_task_is_not_asked_about_in_the_other(begin):
    session = begin(budget=60, frames_apart=1)
    lowest = ask(session, DOUBTED_BOXES)
    assert lowest["selected"] is not None
    total = ask(session, BOXES)["left"]
    ask(session, DOUBTED_BOXES, "accept", lowest["key"], boxes=lowest["boxes"])
    assert ask(session, BOXES)["left"] == total - 1


def test_what_was_changed_in_another_tab_is_not_undone_here(begin):
    session = begin()
    view = ask(session, DOUBTED_BOXES)
    ask(session, DOUBTED_BOXES, "edit", view["key"], boxes=view["boxes"][:1])
    while ask(session, BOXES)["key"] != view["key"]:
        ask(session, BOXES, "pass", ask(session, BOXES)["key"])
    ask(session, BOXES, "accept", view["key"], boxes=view["boxes"])
    assert "was changed in another tab" in ask(session, DOUBTED_BOXES, "undo")["error"]


def test_boxes_come_in_the_order_of_their_lowest_score(begin):
    session = begin(budget=100)
    scores = []
    while (view := ask(session, DOUBTED_BOXES))["key"]:
        scores.append(min(box["score"] for box in view["boxes"]))
        assert view["boxes"][view["selected"]]["score"] == scores[-1]
        ask(session, DOUBTED_BOXES, "pass", view["key"])
    assert scores == sorted(boxes_table("monday", range(0, 60, 4)).filter(label="ball")["score"].to_list())


def test_a_kept_answer_is_not_asked_about_again(root, begin):
    session = begin()
    view = ask(session, DOUBTED_FRAMES)
    assert (view["key"], view["label"]) == (["monday", 0], "ball")
    ask(session, DOUBTED_FRAMES, "decide", view["key"], label="ball")
    assert (root / "data/labels/monday.csv").read_text() == "frame,label\n0,ball\n"
    view = ask(begin(), DOUBTED_FRAMES)
    assert (view["done"], view["key"]) == (1, ["monday", 2])


def test_sorting_counts_what_was_changed_elsewhere(begin):
    session = begin()
    ask(session, SORT, "decide", ask(session, SORT)["key"], label="no_ball")
    ask(session, DOUBTED_FRAMES, "decide", ["monday", 0], label="ball")
    view = ask(session, SORT)
    assert (view["done"], view["counts"]) == (1, {"no_ball": 0, "ball": 1, "dropped": 0})


def test_pictures_are_those_of_the_video_and_small_enough(root):
    paths = {"monday": root / "data/videos/monday.mp4"}
    with Pictures(paths, longest_side=160, kept=2) as pictures:
        pictures.prefetch([Key("monday", number) for number in range(5)])
        found = pictures.get(Key("monday", 31))
        assert found.size == (320, 180)
        assert found.content[:2] == b"\xff\xd8"
        assert pictures.get(Key("monday", 60)) is None
    with Pictures({"a": root / "a.mp4"}) as pictures, pytest.raises(UserError, match="does not exist"):
        pictures.get(Key("a", 0))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--round", "yolo_x"], "round 'yolo_x' is not in params.yaml"),
        (["--video", "sunday"], "video 'sunday' is none with role learn"),
        (["--port", "0"], "--port 0 is outside 1–65535"),
        (["--budget", "0"], "--budget 0 is outside"),
    ],
)
def test_mistakes_are_one_line(root, monkeypatch, arguments, said):
    monkeypatch.chdir(root)
    assert_one_line_error(lambda: cli.main(["review", "--no-browser", *arguments]), [said])


def test_nothing_cleaned_yet_is_one_line(root, monkeypatch):
    monkeypatch.chdir(root)
    (root / layout.clean("monday")).unlink()
    (root / layout.LEARN_FRAMES).unlink()
    assert_one_line_error(lambda: cli.main(["review", "--no-browser"]), ["has been cleaned yet; run `dvc repro`"])


def test_gradio_that_is_missing_is_one_line(root, monkeypatch):
    monkeypatch.chdir(root)
    monkeypatch.setitem(sys.modules, "gradio", None)
    assert_one_line_error(lambda: cli.main(["review", "--no-browser"]), ["install courtside[review]"])
