"""A damaged gt.txt, det.txt or seqinfo.ini: one clear line, or the right reading where the damage does no harm."""

import pytest

from courtside.errors import UserError
from courtside.formats import mot, sequences
from courtside.formats.mot_detections import read_detections
from courtside.formats.mot_tracks import read_tracks
from courtside.formats.sequences import Choice

TRUTH = "1,4,10,20,30,40,1,1,0.5\n2,4,11,20,30,40,1,1,1\n3,4,12,20,30,40,1,1,1\n"
DETECTIONS = "1,-1,10,20,30,40,0.5\n2,-1,11,20,30,40,0.25\n3,-1,12,20,30,40,1\n"
TRACKS = "1,4,10,20,30,40,0.5,1\n2,4,11,20,30,40,0.25,1\n3,4,12,20,30,40,1,1\n"
INFO = "[Sequence]\nname=game\nimDir=img1\nframeRate=25\nseqLength=3\nimWidth=640\nimHeight=480\nimExt=.jpg\n"

READERS = {
    "gt.txt": (TRUTH, lambda path: mot.read_ground_truth(path, "game", {1: "ball"})),
    "det.txt": (DETECTIONS, lambda path: read_detections(path, "game", "ball", "det")),
    "tracks.txt": (TRACKS, lambda path: read_tracks(path, "game", {1: "ball"})),
}
EVERY = list(READERS)


def damaged(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def complaint_of(read):
    with pytest.raises(UserError) as error:
        read()
    text = str(error.value)
    assert "\n" not in text
    assert "Traceback" not in text
    return text


# (what happens to the good text, what the error says; the file's name comes before it)
DAMAGES = {
    "a column is missing": (lambda text: text.replace("11,20,", "11,"), "line 2: "),
    "a column too many": (lambda text: text.replace("11,20,", "11,20,20,"), "fields, but line 1 has"),
    "letters": (lambda text: text.replace("11,20", "eleven,20"), "line 2: left is 'eleven', which is no usable number"),
    "an empty field": (lambda text: text.replace("11,20", ",20"), "line 2: left is '', which is no usable number"),
    "a negative width": (lambda text: text.replace("11,20,30", "11,20,-30"), "line 2: the box has no area"),
    "no height": (lambda text: text.replace("11,20,30,40", "11,20,30,0"), "line 2: the box has no area"),
    "frame 0": (lambda text: "0" + text[1:], "line 1: frame 0, but MOTChallenge counts frames from 1; add 1"),
    "a negative frame": (lambda text: "-3" + text[1:], "line 1: frame -3, but MOTChallenge counts frames from 1"),
    "half a frame": (lambda text: "1.5" + text[1:], "line 1: the frame is '1.5', but must be a whole number"),
    "half an identity": (lambda text: text.replace("1,4,", "1,4.5,").replace("1,-1,", "1,4.5,"),
        "line 1: the identity is '4.5', but must be a whole number"),
    "not a number": (lambda text: text.replace("11,20", "nan,20"), "line 2: left is 'nan', which is no usable number"),
    "infinite": (lambda text: text.replace("11,20", "inf,20"), "line 2: left is 'inf', which is no usable number"),
    "far outside": (lambda text: text.replace("11,20", "1e30,20"), "line 2: left is '1e30', which is no usable number"),
    "the last line is cut": (lambda text: text[: text.rindex("12,20") + 4], "line 3: 4 fields, but"),
    "two lines in one": (lambda text: text.replace("\n", ",", 1), "fields, but"),
    "semicolons": (lambda text: text.replace(",", ";"), "line 1: 1 fields, but"),
    "blanks": (lambda text: text.replace(",", " "), "line 1: 1 fields, but"),
    "a heading": (lambda text: "frame,id,left,top,width,height,score\n" + text, "line 1: the frame is 'frame'"),
    "UTF-16": (lambda text: text.encode("utf-16"), "is no UTF-8 text"),
    "a picture": (lambda _: b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", "is no UTF-8 text"),
    "zeros": (lambda text: text.encode() + bytes(64), "line 4: 1 fields, but"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", EVERY)
def test_a_damaged_table_is_told(tmp_path, name, damage):
    good, read = READERS[name]
    change, words = DAMAGES[damage]
    assert change(good) != good
    path = damaged(tmp_path, name, change(good))
    complaint = complaint_of(lambda: read(path))
    assert complaint.startswith(str(path))
    assert words in complaint


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: "\n" + text.replace("\n", "\n\n") + "  \n",
        lambda text: text.replace(",", " , "),
        lambda text: text.replace("1,", "1.0,", 1).replace("10,20", "1e1,20.0"),
        lambda text: "".join(reversed(text.splitlines(keepends=True))),
    ],
    ids=["byte order mark", "CRLF", "no last line break", "empty lines", "spaces", "other numbers", "another order"],
)
@pytest.mark.parametrize("name", EVERY)
def test_what_does_no_harm_is_read_right(tmp_path, name, change):
    good, read = READERS[name]
    expected = read(damaged(tmp_path, name, good))
    assert expected.height == 3
    assert read(damaged(tmp_path, name, change(good))).rows() == expected.rows()


@pytest.mark.parametrize("name", EVERY)
def test_an_empty_file_is_no_box(tmp_path, name):
    assert READERS[name][1](damaged(tmp_path, name, "")).is_empty()


@pytest.mark.parametrize("name", EVERY)
def test_no_file_and_a_folder_are_told(tmp_path, name):
    read = READERS[name][1]
    assert "does not exist" in complaint_of(lambda: read(tmp_path / name))
    assert "cannot be read" in complaint_of(lambda: read(tmp_path))


@pytest.mark.parametrize("name", ["gt.txt", "tracks.txt"])
def test_an_identity_twice_in_a_frame_is_told(tmp_path, name):
    good, read = READERS[name]
    path = damaged(tmp_path, name, good + good.splitlines()[1].replace("11", "90"))
    complaint = complaint_of(lambda: read(path))
    assert complaint == f"{path}: track 4 has two boxes labelled 'ball' on frame 1 (from 0); delete one of them"


@pytest.mark.parametrize("seen", ["1.5", "-0.5", "much"])
def test_a_visibility_that_is_none_is_told(tmp_path, seen):
    path = damaged(tmp_path, "gt.txt", TRUTH.replace("0.5\n", f"{seen}\n"))
    assert f"line 1: the visibility is '{seen}'" in complaint_of(lambda: mot.read_ground_truth(path, "a", {1: "ball"}))


def test_a_confidence_that_is_none_is_told(tmp_path):
    path = damaged(tmp_path, "det.txt", DETECTIONS.replace("0.25", "25"))
    assert "line 2: the confidence is 25, but must lie within 0 and 1" in complaint_of(
        lambda: read_detections(path, "game", "ball", "det")
    )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("imHeight=480\n", "", "does not say imHeight"),
        ("frameRate=25\n", "", "does not say frameRate"),
        ("[Sequence]\n", "", "no section headers"),
        ("[Sequence]\n", "[Other]\n", "has no line [Sequence]"),
        ("seqLength=3", "seqLength=3.5", "seqLength is '3.5', but must be a whole number"),
        ("seqLength=3", "seqLength=three", "seqLength is 'three', which is no usable number"),
        ("seqLength=3", "seqLength=", "seqLength is '', which is no usable number"),
        ("seqLength=3", "seqLength=-3", "seqLength is -3, but must lie within 0 and 10000000"),
        ("seqLength=3", "seqLength=999999999", "seqLength is 999999999, but must lie within"),
        ("imWidth=640", "imWidth=0", "imWidth is 0, but must lie within 1"),
        ("frameRate=25", "frameRate=0", "frameRate is '0', but a video has more than 0"),
        ("frameRate=25", "frameRate=-25", "frameRate is '-25', but a video has more than 0"),
        ("frameRate=25", "frameRate=90000", "frameRate is '90000', but a video has more than 0 and at most 1000"),
        ("frameRate=25", "frameRate=25/0", "frameRate is '25/0', but a video has more than 0"),
        ("frameRate=25", "frameRate=29,97", "frameRate is '29,97', which is no usable number"),
        ("frameRate=25", "frameRate=nan", "frameRate is 'nan', which is no usable number"),
        ("imExt=.jpg", "name=other", "already exists"),
        ("imExt=.jpg", "and so on", "and so on"),
    ],
)
def test_a_damaged_seqinfo_is_told(tmp_path, old, new, words):
    assert old in INFO
    path = damaged(tmp_path, "seqinfo.ini", INFO.replace(old, new))
    complaint = complaint_of(lambda: mot.read_sequence_info(path))
    assert complaint.startswith(str(path))
    assert words in complaint
    # And through the reader of whole trees, which says the same.
    (tmp_path / "gt").mkdir()
    damaged(tmp_path / "gt", "gt.txt", TRUTH)
    found = sequences.find(tmp_path, "mot", Choice({1: "ball"}))
    assert complaint_of(lambda: [item.read() for item in found]) == complaint


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00", bytes(40), b""])
def test_a_seqinfo_that_is_none_is_told(tmp_path, content):
    path = damaged(tmp_path, "seqinfo.ini", content)
    assert str(path) in complaint_of(lambda: mot.read_sequence_info(path))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("=", " = "),
        lambda text: text.replace("frameRate=25", "frameRate=50/2"),
        lambda text: text.replace("frameRate", "FRAMERATE"),
        lambda text: "; by hand\n" + text.replace("imExt=.jpg\n", ""),
    ],
)
def test_what_does_a_seqinfo_no_harm(tmp_path, change):
    expected = mot.read_sequence_info(damaged(tmp_path, "seqinfo.ini", INFO))
    assert mot.read_sequence_info(damaged(tmp_path, "seqinfo.ini", change(INFO))) == expected


def test_truth_and_seqinfo_that_contradict_each_other(tmp_path):
    (tmp_path / "gt").mkdir()
    damaged(tmp_path / "gt", "gt.txt", TRUTH)
    damaged(tmp_path, "seqinfo.ini", INFO.replace("seqLength=3", "seqLength=2"))
    [item] = sequences.find(tmp_path, "mot", Choice({1: "ball"}))
    assert "seqLength is 2, but gt/gt.txt has a box on frame 3" in complaint_of(item.read)
