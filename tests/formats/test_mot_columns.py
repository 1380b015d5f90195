"""Reading MOTChallenge text at once: the same as line by line wherever it reads at all, and only good files."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from courtside.errors import UserError
from courtside.formats import mot, mot_tracks
from courtside.formats.mot_columns import read_columns

BOM = "\ufeff"
LABELS = {1: "ball", 2: "player"}
FIELDS = st.sampled_from(
    ["0", "1", "2", "3.0", " 4", "-1", "0.5", "1.5", "1e1", "+5", ".5", "7.", "1_0", "nan", "inf", "1e300", "x", ""]
)
GOOD = st.tuples(*[st.sampled_from(["1", "2", "3"])] * 2, *[st.sampled_from(["5", "6.25", " 7"])] * 4)
LINES = st.one_of(
    GOOD.map(lambda fields: ",".join([*fields, "1", "2", "0.5"])),
    GOOD.map(",".join),
    st.lists(FIELDS, min_size=5, max_size=11).map(",".join),
    st.just(""),
)


def outcome(read):
    try:
        return read().rows()
    except UserError as error:
        return str(error)


@given(
    lines=st.lists(LINES, max_size=5), end=st.sampled_from(["\n", "\r\n", "\r"]), start=st.sampled_from(["", "\ufeff"])
)
@example(lines=["1,1,5,5,5,5,1,2,0.5"], end="\r\n", start="\ufeff")
@example(lines=["1,1,5,5,5,5,0,2,0.5", "1,1,5,5,5,5,1,2,-1", "2,-1,5,5,5,5,1,3,-1"], end="\n", start="")
def test_at_once_is_line_by_line(tmp_path_factory, lines, end, start):
    path = tmp_path_factory.mktemp("mot") / "gt.txt"
    path.write_bytes((start + end.join(lines)).encode())
    columns = read_columns(path)
    if columns is not None:
        at_once = mot._all_at_once(columns, "game", LABELS, 0.2)
        assert at_once is None or at_once.rows() == mot._line_by_line(path, "game", LABELS, 0.2).rows()
    assert outcome(lambda: mot.read_ground_truth(path, "game", LABELS)) == outcome(
        lambda: mot._line_by_line(path, "game", LABELS, 0.0)
    )
    known = LABELS | {-1: "object"}
    assert outcome(lambda: mot_tracks.read_tracks(path, "game", known)) == outcome(
        lambda: mot_tracks._line_by_line(path, "game", known, 1, "tracker")
    )


@pytest.mark.parametrize("text", ["1,1,5,5,5,5\n", "1, 1, 5, 5, 5, 5, 1, 2, 0.5\r\n", "\ufeff1,1,5,5,5,5,1,-1,-1,-1"])
def test_good_files_are_read_at_once(tmp_path, text):
    (tmp_path / "gt.txt").write_text(text, encoding="utf-8", newline="")
    assert read_columns(tmp_path / "gt.txt") is not None


@pytest.mark.parametrize(
    "line",
    [
        "1,1,5,5,5", "1,1,5,5,5,5,1,1,1,1,1", "0,1,5,5,5,5", "1.5,1,5,5,5,5", "1,1.5,5,5,5,5", "1,1,5,5,0,5",
        "1,1,5,5,5,-1", "1,1,nan,5,5,5", "1,1,1e10,5,5,5", "1,1,5,5,5,5,1,1,1.5", "1,1,5,5,5,5,1,1.5", "",
    ],
)  # fmt: skip
def test_bad_files_are_not(tmp_path, line):
    (tmp_path / "gt.txt").write_text(f"{line}\n")
    assert read_columns(tmp_path / "gt.txt") is None


def test_classes_that_count(tmp_path):
    for last in ("", "\n\n"):  # at once, and line by line
        (tmp_path / "gt.txt").write_text("1,1,5,5,5,5,1,7,1\n1,2,5,5,5,5,0,3,1\n1,3,5,5,5,5,1,-1,1" + last)
        assert mot.counted_classes(tmp_path / "gt.txt") == [-1, 7]
