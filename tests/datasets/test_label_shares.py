"""What the labels of a dataset look like: counted from its files, box by box."""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.datasets.label_shares import (
    AXES,
    BINS,
    PAIRS,
    SHARES,
    describe,
    distributions,
    ends,
    joint_counts,
    read_shares,
)
from courtside.errors import UserError

LABELS = ("ball", "player")
shares_of_picture = st.floats(0, 1, allow_nan=False)
rows = st.lists(
    st.tuples(
        st.sampled_from(["train", "val"]), st.just("image"), st.sampled_from(LABELS), *[shares_of_picture] * len(AXES)
    ),
    max_size=30,
)


def write(folder, split, name, text):
    path = folder / "labels" / split / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_boxes_are_read_with_their_split_label_and_share(tmp_path):
    write(tmp_path, "train", "a_000001", "0 0.5 0.25 0.1 0.2\n1 0.75 0.5 0.05 0.3\n")
    write(tmp_path, "train", "a_000002", "")
    write(tmp_path, "val", "b_000003", "1 0.1 0.1 0.02 0.04\n")
    table = read_shares(tmp_path, LABELS)
    assert table.schema == pl.Schema(SHARES)
    assert [row[:3] for row in table.rows()] == [
        ("train", "a_000001", "ball"),
        ("train", "a_000001", "player"),
        ("val", "b_000003", "player"),
    ]
    assert table.row(0)[3:] == pytest.approx((0.5, 0.25, 0.1, 0.2))


def test_a_dataset_without_training_images_has_no_boxes(tmp_path):
    assert read_shares(tmp_path, LABELS).is_empty()
    (tmp_path / "labels" / "train").mkdir(parents=True)
    table = read_shares(tmp_path, LABELS)
    assert table.is_empty()
    assert distributions(table, LABELS) == {}
    nothing = pl.DataFrame(schema={"split": pl.String, "source": pl.String})
    assert describe(table, nothing, LABELS) == {
        "images": {"train": 0, "val": 0},
        "human": 0,
        "teacher": 0,
        "background": 0,
        "boxes": {"ball": {"train": 0, "val": 0}, "player": {"train": 0, "val": 0}},
    }


def test_a_line_that_is_no_box_is_named(tmp_path):
    write(tmp_path, "train", "a", "0 0.5 0.5\n")
    with pytest.raises(UserError, match=r"a\.txt, line 1"):
        read_shares(tmp_path, LABELS)


def test_images_are_counted_by_who_labelled_them():
    table = pl.DataFrame(
        [
            ("train", "a", "ball", 0.5, 0.5, 0.1, 0.1),
            ("train", "a", "ball", 0.2, 0.5, 0.1, 0.1),
            ("val", "v", "player", 0.5, 0.5, 0.1, 0.1),
        ],
        schema=SHARES,
        orient="row",
    )
    images = pl.DataFrame(
        {"split": ["train", "train", "train", "val"], "source": ["human", "teacher", "teacher", "human"]}
    )
    found = describe(table, images, LABELS)
    assert found["images"] == {"train": 3, "val": 1}
    assert (found["human"], found["teacher"], found["background"]) == (1, 2, 2)
    assert found["boxes"] == {"ball": {"train": 2, "val": 0}, "player": {"train": 0, "val": 1}}


@pytest.mark.parametrize(
    ("values", "axis", "expected"),
    [
        ([0.01, 0.3], "x", 1.0),
        ([], "width", 1.0),
        ([0.013] * 9, "width", 0.02),
        ([0.02] * 9, "height", 0.02),
        ([0.021] * 9, "height", 0.05),
        ([0.013] * 999 + [0.9], "width", 0.02),  # one close-up does not squeeze all others into a corner
        ([0.7] * 3, "width", 1.0),
    ],
)
def test_an_axis_ends_where_nearly_all_boxes_are_below(values, axis, expected):
    assert ends(np.array(values), axis) == (0.0, expected)


def test_rows_of_joint_counts_go_up():
    counts = joint_counts(np.array([0, 3, 3]), np.array([1, 2, 2]))
    assert (counts[1, 0], counts[2, 3], counts.sum()) == (1, 2, 3)


@given(rows)
def test_every_training_box_is_in_one_bin_of_every_axis_and_pair(drawn):
    table = pl.DataFrame(drawn, schema=SHARES, orient="row")
    found = distributions(table, LABELS)
    json.dumps(found, allow_nan=False)
    for label in LABELS:
        boxes = table.filter(pl.col("split") == "train", pl.col("label") == label).height
        assert (label in found) == (boxes > 0)
        if not boxes:
            continue
        shape = found[label]
        assert all(len(shape["counts"][axis]) == BINS and sum(shape["counts"][axis]) == boxes for axis in AXES)
        assert [(pair["across"], pair["up"]) for pair in shape["pairs"]] == list(PAIRS)
        for pair in shape["pairs"]:
            counts = np.array(pair["counts"])
            assert counts.sum(axis=0).tolist() == shape["counts"][pair["across"]]
            assert counts.sum(axis=1).tolist() == shape["counts"][pair["up"]]
