"""Frames differ by shot, time, and what is on them; every game gives as many as another."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside import boxes
from courtside.datasets.diversity import choose_diverse, chooser, describe
from courtside.datasets.select import choose_even


def frames_of(numbers, video="game"):
    return pl.DataFrame(
        {
            "video": video,
            "frame": pl.Series(list(numbers), dtype=pl.Int32),
            "shot": pl.Series([0] * len(numbers), dtype=pl.Int32),
            "time_s": [number / 25 for number in numbers],
        }
    )


def box(frame, x, y, side, *, label="ball", score=0.9, video="game", source="round"):
    return {
        "video": video,
        "frame": frame,
        "x1": x - side / 2,
        "y1": y - side / 2,
        "x2": x + side / 2,
        "y2": y + side / 2,
        "label": label,
        "score": score,
        "source": source,
    }


def table(*rows):
    return boxes.check(pl.DataFrame(list(rows))) if rows else boxes.empty()


SIZES = {"game": (200, 100), "other": (200, 100)}


def test_what_tells_frames_apart():
    known = table(
        box(0, 100, 50, 16),
        box(0, 20, 20, 4, score=0.5),  # less sure
        box(0, 50, 50, 20, label="player"),
        box(0, 70, 50, 20, label="player"),
        box(0, 90, 50, 20, label="player"),
        box(100, 50, 25, 8),
        box(200, 150, 75, 10, label="player"),  # no ball: the place is that of all boxes
    )
    found = describe(frames_of([0, 100, 200, 300]), known, SIZES, ["ball"])
    assert found["time"].to_list() == [0, 1, 2, 3]
    assert found["x"].to_list() == pytest.approx([1, 0.5, 1.5, 1])  # without any box it is the middle
    assert found["y"].to_list() == pytest.approx([1, 0.5, 1.5, 1])
    assert found["size"].to_list() == pytest.approx([4, 3, 3.5, 3.5])  # or the median
    assert found["others"].to_list() == pytest.approx([1, 0, 0.5, 0])


def test_places_of_the_object_count_when_time_does_not():
    numbers = list(range(8))
    known = table(*(box(number, 20 if number < 6 else 180, 50, 10) for number in numbers))
    described = describe(frames_of(numbers), known, SIZES, ["ball"])
    candidates = described.select("video", "frame")
    chosen = choose_diverse(candidates, 2, candidates.clear(), described=described)["frame"].to_list()
    assert chosen[0] < 6 <= chosen[1]
    # Somebody labelled the ball on the left already.
    assert choose_diverse(candidates[1:], 1, candidates[:1], described=described)["frame"].to_list()[0] >= 6


def test_hard_frames_come_first_when_they_weigh_more():
    numbers = [0, 1000, 2000, 3000]
    described = describe(frames_of(numbers), boxes.empty(), SIZES, ["ball"])
    candidates = described.select("video", "frame")
    weights = candidates.filter(pl.col("frame").is_in([1000, 3000])).with_columns(weight=2.0)
    plain = choose_diverse(candidates, 2, candidates.clear(), described=described)
    assert plain["frame"].to_list() == [0, 1000]
    hard = choose_diverse(candidates, 2, candidates.clear(), described=described, weights=weights)
    assert hard["frame"].to_list() == [1000, 3000]


def test_hardness_is_what_weighs():
    numbers = [0, 1000, 2000]
    own = table(*(box(number, 100, 50, 10) for number in numbers))
    found = own.with_columns(score=pl.Series([0.9, 0.2, 0.9], dtype=pl.Float32))
    for weight, expected in ((0.0, 0), (1.0, 1000)):
        choose = chooser("diverse", frames_of(numbers), own, found, SIZES, ["ball"], hard_weight=weight)
        candidates = own.select("video", "frame")
        assert choose(candidates, 1, candidates.clear())["frame"].to_list() == [expected]
    assert chooser("even", frames_of(numbers), own, found, SIZES, ["ball"], hard_weight=1.0) is choose_even


@given(
    st.integers(0, 30),
    st.integers(0, 30),
    st.sets(st.integers(0, 29), max_size=10),
    st.integers(0, 70),
    st.lists(st.integers(5, 195), min_size=60, max_size=60),
)
@settings(deadline=None)
def test_as_many_as_asked_as_many_of_each_game_and_always_the_same(first, second, taken, count, places):
    both = pl.concat([frames_of(range(30)), frames_of(range(30), "other")])
    known = table(
        *(
            box(number % 30, place, 50, 10, video="game" if number < 30 else "other")
            for number, place in enumerate(places)
        )
    )
    described = describe(both, known, SIZES, ["ball"])
    taken_frames = both.filter((pl.col("video") == "game") & pl.col("frame").is_in(sorted(taken)))
    candidates = (
        both.filter(pl.col("frame") < pl.when(pl.col("video") == "game").then(first).otherwise(second))
        .join(taken_frames, on=["video", "frame"], how="anti", maintain_order="left")
        .select("video", "frame")
    )
    chosen = choose_diverse(candidates, count, taken_frames, described=described)
    assert chosen.height == min(count, candidates.height)
    assert chosen.join(candidates, on=["video", "frame"], how="semi").unique().height == chosen.height
    shuffled = candidates.sample(fraction=1, shuffle=True, seed=count)
    again = choose_diverse(shuffled, count, taken_frames, described=described.reverse())
    assert again.sort("video", "frame").equals(chosen.sort("video", "frame"))
    given_by = {video: chosen.filter(video=video).height for video in ("game", "other")}
    total = {"game": given_by["game"] + taken_frames.height, "other": given_by["other"]}
    for poor, rich in (("game", "other"), ("other", "game")):
        if given_by[poor] < candidates.filter(video=poor).height and given_by[rich]:
            assert total[poor] >= total[rich] - 1
