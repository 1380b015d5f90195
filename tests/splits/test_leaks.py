"""The nearest pair across two sets is found, whatever the order and the number of frames."""

import numpy as np
import polars as pl
import pytest

from courtside.splits import leaks
from courtside.splits.leaks import Pair, nearest_pairs


def hashed(video, hashes):
    return pl.DataFrame({"video": [video] * len(hashes), "frame": range(len(hashes)), "hash": hashes})


def bits(*positions):
    array = np.zeros(256, dtype=np.uint8)
    array[list(positions)] = 1
    return np.packbits(array).tobytes()


def test_the_distance_is_the_number_of_differing_bits():
    pairs = nearest_pairs(hashed("test", [bits(0, 1, 2)]), hashed("train", [bits(200, 201), bits(0, 1, 255)]))
    assert pairs == [Pair("test", 0, "train", 1, 2)]


def test_the_nearest_comes_first():
    pairs = nearest_pairs(hashed("test", [bits(*range(9)), bits(7)]), hashed("train", [bits(7)]))
    assert [(pair.frame, pair.distance) for pair in pairs] == [(1, 0), (0, 8)]


def test_an_empty_side_has_no_pairs():
    assert nearest_pairs(hashed("test", [bits(0)]), hashed("train", [bits(0)]).clear()) == []


@pytest.mark.parametrize("rows", [1, 7])
def test_blocks_agree_with_all_at_once(monkeypatch, rows):
    random = np.random.default_rng(0)
    sets = [hashed(name, [random.bytes(32) for _ in range(20)]) for name in ("test", "train")]
    whole = nearest_pairs(*sets)
    monkeypatch.setattr(leaks, "ROWS_AT_ONCE", rows)
    assert nearest_pairs(*sets) == whole
