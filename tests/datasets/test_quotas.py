"""Games are filled like connected vessels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courtside.datasets.quotas import fair_quotas


@pytest.mark.parametrize(
    ("available", "taken", "count", "expected"),
    [
        ({"a": 10, "b": 10}, {}, 6, {"a": 3, "b": 3}),
        ({"a": 2, "b": 10}, {}, 6, {"a": 2, "b": 4}),  # what one has not, another gives
        ({"a": 10, "b": 10}, {"a": 4}, 6, {"a": 1, "b": 5}),  # what is there already counts
        ({"a": 10, "b": 10}, {"a": 9}, 6, {"a": 0, "b": 6}),
        ({"a": 10, "b": 10, "c": 10}, {}, 5, {"a": 2, "b": 2, "c": 1}),  # the rest goes to the first
        ({"b": 10, "a": 10}, {}, 1, {"a": 1, "b": 0}),  # in order of the names, whatever that of the mapping
        ({"a": 2, "b": 3}, {"c": 7}, 99, {"a": 2, "b": 3}),
        ({"a": 2}, {}, 0, {"a": 0}),
        ({}, {}, 5, {}),
    ],
)
def test_small_cases(available, taken, count, expected):
    assert fair_quotas(available, taken, count) == expected


COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 50))


@given(COUNTS, COUNTS, st.integers(0, 200))
def test_none_has_less_than_another_could_give_it(available, taken, count):
    quotas = fair_quotas(available, taken, count)
    assert sum(quotas.values()) == min(count, sum(available.values()))
    assert all(0 <= quotas[game] <= most for game, most in available.items())
    total = {game: taken.get(game, 0) + quotas[game] for game in available}
    for poor in available:
        for rich in available:
            # A game that has more to give is at most one image behind any game that gave something.
            if quotas[poor] < available[poor] and quotas[rich]:
                assert total[poor] >= total[rich] - 1
