"""Sorted frames become examples, read from the videos once and drawn from a file."""

import cv2
import numpy as np
import polars as pl
import pytest

from courtside.classifiers.examples import choose, lacking, part, read
from courtside.classifiers.pictures import shrink

LABELS = ("no_ball", "ball")


def test_only_usable_frames_with_a_side_and_a_known_label_are_examples():
    rows = [
        (0, "usable", "train", "ball"),
        (1, "usable", "val", "no_ball"),
        (2, "blur", "train", "ball"),
        (3, "usable", None, "ball"),
        (4, "usable", "train", "puck"),
    ]
    frames = pl.DataFrame(
        {
            "video": ["a"] * 6,
            "frame": [5, 0, 1, 2, 3, 4],
            "shot": [0] * 6,
            "verdict": ["usable", *(row[1] for row in rows)],
            "split": ["train", *(row[2] for row in rows)],
        },
        schema_overrides={"frame": pl.Int32},
    )
    known = pl.DataFrame({"video": ["a"] * 5, "frame": range(5), "label": [row[3] for row in rows]})
    chosen = choose(frames, known.cast({"frame": pl.Int32}), LABELS)
    assert chosen.columns == ["video", "frame", "shot", "split", "label"]
    assert chosen.rows() == [("a", 0, 0, "train", "ball"), ("a", 1, 0, "val", "no_ball")]


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((10, 10, 5, 5), None),
        ((9, 10, 5, 5), ["training 9", "no_ball", "takes 10"]),
        ((10, 10, 5, 4), ["validation 4", "as ball", "takes 5"]),
        ((10, 10, 5, 0), ["validation 0", "as ball"]),
    ],
)
def test_what_is_lacking_is_said(counts, words):
    places = [("train", "no_ball"), ("train", "ball"), ("val", "no_ball"), ("val", "ball")]
    rows = [place for place, count in zip(places, counts, strict=True) for _ in range(count)]
    reason = lacking(pl.DataFrame(rows, schema=["split", "label"], orient="row"), LABELS)
    if words is None:
        assert reason is None
    else:
        assert all(word in reason for word in words)


def test_pictures_come_in_the_order_of_their_rows_and_damaged_ones_are_left_out(tmp_path):
    folder = tmp_path / "video"
    folder.mkdir()
    for number in range(4):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((60, 80, 3), 50 * number, dtype=np.uint8))
    (folder / "2.png").write_bytes(b"damaged")
    table = pl.DataFrame(
        {
            "video": ["v"] * 4,
            "frame": [0, 1, 2, 3],
            "split": ["train", "val", "val", "train"],
            "label": ["ball", "no_ball", "ball", "no_ball"],
        },
        schema_overrides={"frame": pl.Int32},
    )
    told = []
    examples, known = read(table, {"v": folder}, LABELS, 32, tmp_path / "p.npy", lambda *counts: told.append(counts))
    assert known["frame"].to_list() == [0, 1, 3]
    assert examples.classes.tolist() == [1, 0, 0]
    assert [picture[0, 0, 0] for picture in examples] == [0, 50, 150]
    assert told == [(1, 4), (2, 4), (3, 4)]
    train = part(examples, (known["split"] == "train").to_numpy())
    assert train.classes.tolist() == [1, 0]
    assert train.take(np.array([1]))[0, 0, 0].tolist() == [150, 150, 150]


def test_stretching_keeps_what_is_at_the_border():
    image = np.zeros((720, 1280, 3), dtype=np.uint8)
    image[:, :20] = 255
    assert shrink(image, 128)[64, 0].min() > 100
