"""Whole shots validate, and a single shot is divided in time."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.splits.assign import GUARD_S, assign, assign_at_random


def video(shots, *, name="game", rate=25.0, verdict="usable"):
    """One frame for each entry of ``shots``."""
    return pl.DataFrame(
        {
            "video": [name] * len(shots),
            "frame": range(len(shots)),
            "time_s": [number / rate for number in range(len(shots))],
            "shot": shots,
            "verdict": [verdict] * len(shots),
        }
    )


NOBODY = pl.DataFrame(schema={"video": pl.String, "frame": pl.Int64})


@given(st.lists(st.integers(1, 40), min_size=2, max_size=12), st.floats(0.05, 0.6), st.integers(0, 5))
def test_a_shot_is_never_divided_and_both_sides_get_one(lengths, share, seed):
    shots = [number for number, length in enumerate(lengths) for _ in range(length)]
    result = assign(video(shots), NOBODY, val_share=share, seed=seed)
    assert result.group_by("shot").agg(pl.col("split").n_unique())["split"].to_list() == [1] * len(lengths)
    assert set(result["split"]) == {"train", "val"}


@given(st.integers(0, 20))
def test_a_replay_stays_with_what_it_shows_again(seed):
    frames = video([0] * 20 + [1] * 20 + [2] * 20 + [3] * 20).with_columns(
        replay_of=pl.when(pl.col("shot") == 3).then(pl.lit(1)).cast(pl.Int32)
    )
    result = assign(frames, NOBODY, val_share=0.3, seed=seed)
    sides = dict(result.group_by("shot").agg(pl.col("split").unique().first()).iter_rows())
    assert sides[3] == sides[1]
    assert set(sides.values()) == {"train", "val"}


def test_the_share_is_met_where_shots_are_short():
    result = assign(video([number // 10 for number in range(1000)]), NOBODY, val_share=0.25, seed=0)
    assert result.filter(pl.col("split") == "val").height / 1000 == pytest.approx(0.25, abs=0.01)


def test_labelled_frames_count_where_there_are_any():
    # Only shots 0 and 1 hold labelled frames, so one of the two must validate.
    labelled = pl.DataFrame({"video": ["game"] * 2, "frame": [0, 10]})
    result = assign(video([number // 10 for number in range(100)]), labelled, val_share=0.5, seed=3)
    assert set(result.filter(pl.col("frame").is_in([0, 10]))["split"]) == {"train", "val"}


def test_a_single_shot_is_divided_in_time_with_a_gap():
    result = assign(video([0] * 250), NOBODY, val_share=0.2, seed=0)
    train, val = (result.filter(pl.col("split") == name)["time_s"] for name in ("train", "val"))
    assert val.min() - train.max() >= GUARD_S - 1e-9
    assert result["split"].null_count() == pytest.approx(GUARD_S * 25, abs=1)
    assert val.len() == pytest.approx(50, abs=1)


def test_the_same_seed_gives_the_same_split():
    shots = [number // 5 for number in range(100)]
    first, again, other = (assign(video(shots), NOBODY, val_share=0.3, seed=seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_at_random_the_sizes_stay_and_shots_are_divided():
    honest = assign(video([number // 10 for number in range(100)]), NOBODY, val_share=0.3, seed=0)
    dealt = assign_at_random(honest, seed=1)
    assert dealt.drop("split").equals(honest.drop("split"))
    assert sorted(dealt["split"]) == sorted(honest["split"])
    divided = dealt.group_by("shot").agg(pl.col("split").n_unique())["split"]
    assert divided.max() == 2
    assert assign_at_random(honest, seed=1).equals(dealt)
