"""SportsMOT: the lists of sequences, the sequences of a sport and split, truth there and back, real truth."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_tables import assert_same, box_tables, table

from courtside.errors import UserError
from courtside.formats import mot, sportsmot

PLAYER = table((0, 0, 0, 4, 8, "player", 0, 1.0))


@pytest.fixture
def published(tmp_path):
    """Two sports, three splits; v_c is listed and was not downloaded, the test split has no truth."""
    for name, split in (("v_a", "train"), ("v_b", "train"), ("v_d", "val"), ("v_e", "test")):
        folder = tmp_path / "dataset" / split / name
        mot.write_sequence_info(folder / "seqinfo.ini", name, 25, 3, 1280, 720)
        if split != "test":
            sportsmot.write_truth(folder, PLAYER)
    sportsmot.write_list(tmp_path / "splits_txt/basketball.txt", ["v_e", "v_a", "v_d"])
    sportsmot.write_list(tmp_path / "splits_txt/football.txt", ["v_b", "v_c"])
    return tmp_path


@pytest.mark.parametrize(
    ("sport", "split", "names"),
    [
        (None, None, ["v_a", "v_b", "v_d", "v_e"]),
        ("basketball", None, ["v_a", "v_d", "v_e"]),
        ("football", None, ["v_b"]),
        ("basketball", "train", ["v_a"]),
        (None, "test", ["v_e"]),
        ("football", "val", []),
    ],
)
def test_sequences_of_a_sport_and_split(published, sport, split, names):
    assert [sequence.name for sequence in sportsmot.sequences(published, sport, split)] == names


def test_what_a_sequence_knows(published):
    found = {sequence.name: sequence for sequence in sportsmot.sequences(published)}
    assert (found["v_d"].split, found["v_d"].sport) == ("val", "basketball")
    assert sportsmot.read_truth(found["v_d"])["video"].to_list() == ["v_d"]
    assert found["v_e"].truth is None
    with pytest.raises(UserError, match="publishes none for its test split"):
        sportsmot.read_truth(found["v_e"])


def test_without_lists_the_sport_is_unknown(published):
    for path in (published / "splits_txt").iterdir():
        path.unlink()
    assert {sequence.sport for sequence in sportsmot.sequences(published)} == {None}
    with pytest.raises(UserError, match=r"volleyball\.txt does not exist"):
        list(sportsmot.sequences(published, "volleyball"))


@pytest.mark.parametrize(
    ("sport", "split", "complaint"),
    [("golf", None, "sport 'golf' is none"), (None, "valid", "split 'valid' is none of SportsMOT: train, val, test")],
)
def test_an_unknown_sport_or_split(published, sport, split, complaint):
    with pytest.raises(UserError, match=complaint):
        list(sportsmot.sequences(published, sport, split))


def test_a_sequence_of_two_sports(published):
    sportsmot.write_list(published / "splits_txt/volleyball.txt", ["v_a"])
    with pytest.raises(UserError, match="v_a is in the lists of basketball and volleyball"):
        list(sportsmot.sequences(published))


def test_another_folder(tmp_path):
    with pytest.raises(UserError, match="holds no folder dataset/"):
        list(sportsmot.sequences(tmp_path))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"v_a\nv_b\nv_a\n", "train.txt, line 3: v_a stands there twice, first on line 1"),
        (b"v_a\n../v_b\n", "train.txt, line 2: '../v_b' is no name"),
        (b"..\n", "line 1: '..' is no name"),
        (b"\xff\xfe\n", "is no UTF-8 text"),
    ],
)
def test_damaged_lists(tmp_path, content, complaint):
    (tmp_path / "train.txt").write_bytes(content)
    with pytest.raises(UserError) as error:
        sportsmot.read_list(tmp_path / "train.txt")
    assert complaint in str(error.value)


NAMES = st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9_. -]*[A-Za-z0-9_-]", fullmatch=True)


@settings(deadline=None)
@given(names=st.lists(NAMES, unique=True))
def test_any_list_comes_back(tmp_path_factory, names):
    path = tmp_path_factory.mktemp("lists") / "train.txt"
    sportsmot.write_list(path, names)
    assert sportsmot.read_list(path) == names


@pytest.mark.parametrize("names", [["a", "a"], ["a/b"], [""], [" a"], ["a\nb"], [".."]])
def test_a_list_that_would_not_come_back_is_refused(tmp_path, names):
    with pytest.raises(ValueError, match="names of folders"):
        sportsmot.write_list(tmp_path / "a.txt", names)


@settings(deadline=None)
@given(boxes=box_tables())
def test_any_table_of_players_comes_back(tmp_path_factory, boxes):
    folder = tmp_path_factory.mktemp("sportsmot") / "dataset" / "train" / "game"
    players = boxes.filter(boxes["label"] == "player")
    sportsmot.write_truth(folder, players)
    sequence = sportsmot.Sequence("game", "train", folder, None)
    assert_same(sportsmot.read_truth(sequence), players)


def test_a_ball_has_no_place(tmp_path):
    with pytest.raises(ValueError, match="ball"):
        sportsmot.write_truth(tmp_path, table((0, 0, 0, 1, 1, "ball", 1, None)))


def test_real_truth(shared_data, tmp_path):
    (tmp_path / "dataset").mkdir()
    (tmp_path / "dataset" / "train").symlink_to(shared_data / "tracking/sportsmot_truth")
    found = list(sportsmot.sequences(tmp_path, split="train"))
    assert len(found) == 15
    for sequence in found[:3]:
        players = sportsmot.read_truth(sequence)
        info = mot.read_sequence_info(sequence.folder / "seqinfo.ini")
        assert info.name == sequence.name
        assert players["frame"].max() < info.frames
        again = sportsmot.Sequence(sequence.name, "train", tmp_path / "again" / sequence.name, None)
        sportsmot.write_truth(again.folder, players)
        assert sportsmot.read_truth(again).rows() == players.rows()
