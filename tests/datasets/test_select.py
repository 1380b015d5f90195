"""Human labels first, validation human only, the rest spread over the teacher's frames."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.datasets.select import select, surest

KEY = {"video": pl.String, "frame": pl.Int64}


def frames(train, val, *, video="game", verdict="usable"):
    rows = [(video, number, verdict, "train") for number in range(train)]
    rows += [(video, train + number, verdict, "val") for number in range(val)]
    return pl.DataFrame(rows, schema=["video", "frame", "verdict", "split"], orient="row")


def keys(numbers, video="game"):
    return pl.DataFrame({"video": [video] * len(numbers), "frame": list(numbers)}, schema=KEY)


NONE = keys([])


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


def boxes_on(numbers, label, video="game"):
    return keys(numbers, video).with_columns(label=pl.lit(label))


def judged(probabilities, *, split="train", video="game"):
    """Frames that the ball filter took out, with what it said of them."""
    return pl.DataFrame(
        {
            "video": video,
            "frame": [1000 + number for number in range(len(probabilities))],
            "verdict": "without_ball",
            "split": split,
            "ball_probability": probabilities,
        },
        schema_overrides={"ball_probability": pl.Float64},
    )


def with_judged(*tables):
    return pl.concat([frames(100, 4).with_columns(ball_probability=pl.lit(0.9)), *tables])


BALL = {"images": 41, "background_share": 0.25, "expected_labels": ["ball"], "labels": ["ball"]}


def test_backgrounds_are_what_the_ball_filter_is_sure_of():
    table = with_judged(judged([0.0, 0.05, 0.1, 0.3, None, 0.01]))
    chosen = select(table, keys([102]), boxes_on(range(50), "ball"), sure_background_below=0.1, **BALL)
    assert chosen.filter(pl.col("frame") >= 1000)["frame"].to_list() == [1000, 1001, 1005]
    assert chosen.height == 41
    assert set(chosen.filter(pl.col("frame") >= 1000)["source"]) == {"teacher"}
    none = select(table, keys([102]), boxes_on(range(50), "ball"), sure_background_below=None, **BALL)
    assert none["frame"].max() < 1000


def test_backgrounds_are_limited_to_their_share_of_what_there_is():
    table = with_judged(judged([0.0] * 60))
    many = select(table, keys([102]), boxes_on(range(50), "ball"), sure_background_below=0.1, **BALL)
    assert many.filter(pl.col("frame") >= 1000).height == 10
    few = select(table, keys([102]), boxes_on(range(9), "ball"), sure_background_below=0.1, **BALL)
    assert few.filter(pl.col("frame") >= 1000).height == 3  # of 12
    gold = select(table, keys([102, 5]), boxes_on([], "ball"), sure_background_below=0.1, **BALL)
    assert gold["frame"].to_list() == [5, 102]


@pytest.mark.parametrize(
    ("labels", "expected_labels", "seen", "entered"),
    [
        (["ball"], ["ball"], [], [1000, 1001, 1002, 1003]),
        (["ball"], ["ball"], [("ball", [1001])], [1000, 1002, 1003]),  # the teacher saw one there
        (["ball"], [], [("ball", [1001])], [1000, 1002, 1003]),
        (["ball", "player"], ["ball"], [], []),  # nobody said which players are there
        (["ball", "player"], ["ball"], [("player", [1001, 1002])], [1001, 1002]),
        (["ball", "player"], ["ball"], [("player", [1001, 1002]), ("ball", [1002])], [1001]),
        (["ball", "player"], ["ball", "player"], [("player", [1001, 1002])], []),  # of what is expected, nothing at all
        (["ball", "player", "referee"], ["ball", "player"], [("player", [1001]), ("referee", [1001, 1002])], [1002]),
        (["player"], [], [("player", [1001])], []),  # what the filter looks for is no label
    ],
)
def test_a_background_has_no_expected_label_and_all_others(labels, expected_labels, seen, entered):
    table = with_judged(judged([0.0] * 4))
    teacher = pl.concat(
        [
            *(boxes_on(range(100), label) for label in labels),
            *(boxes_on(numbers, label) for label, numbers in seen),
        ]
    )
    settings = BALL | {"labels": labels, "expected_labels": expected_labels}
    chosen = select(table, keys([102]), teacher, sure_background_below=0.1, **settings)
    assert chosen.filter(pl.col("frame") >= 1000)["frame"].to_list() == entered


def test_a_background_without_anybody_enters_where_the_detector_saw_a_trace_and_no_more():
    table = with_judged(judged([0.0] * 4))
    teacher = pl.concat([boxes_on(range(100), "ball"), boxes_on([1001], "player")])
    found = pl.concat([teacher, boxes_on([1002], "player"), boxes_on([1003], "ball")])
    settings = BALL | {"labels": ["ball", "player"]}
    chosen = select(table, keys([102]), teacher, sure_background_below=0.1, found=found, **settings)
    assert chosen.filter(pl.col("frame") >= 1000)["frame"].to_list() == [1001, 1002, 1003]


def test_a_frame_that_the_teacher_never_looked_at_is_no_background():
    seen = boxes_on(range(0, 100, 2), "ball")  # weak boxes, most of which became no label
    chosen = select(
        frames(100, 4), keys([102]), boxes_on(range(0, 60, 2), "ball"), found=seen, images=99, background_share=0.5
    )
    assert chosen.filter(source="teacher")["frame"].to_list() == list(range(0, 100, 2))


def test_how_to_choose_is_asked_for_labels_and_for_backgrounds():
    asked = []

    def last(candidates, count, taken):
        asked.append((candidates.height, count, taken["frame"].to_list()))
        return candidates.tail(count)

    table = with_judged(judged([0.0] * 60))
    chosen = select(table, keys([5, 102]), boxes_on(range(50), "ball"), sure_background_below=0.1, choose=last, **BALL)
    assert sorted(asked) == [(49, 29, [5]), (60, 10, [5])]
    assert chosen.filter(source="teacher")["frame"].to_list() == [*range(21, 50), *range(1050, 1060)]


def test_the_surest_frames_of_each_game_may_enter_and_as_many_as_are_wanted():
    candidates = pl.concat([keys(range(6)), keys(range(2), "other")])
    scores = [0.5, 0.9, 0.6, 0.8, 0.9, 0.7, 0.1, 0.2]
    teacher = pl.concat([candidates.with_columns(score=pl.Series(scores)), keys([4]).with_columns(score=pl.lit(0.3))])
    assert surest(candidates, teacher, 1.0, 0).equals(candidates)
    half = surest(candidates, teacher, 0.5, 0)  # of frame 4 the mean is 0.6, as of 2, which is before it
    assert half.rows() == [("game", 1), ("game", 3), ("game", 5), ("other", 1)]
    assert surest(candidates, teacher, 0.65, 0).rows() == [
        *[("game", n) for n in (1, 2, 3, 5)],
        *keys([0, 1], "other").rows(),
    ]
    assert surest(candidates, teacher, 0.1, 7).height >= 7
    assert surest(candidates, teacher, 0.1, 99).equals(candidates)
    assert surest(candidates.clear(), teacher, 0.5, 3).is_empty()


NUMBERS = st.sets(st.integers(0, 39))


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.integers(1, 60), st.floats(0, 1), st.booleans())
def test_whatever_is_there(usable, val, labelled, balls, players, images, share, expected):
    table = pl.DataFrame(
        {
            "video": "game",
            "frame": range(40),
            "verdict": ["usable" if number in usable else "without_ball" for number in range(40)],
            "split": ["val" if number in val else "train" for number in range(40)],
            "ball_probability": [0.01] * 40,
        }
    )
    teacher = pl.concat([boxes_on(sorted(balls), "ball"), boxes_on(sorted(players), "player")])
    settings = {
        "images": images,
        "background_share": share,
        "expected_labels": ["ball"] if expected else [],
        "labels": ["ball", "player"],
        "sure_background_below": 0.1,
    }
    looked_at = keys(sorted(labelled))
    teacher = teacher.join(looked_at, on=["video", "frame"], how="anti")
    chosen = select(table, looked_at, teacher, **settings)
    assert chosen.equals(select(table, looked_at, teacher, **settings))
    by_hand = set(chosen.filter(source="human")["frame"])
    taught = set(chosen.filter(source="teacher")["frame"])
    humans = usable & labelled
    assert chosen.height == len(by_hand | taught)
    assert by_hand <= humans
    assert humans & val <= by_hand  # all of validation, and all of training that there is room for
    assert len(by_hand - val) == min(len(humans - val), max(1, images - len(humans & val)))
    assert not taught & (val | labelled)
    assert not taught or chosen.height <= images
    backgrounds = taught - balls if expected else taught - balls - (players & usable)
    assert len(backgrounds) <= share * len(taught) + 0.5
    for number in backgrounds:
        assert number not in balls
        assert number in players if number not in usable else not expected
