"""The best path through candidates: what an exhaustive search finds."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside.pseudolabels.best_path import best_path


def exhaustive(reward, pairs, start, turns):
    """Try every path; what is worth most, and which it is."""
    nodes = range(len(reward))
    best = (-np.inf, ())
    for length in range(1, len(reward) + 1):
        for path in itertools.combinations(nodes, length):
            steps = list(itertools.pairwise(path))
            if any(step not in pairs for step in steps):
                continue
            value = sum(reward[node] for node in path)
            value += start[steps[0]] if steps else 0.0
            value += sum(turns[one, two] for one, two in itertools.pairwise(steps))
            best = max(best, (value, path))
    return best


@settings(max_examples=60, deadline=None)
@given(count=st.integers(1, 6), density=st.floats(0, 1), seed=st.integers(0, 10_000), blocked=st.integers(0, 5))
def test_it_is_the_best_of_all_paths(count, density, seed, blocked):
    random = np.random.default_rng(seed)
    reward = random.normal(0, 1, count)
    reward[blocked % count] = -np.inf if count > 1 else reward[0]
    pairs = [(i, j) for j in range(count) for i in range(j) if random.random() < density]
    start = {pair: random.normal() for pair in pairs}
    before = {pair: [one for one in pairs if one[1] == pair[0]] for pair in pairs}
    turns = {(one, pair): random.normal() for pair in pairs for one in before[pair]}

    first = np.array([sum(pair[1] < node for pair in pairs) for node in range(count + 1)], dtype=np.int64)
    turn_of = np.cumsum([0, *(len(before[pair]) for pair in pairs)]).astype(np.int64)
    path, value = best_path(
        reward,
        first,
        np.array([pair[0] for pair in pairs], dtype=np.int64),
        np.array([start[pair] for pair in pairs], dtype=np.float64),
        turn_of,
        np.array([turns[one, pair] for pair in pairs for one in before[pair]], dtype=np.float64),
    )
    expected, nodes = exhaustive(reward, set(pairs), start, turns)
    assert np.isclose(value, expected)
    assert tuple(path) == nodes
