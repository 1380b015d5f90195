"""A tracker's output: exact lines, where frames begin, classes, real files, damaged ones."""

import pytest

from courtside.errors import UserError
from courtside.formats.mot_tracks import read_tracks

LABELS = {1: "ball", 2: "player"}


def read(tmp_path, text, labels=LABELS, **options):
    (tmp_path / "tracks.txt").write_text(text)
    return read_tracks(tmp_path / "tracks.txt", "game", labels, **options)


@pytest.mark.parametrize("last", ["", "\n\n"])  # read at once, and line by line
@pytest.mark.parametrize(
    ("line", "labels", "row"),
    [
        ("1,7,10,20,30,40,0.5,1", LABELS, (0, 10, 20, 40, 60, "ball", 0.5, 7)),
        ("3,0,10,20,30,40,-1,2,1", LABELS, (2, 10, 20, 40, 60, "player", 1.0, 0)),  # −1: no confidence
        ("1,7,10,20,30,40,87.5,-1,-1,-1", {1: "ball"}, (0, 10, 20, 40, 60, "ball", 1.0, 7)),  # world coordinates
        ("1,7,10,20,30,40", {-1: "object"}, (0, 10, 20, 40, 60, "object", 1.0, 7)),
        ("1,7,10,20,30,40,0.5,-1,-1", {4: "ball", 5: "ball"}, (0, 10, 20, 40, 60, "ball", 0.5, 7)),
    ],
)
def test_a_line_is_a_box(tmp_path, line, labels, row, last):
    found = read(tmp_path, line + last, labels)
    assert found.select("frame", "x1", "y1", "x2", "y2", "label", "score", "track").rows() == [row]
    assert found.select("video", "source", "visibility").rows() == [("game", "tracker", None)]


@pytest.mark.parametrize("last", ["", "\n\n"])
def test_frames_may_count_from_elsewhere(tmp_path, last):
    text = "0,7,10,20,30,40,1,1\n4,7,10,20,30,40,1,1" + last
    assert read(tmp_path, text, first_frame=0)["frame"].to_list() == [0, 4]
    assert read(tmp_path, text, first_frame=-2)["frame"].to_list() == [2, 6]
    with pytest.raises(UserError, match=r"line 1: frame 0, but MOTChallenge counts frames from 1; add 1"):
        read(tmp_path, text)
    with pytest.raises(UserError, match=r"line 1: frame 0, but frames were said to count from 3; add 3"):
        read(tmp_path, text, first_frame=3)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1,7,0,0,5,5,1,1\n1,7,0,0,5\n", "tracks.txt, line 2: 5 fields, but there must be 6 to 10"),
        ("1,-1,0,0,5,5,1,1", "line 1: the identity is -1, but a tracker gives every box one"),
        ("1,7,0,0,5,5,1,9", "line 1: class 9 is unknown, but the classes are 1:ball, 2:player"),
        ("1,7,0,0,5,5,1", "line 1: no class is named, but the classes are 1:ball, 2:player"),
        ("1,7,0,0,5,5,sure,1", "line 1: the confidence is 'sure'"),
        ("1,7,0,0,5,nan,1,1", "line 1: height is 'nan'"),
        ("1,7,0,0,5,0,1,1", "line 1: the box has no area"),
        ("1,7,0,0,5,5,1,1\n1,7,9,9,5,5,1,1", "track 7 has two boxes labelled 'ball' on frame 0"),
    ],
)
def test_damaged_files(tmp_path, text, complaint):
    with pytest.raises(UserError) as error:
        read(tmp_path, text)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


def test_an_empty_file_is_no_box(tmp_path):
    assert read(tmp_path, "").is_empty()


def test_real_output(shared_data):
    path = shared_data / "tracking/basketball_3x3/botsort/basket_S1T1_pre.txt"
    found = read_tracks(path, "game", {-1: "player"}, first_frame=0)
    lines = [line.split(",") for line in path.read_text().splitlines()]
    assert found.height == len(lines)
    assert found["frame"].to_list() == sorted(int(line[0]) for line in lines)
    assert set(found["track"]) == {int(line[1]) for line in lines}
