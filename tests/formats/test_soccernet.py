"""SoccerNet tracking: what the tracks are, any table there and back, damaged files."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_tables import assert_same, by_content, table

from courtside import boxes
from courtside.errors import UserError
from courtside.formats import soccernet
from courtside.formats.soccernet import GameInfo, Tracklet

# As the data set writes them; ten columns, the class is -1.
GAME = """[Sequence]
name=SNMOT-060
gameID=4
actionPosition=1234567
actionClass=Shots off target
visibility=visible
gameTimeStart=1 - 14:23
clipStart=847000
num_tracklets=6
trackletID_1= player team left;10
trackletID_2= ball;1
trackletID_3= goalkeeper team right;x
trackletID_4= referee;main
trackletID_5= goalkeepers team left;Y
trackletID_6= other;1
"""
TRUTH = """1,1,914,855,55,172,1,-1,-1,-1
1,2,500,400,10,10,1,-1,-1,-1
1,4,20,30,40,90,1,-1,-1,-1
2,3,100,200,50,100,1,-1,-1,-1
"""


def write(folder, game=GAME, truth=TRUTH):
    (folder / "gt").mkdir(parents=True)
    (folder / "gameinfo.ini").write_text(game)
    (folder / "gt/gt.txt").write_text(truth)
    return folder


def test_the_role_is_the_label(tmp_path):
    found, info = soccernet.read_sequence(write(tmp_path / "SNMOT-060"), "game")
    assert by_content(found) == by_content(
        table(
            (0, 914, 855, 969, 1027, "player", 1, None),
            (0, 500, 400, 510, 410, "ball", 2, None),
            (0, 20, 30, 60, 120, "referee", 4, None),
            (1, 100, 200, 150, 300, "goalkeeper", 3, None),
        )
    )
    assert info.tracklets == {
        1: Tracklet("player", "left", "10"),
        2: Tracklet("ball", None, "1"),
        3: Tracklet("goalkeeper", "right", "x"),
        4: Tracklet("referee", None, "main"),
        5: Tracklet("goalkeeper", "left", "Y"),
        6: Tracklet("other", None, "1"),
    }
    assert info.facts["gameTimeStart"] == "1 - 14:23"
    assert list(info.facts) == [
        "name", "gameID", "actionPosition", "actionClass", "visibility", "gameTimeStart", "clipStart"
    ]  # fmt: skip


def test_a_file_comes_back_as_it_was(tmp_path):
    game = GAME.replace("goalkeepers", "goalkeeper")
    found, info = soccernet.read_sequence(write(tmp_path / "a", game), "game")
    soccernet.write_sequence(tmp_path / "b", found, info)
    assert (tmp_path / "b/gt/gt.txt").read_text() == TRUTH
    assert sorted((tmp_path / "b/gameinfo.ini").read_text().split("\n")) == sorted(game.split("\n"))


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=8)
TRACKLETS = st.builds(Tracklet, st.sampled_from(soccernet.ROLES), st.sampled_from([None, "left", "right"]), TEXT)


@settings(deadline=None)
@given(data=st.data(), tracklets=st.dictionaries(st.integers(0, 999_999_999), TRACKLETS, max_size=6))
def test_any_table_comes_back(tmp_path_factory, data, tracklets):
    folder = tmp_path_factory.mktemp("soccernet") / "game"
    coordinate, size = st.floats(-500, 4000, width=32), st.floats(1, 500, width=32)
    rows = []
    for track, tracklet in tracklets.items():
        for frame in data.draw(st.sets(st.integers(0, 20), max_size=3)):
            x, y = data.draw(coordinate), data.draw(coordinate)
            rows.append((frame, x, y, x + data.draw(size), y + data.draw(size), tracklet.role, track, None))
    facts = data.draw(st.dictionaries(st.from_regex(r"[a-z][A-Za-z_]{0,8}", fullmatch=True), TEXT, max_size=3))
    info = GameInfo(tracklets, {key: value for key, value in facts.items() if not key.startswith("tracklet")})
    written = table(*rows)
    soccernet.write_sequence(folder, written, info)
    found, again = soccernet.read_sequence(folder, "game")
    assert_same(found, written)
    assert again == info


def test_roles_alone_are_enough(tmp_path):
    ball = table((0, 0, 0, 5, 5, "ball", 7, None))
    soccernet.write_sequence(tmp_path, ball)
    found, info = soccernet.read_sequence(tmp_path, "game")
    assert found.rows() == ball.rows()
    assert info == GameInfo({7: Tracklet("ball")})


@pytest.mark.parametrize(
    ("rows", "info", "complaint"),
    [
        ([(0, 0, 0, 1, 1, "ball", None, None)], None, "needs a track"),
        ([(0, 0, 0, 1, 1, "hoop", 1, None)], None, "one of the labels ball, player"),
        ([(0, 0, 0, 1, 1, "ball", 1, None), (1, 0, 0, 1, 1, "player", 1, None)], None, "is one thing"),
        ([(0, 0, 0, 1, 1, "ball", 1, None)], GameInfo({1: Tracklet("player")}), "track 1 is player and ball"),
        ([], GameInfo({1: Tracklet("coach")}), "no tracklet"),
        ([], GameInfo({1: Tracklet("player", "up")}), "no tracklet"),
        ([], GameInfo({1: Tracklet("ball", None, "a\nb")}), "cannot hold"),
        ([], GameInfo({}, {"a=b": ""}), "cannot hold"),
        ([], GameInfo({}, {"trackletID_1": "ball"}), "cannot hold"),
    ],
)
def test_what_the_format_cannot_hold_is_refused(tmp_path, rows, info, complaint):
    written = table(*rows) if rows else boxes.empty()
    with pytest.raises(ValueError, match=complaint):
        soccernet.write_sequence(tmp_path, written, info)


@pytest.mark.parametrize(
    ("game", "truth", "complaint"),
    [
        ("", TRUTH, "gameinfo.ini is no gameinfo.ini of SoccerNet"),
        ("trackletID_1= ball;1\n", TRUTH, "gameinfo.ini is no gameinfo.ini of SoccerNet"),
        ("[Sequence]\ntrackletID_1\n", TRUTH, "gameinfo.ini is no gameinfo.ini of SoccerNet"),
        ("[Sequence]\ntrackletID_1= coach;2\n", TRUTH, "gameinfo.ini, trackletID_1: 'coach;2' is no role"),
        ("[Sequence]\ntrackletID_x= ball;1\n", TRUTH, "gameinfo.ini: trackletID_x names no track"),
        ("[Sequence]\ntrackletID_1= ball\ntrackletID_1= ball\n", TRUTH, "trackletid_1"),
        ("[Sequence]\ntrackletID_1= ball\ntrackletID_01= ball\n", TRUTH, "track 1 stands there twice"),
        ("[Sequence]\ntrackletID_1= ball;1\n", TRUTH, "gt.txt: track 2 is none of"),
        (GAME, "1,-1,0,0,5,5,1,-1,-1,-1\n", "gt.txt: track -1 is none of"),
        (GAME, "1,1,0,0,5,5,1,-1,-1,-1\n1,2\n", "gt.txt, line 2: 2 fields"),
        (GAME, "1,1,0,0,5,5,1,-1,-1,-1\n" * 2, "track 1 has two boxes"),
    ],
)
def test_damaged_files(tmp_path, game, truth, complaint):
    with pytest.raises(UserError) as error:
        soccernet.read_sequence(write(tmp_path / "a", game, truth), "game")
    assert complaint.lower() in str(error.value).lower()
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["gameinfo.ini", "gt/gt.txt"])
def test_a_missing_file(tmp_path, name):
    folder = write(tmp_path / "a")
    (folder / name).unlink()
    with pytest.raises(UserError, match=f"{name} does not exist"):
        soccernet.read_sequence(folder, "game")


def test_an_empty_truth_is_no_box(tmp_path):
    found, _ = soccernet.read_sequence(write(tmp_path / "a", truth=""), "game")
    assert found.is_empty()
    assert found.schema["label"] == pl.String
