"""Pictures that look alike are on one side, in one folder and across folders, whatever chain links them."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.quality.fingerprints import differing_bits, hash_words
from courtside.splits import twins
from courtside.splits.assign import assign
from courtside.splits.twins import connect, near_pairs, twin_groups

NOBODY = pl.DataFrame(schema={"video": pl.String, "frame": pl.Int64})


def bits(*positions):
    array = np.zeros(256, dtype=np.uint8)
    array[list(positions)] = 1
    return np.packbits(array).tobytes()


def folder(name, hashes, shots=None):
    return pl.DataFrame(
        {
            "video": [name] * len(hashes),
            "frame": range(len(hashes)),
            "shot": list(range(len(hashes))) if shots is None else shots,
            "time_s": [number / 25 for number in range(len(hashes))],
            "verdict": ["usable"] * len(hashes),
            "hash": hashes,
        },
        schema_overrides={"video": pl.String, "frame": pl.Int64, "verdict": pl.String, "hash": pl.Binary},
    )


def grouped(table, distance):
    return table.with_columns(group=pl.Series(twin_groups(table, distance)))


@st.composite
def folders(draw):
    """Hashes around a few centres, so that many lie just within and just beyond the distance."""
    seed, count = draw(st.integers(0, 10**6)), draw(st.integers(1, 3))
    random = np.random.default_rng(seed)
    centres = random.integers(0, 256, (draw(st.integers(1, 8)), 32), dtype=np.uint8)
    tables = []
    for number in range(count):
        hashes = []
        for _ in range(draw(st.integers(1, 15))):
            one = np.unpackbits(centres[random.integers(len(centres))])
            one[random.integers(0, 256, random.integers(0, 9))] ^= 1
            hashes.append(np.packbits(one).tobytes())
        tables.append(folder(f"class_{number}", hashes))
    return pl.concat(tables)


@given(folders(), st.integers(0, 12), st.floats(0.05, 0.6), st.integers(0, 3))
def test_no_pair_within_the_distance_is_on_two_sides(table, distance, share, seed):
    result = assign(grouped(table, distance), NOBODY, val_share=share, seed=seed)
    train, val = (
        hash_words(result.filter(pl.col("split") == name)["hash"].to_list())
        if (result["split"] == name).any()
        else None
        for name in ("train", "val")
    )
    assert set(result["split"]) <= {"train", "val"}
    assert result.drop("split", "group").equals(table)
    if train is not None and val is not None:
        assert differing_bits(train, val).min() > distance


@given(folders(), st.integers(0, 12))
def test_groups_are_the_connected_parts(table, distance):
    """Against the definition, followed step by step."""
    words = hash_words(table["hash"].to_list())
    near = differing_bits(words, words) <= distance
    reached = near.copy()
    for _ in range(len(words)):
        reached = (reached.astype(int) @ near) > 0
    groups = twin_groups(table, distance)
    assert ((groups[:, None] == groups[None, :]) == reached).all()


@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(0, 60))
def test_links_of_any_order_are_followed_to_the_least(seed, count, links):
    random = np.random.default_rng(seed)
    first, second = random.integers(0, count, (2, links))
    expected = list(range(count))
    for _ in range(count):
        for a, b in zip(first, second, strict=True):
            expected[a] = expected[b] = min(expected[a], expected[b])
    assert connect(count, first, second).tolist() == expected


@pytest.mark.parametrize("at_once", [1, 50, 1 << 18])
def test_pairs_are_all_pairs_whatever_the_blocks(monkeypatch, at_once):
    random = np.random.default_rng(0)
    hashes = np.unique(random.integers(0, 256, (40, 32), dtype=np.uint8) & 3, axis=0).copy().view(np.uint64)
    monkeypatch.setattr(twins, "_AT_ONCE", at_once)
    first, second = near_pairs(hashes, 30)
    expected = np.argwhere(np.triu(differing_bits(hashes, hashes) <= 30, 1))
    assert len(expected) > 20
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == sorted(map(tuple, expected.tolist()))


def test_a_chain_is_one_group_and_what_is_alone_is_alone():
    table = folder("football", [bits(), bits(0, 1), bits(0, 1, 2, 3), bits(200, 201, 202)])
    groups = twin_groups(table, 2).tolist()
    assert groups[0] == groups[1] == groups[2] != groups[3]


def test_a_shot_of_several_pictures_brings_their_twins_together():
    table = pl.concat([folder("football", [bits(0), bits(100)], shots=[0, 0]), folder("golf", [bits(0), bits(100)])])
    assert len(set(twin_groups(table, 0).tolist())) == 1


def test_no_frames_have_no_groups():
    assert twin_groups(folder("football", []), 4).tolist() == []
    assert assign(grouped(folder("football", []), 4), NOBODY, val_share=0.2, seed=0).is_empty()


def test_ten_thousand_copies_are_one_group():
    """They are as many pairs as would fill the memory."""
    assert set(twin_groups(folder("football", [bits(5)] * 10_000), 4).tolist()) == {0}


def test_every_class_validates_with_its_share():
    hashes = [np.random.default_rng(number).bytes(32) for number in range(300)]
    table = pl.concat([folder(name, hashes[start : start + 100]) for name, start in (("a", 0), ("b", 100), ("c", 200))])
    counts = assign(grouped(table, 4), NOBODY, val_share=0.2, seed=1).group_by("video", "split").len()
    assert sorted(counts.rows()) == [(n, s, 20 if s == "val" else 80) for n in "abc" for s in ("train", "val")]


def test_a_class_that_shares_all_its_pictures_follows_the_first():
    hashes = [np.random.default_rng(number).bytes(32) for number in range(20)]
    table = pl.concat([folder("football", hashes), folder("soccer", hashes)])
    result = assign(grouped(table, 4), NOBODY, val_share=0.25, seed=0)
    first, second = (result.filter(pl.col("video") == name)["split"].to_list() for name in ("football", "soccer"))
    assert first == second
    assert first.count("val") == 5


def test_a_folder_of_one_picture_is_not_divided():
    result = assign(grouped(folder("football", [bits(1)] * 30), 0), NOBODY, val_share=0.25, seed=0)
    assert result["split"].n_unique() == 1


def test_a_video_beside_folders_is_divided_as_ever():
    shots = [number // 10 for number in range(100)]
    video = folder("game", [bits(number) for number in range(100)], shots)
    both = pl.concat([video.with_columns(group=pl.lit(None, pl.Int64)), grouped(folder("golf", [bits(7)]), 4)])
    alone = assign(video, NOBODY, val_share=0.25, seed=0)
    beside = assign(both, NOBODY, val_share=0.25, seed=0).filter(pl.col("video") == "game").drop("group")
    assert beside.equals(alone)
