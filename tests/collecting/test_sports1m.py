"""The published JSON of Sports-1M, its labels and what is chosen of it."""

import json

import pytest

from courtside.collecting.sports1m import (
    Entry,
    VideoLimits,
    choose,
    label_names,
    label_numbers,
    read_entries,
    read_labels,
)
from courtside.errors import UserError

PUBLISHED = [
    {"id": "RE0kZJ3P10A", "duration": 196, "height": 360, "width": 480, "label487": [1], "source487": "train"},
    {"id": "-wtIMTCHWuI", "duration": 3600, "height": 720, "width": 1280, "label487": [1, 2], "source487": "train"},
    {"id": "short", "duration": 12, "height": 720, "label487": [2]},
    {"id": "unknown", "label487": [2], "duration": None},
]
NAMES = ["boomerang", "Basketball", "streetball"]


def written(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_list_and_an_object_of_videos_say_the_same(tmp_path):
    listed = read_entries(written(tmp_path / "list.json", PUBLISHED))
    by_id = {values["id"]: {key: value for key, value in values.items() if key != "id"} for values in PUBLISHED}
    assert read_entries(written(tmp_path / "object.json", by_id)) == listed
    assert listed[1] == Entry("-wtIMTCHWuI", (1, 2), 3600.0, 720)
    assert listed[1].address == "https://www.youtube.com/watch?v=-wtIMTCHWuI"
    assert (listed[3].duration_s, listed[3].height) == (None, None)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "no JSON"),
        ("3", "holds no list"),
        ('{"a": 1}', "holds no list"),
        ([{"label487": [1]}], "video 0"),
        ([PUBLISHED[0], "x"], "video 1"),
        ([{"id": "a", "label487": ["ball"]}], "video 0"),
        ([{"id": "a", "label487": 3}], "video 0"),
        ([{"id": 7}], "video 0"),
        ({"a": {"duration": "long"}}, "video 'a'"),
    ],
)
def test_a_file_that_is_none_is_one_line(tmp_path, content, words):
    with pytest.raises(UserError, match=words):
        read_entries(written(tmp_path / "list.json", content))


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        read_entries(tmp_path / "list.json")
    with pytest.raises(UserError, match="cannot be read"):
        read_labels(tmp_path / "labels.txt")
    with pytest.raises(UserError, match="no label"):
        read_labels(written(tmp_path / "labels.txt", "\n\n"))


def test_labels_by_name_and_by_number(tmp_path):
    names = read_labels(written(tmp_path / "labels.txt", "\n".join(NAMES) + "\n"))
    assert names == NAMES
    assert label_numbers(["basketball", "2"], names) == {1, 2}
    assert label_numbers(["486"], None) == {486}
    assert label_numbers([], None) == frozenset()
    assert label_names((1, 9), names) == ["Basketball", "9"]
    assert label_names((1,), None) == ["1"]


@pytest.mark.parametrize(
    ("label", "names", "words"),
    [("basketbal", NAMES, "near it: basketball"), ("3", NAMES, "outside 0–2"), ("basketball", None, "--labels")],
)
def test_an_unknown_label_is_one_line(label, names, words):
    with pytest.raises(UserError, match=words):
        label_numbers([label], names)


@pytest.mark.parametrize(
    ("labels", "limits", "identities"),
    [
        ([], {}, ["RE0kZJ3P10A", "-wtIMTCHWuI", "short", "unknown"]),
        ([1], {}, ["RE0kZJ3P10A", "-wtIMTCHWuI"]),
        ([2], {"minimum_s": 12}, ["-wtIMTCHWuI", "short", "unknown"]),
        ([2], {"minimum_s": 13, "maximum_s": 3600}, ["-wtIMTCHWuI", "unknown"]),
        ([], {"maximum_s": 195}, ["short", "unknown"]),
        ([1], {"minimum_height": 361}, ["-wtIMTCHWuI"]),
    ],
)
def test_what_is_chosen(tmp_path, labels, limits, identities):
    entries = read_entries(written(tmp_path / "list.json", [*PUBLISHED, PUBLISHED[0]]))
    assert [entry.identity for entry in choose(entries, labels, VideoLimits(**limits))] == identities


def test_nothing_left_is_one_line(tmp_path):
    with pytest.raises(UserError, match="none of the 4 videos"):
        choose(read_entries(written(tmp_path / "list.json", PUBLISHED)), [0], VideoLimits())


def test_a_tolerance_is_for_lengths_known_in_whole_seconds():
    limits = VideoLimits(minimum_s=10, maximum_s=20)
    assert limits.objection(9.5, None) == "10 s long; shorter than 10 s"
    assert limits.objection(9.5, None, tolerance_s=1) is None
    assert limits.objection(20.5, None, tolerance_s=1) is None
    assert "longer than 20 s" in limits.objection(21.5, None, tolerance_s=1)
