"""Human labels first, validation human only, the rest spread over the teacher's frames."""

import polars as pl
import pytest

from courtside.datasets.select import select


def frames(train, val, *, video="game", verdict="usable"):
    rows = [(video, number, verdict, "train") for number in range(train)]
    rows += [(video, train + number, verdict, "val") for number in range(val)]
    return pl.DataFrame(rows, schema=["video", "frame", "verdict", "split"], orient="row")


def keys(numbers, video="game"):
    return pl.DataFrame(
        {"video": [video] * len(numbers), "frame": list(numbers)}, schema_overrides={"video": pl.String}
    )


NONE = keys([]).with_columns(pl.col("frame").cast(pl.Int64))


def test_gold_takes_human_frames_alone():
    chosen = select(frames(100, 20), keys([5, 50, 105]), NONE, images=50, background_share=0.5)
    assert chosen.rows() == [
        ("game", 5, "train", "human"),
        ("game", 50, "train", "human"),
        ("game", 105, "val", "human"),
    ]


def test_a_teacher_fills_up_to_the_number_of_images():
    chosen = select(frames(100, 20), keys([5, 50, 105]), keys(range(100)), images=23, background_share=0.0)
    assert chosen.height == 23
    taught = chosen.filter(pl.col("source") == "teacher")
    assert set(taught["split"]) == {"train"}
    assert not set(taught["frame"]) & {5, 50}
    gaps = taught["frame"].diff().drop_nulls()
    assert gaps.max() - gaps.min() <= 2  # spread evenly, not the first of them


def test_frames_without_a_box_are_limited_to_their_share():
    chosen = select(frames(100, 4), keys([102]), keys(range(50)), images=41, background_share=0.25)
    taught = chosen.filter(pl.col("source") == "teacher")
    assert taught.filter(pl.col("frame") >= 50).height == 10
    assert taught.height == 40


@pytest.mark.parametrize("verdict", ["blur", "duplicate", "without_ball"])
def test_frames_that_are_not_usable_never_enter(verdict):
    table = pl.concat([frames(10, 5), frames(10, 5, video="other", verdict=verdict)])
    chosen = select(
        table, keys([0, 11]), pl.concat([keys(range(10)), keys(range(10), "other")]), images=99, background_share=0
    )
    assert set(chosen["video"]) == {"game"}


def test_more_human_frames_than_images_are_thinned_in_training_only():
    chosen = select(frames(100, 10), keys(range(110)), NONE, images=30, background_share=0.1)
    assert chosen.filter(pl.col("split") == "val").height == 10
    assert chosen.filter(pl.col("split") == "train").height == 20


def test_frames_on_which_the_teacher_missed_an_expected_label_stay_out():
    teacher = pl.concat(
        [
            keys(range(30)).with_columns(label=pl.lit("player")),
            keys(range(0, 30, 3)).with_columns(label=pl.lit("ball")),
        ]
    )
    chosen = select(
        frames(100, 4), keys([102]), teacher, images=99, background_share=0.5, expected_labels=["ball", "player"]
    )
    assert chosen.filter(pl.col("source") == "teacher")["frame"].to_list() == list(range(0, 30, 3))
