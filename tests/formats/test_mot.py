"""MOTChallenge: exact lines, any table there and back, real files, damaged ones."""

from fractions import Fraction

import motmetrics
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_tables import assert_same, box_tables, by_content, table

from courtside.errors import UserError
from courtside.formats import mot

LABELS = {1: "ball", 2: "player"}


def read(tmp_path, text, **options):
    path = tmp_path / "gt.txt"
    path.write_text(text)
    return mot.read_ground_truth(path, "game", LABELS, **options)


@pytest.mark.parametrize(
    ("line", "row"),
    [
        # frame 1 is frame 0; right = left + width
        ("1,7,10,20,30,40,1,2,0.5", (0, 10, 20, 40, 60, "player", 7, 0.5)),
        # spaces, fractions, a flag of -1 as some truth has it
        ("3, 0, -1.5, 2.25, 3, 4, -1, 1, 1", (2, -1.5, 2.25, 1.5, 6.25, "ball", 0, 1.0)),
        # no visibility, or -1: nobody said
        ("1,7,10,20,30,40,1,1", (0, 10, 20, 40, 60, "ball", 7, None)),
        ("1,7,10,20,30,40,1,1,-1", (0, 10, 20, 40, 60, "ball", 7, None)),
        # identity -1: no track
        ("1,-1,10,20,30,40,1,1,1", (0, 10, 20, 40, 60, "ball", None, 1.0)),
        # whole numbers written as fractions
        ("1.0,7.0,10,20,30,40,1,1.0,1", (0, 10, 20, 40, 60, "ball", 7, 1.0)),
    ],
)
def test_a_line_is_a_box(tmp_path, line, row):
    assert by_content(read(tmp_path, line)) == by_content(table(row))


@pytest.mark.parametrize(
    "line",
    [
        "1,7,10,20,30,40,0,1,1",  # flag 0: not to be counted
        "1,7,10,20,30,40,1,3,1",  # a class nobody asked for
        "1,7,10,20,30,40,1,1,0.2",  # seen less than the minimum
        "1,7,10,20,30,40,1,1,1,1",  # ten columns end in world coordinates: class -1
        "1,7,10,20,30,40",  # no class: class -1
        "",
    ],
)
def test_a_line_that_is_left_out(tmp_path, line):
    assert read(tmp_path, line, minimum_visibility=0.25).is_empty()


def test_ten_columns_have_class_minus_one(tmp_path):
    path = tmp_path / "gt.txt"
    path.write_text("1,7,10,20,30,40,1,6.1,3.2,0\n")
    assert by_content(mot.read_ground_truth(path, "game", {-1: "player"})) == by_content(
        table((0, 10, 20, 40, 60, "player", 7, None))
    )


@given(boxes=box_tables())
def test_any_table_comes_back(tmp_path_factory, boxes):
    path = tmp_path_factory.mktemp("mot") / "gt.txt"
    mot.write_ground_truth(path, boxes, {"ball": 1, "player": 2, "referee & <coach>": 3})
    again = mot.read_ground_truth(path, "game", {1: "ball", 2: "player", 3: "referee & <coach>"})
    assert_same(again, boxes)


def test_the_file_is_short_decimals(tmp_path):
    mot.write_ground_truth(tmp_path / "gt.txt", table((4, 815.8, 0.1, 873.8, 58.3, "ball", None, None)), {"ball": 1})
    assert (tmp_path / "gt.txt").read_text() == "5,-1,815.8,0.1,58.0,58.2,1,1,-1\n"


def test_a_label_without_a_number_is_refused(tmp_path):
    with pytest.raises(ValueError, match="player"):
        mot.write_ground_truth(tmp_path / "gt.txt", table((0, 0, 0, 1, 1, "player", 1, None)), {"ball": 1})
    assert not list(tmp_path.iterdir())


def test_motmetrics_reads_the_same(tmp_path):
    boxes = table((0, 1.5, 2.5, 11, 12, "ball", 1, 1.0), (1, 3, 4, 5.25, 6.5, "ball", 1, 0.5))
    mot.write_ground_truth(tmp_path / "gt.txt", boxes, {"ball": 1})
    other = motmetrics.io.loadtxt(tmp_path / "gt.txt", fmt="mot16").reset_index()
    assert other["FrameId"].tolist() == [1, 2]
    ours = boxes.select("x1", "y1", w=boxes["x2"] - boxes["x1"], h=boxes["y2"] - boxes["y1"]).to_numpy()
    # motmetrics counts pixels from 1
    np.testing.assert_allclose(other[["X", "Y", "Width", "Height"]].to_numpy() + np.array([1, 1, 0, 0]), ours)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("1,1,0,0,5,5,1,1,1\n1,2,3\n", "gt.txt, line 2: 3 fields"),
        ("0,1,0,0,5,5,1,1,1", "line 1: frame 0, but MOTChallenge counts frames from 1"),
        ("1,1,0,0,five,5,1,1,1", "line 1: width is 'five'"),
        ("1,1,0,0,nan,5,1,1,1", "line 1: width is 'nan'"),
        ("1,1,0,1e300,5,5,1,1,1", "line 1: top is '1e300'"),
        ("1.5,1,0,0,5,5,1,1,1", "line 1: the frame is '1.5', but must be a whole number"),
        ("1,1,0,0,0,5,1,1,1", "line 1: the box has no area"),
        ("1,1,0,0,5,-5,1,9,1", "line 1: the box has no area"),
        ("1,1,0,0,5,5,1,1,1.5", "line 1: the visibility is '1.5'"),
        ("1,1,0,0,5,5,1,1,1\n1,1,9,9,5,5,1,1,1", "track 1 has two boxes labelled 'ball' on frame 0"),
        ("1 1 0 0 5 5 1 1 1", "line 1: 1 fields"),
        ("999999999999,1,0,0,5,5,1,1,1", "line 1: the frame"),
    ],
)
def test_damaged_files(tmp_path, text, complaint):
    with pytest.raises(UserError) as error:
        read(tmp_path, text)
    assert complaint in str(error.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_no_text_file(tmp_path, content):
    path = tmp_path / "gt.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=r"gt\.txt"):
        mot.read_ground_truth(path, "game", LABELS)
    with pytest.raises(UserError, match=str(tmp_path)):
        mot.read_ground_truth(tmp_path, "game", LABELS)


@given(
    rate=st.fractions(Fraction(1, 10), 1000, max_denominator=1001),
    frames=st.integers(0, 10**6),
    size=st.tuples(st.integers(1, 10**4), st.integers(1, 10**4)),
)
def test_sequence_info_comes_back(tmp_path_factory, rate, frames, size):
    path = tmp_path_factory.mktemp("mot") / "seqinfo.ini"
    mot.write_sequence_info(path, "50% of game = 1", rate, frames, *size)
    assert mot.read_sequence_info(path) == mot.SequenceInfo("50% of game = 1", rate, frames, *size)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "has no line [Sequence]"),
        ("frameRate=25", "is no seqinfo.ini"),
        ("[Sequence]\nname=a\nframeRate=25\nseqLength=5\nimWidth=4\n", "imHeight"),
        ("[Sequence]\nname=a\nframeRate=fast\nseqLength=5\nimWidth=4\nimHeight=4\n", "frameRate is 'fast'"),
        ("[Sequence]\nname=a\nframeRate=0\nseqLength=5\nimWidth=4\nimHeight=4\n", "more than 0 and at most"),
    ],
)
def test_damaged_sequence_info(tmp_path, text, complaint):
    path = tmp_path / "seqinfo.ini"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        mot.read_sequence_info(path)
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("path", "labels", "boxes", "frames"),
    [
        ("video_truth/outdoor_court_720p/gt.txt", {1: "ball"}, 439, 270),
        ("video_truth/outdoor_shot_540p/gt.txt", {1: "ball"}, 101, 101),
        ("tracking/mot17_mini/MOT17-02-FRCNN/gt/gt.txt", {1: "player"}, 88, 600),  # classes 2 to 12 have flag 0
        ("tracking/sportsmot_truth/v_-6Os86HzwCs_c001/gt/gt.txt", {1: "player"}, 8074, 825),
        ("tracking/tennis_ball/tennis_0070_0123/gt/gt.txt", {1: "ball"}, 54, 54),
        ("tracking/tud/TUD-Campus/gt.txt", {-1: "player"}, 359, None),
        ("tracking/basketball_3x3/truth/basket_S1T1_pre.txt", {-1: "player"}, 1008, None),  # flag -1
    ],
)
def test_real_truth(shared_data, tmp_path, path, labels, boxes, frames):
    found = mot.read_ground_truth(shared_data / path, "game", labels)
    assert found.height == boxes
    mot.write_ground_truth(tmp_path / "gt.txt", found, dict.fromkeys(labels.values(), 5))
    again = mot.read_ground_truth(tmp_path / "gt.txt", "game", dict.fromkeys([5], *labels.values()))
    assert again.rows() == found.rows()
    infos = [
        folder / "seqinfo.ini" for folder in (shared_data / path).parents[:2] if (folder / "seqinfo.ini").is_file()
    ]
    assert [mot.read_sequence_info(info).frames for info in infos] == ([] if frames is None else [frames])


def test_real_tracker_output_that_counts_from_0_is_refused(shared_data):
    with pytest.raises(UserError, match="counts frames from 1"):
        mot.read_ground_truth(
            shared_data / "tracking/basketball_3x3/botsort/basket_S1T1_pre.txt", "game", {-1: "player"}
        )
