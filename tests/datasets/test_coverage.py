"""The points chosen stand for the others as the plain rule says, pair by pair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from courtside.datasets.coverage import cover


def value(shot, place, weight, chosen):
    """How well the chosen stand for all, over all pairs."""
    apart = np.sqrt(((place[:, None] - place[chosen][None]) ** 2).sum(axis=2))
    likeness = np.where(shot[:, None] == shot[chosen][None], np.maximum(0, 1 - apart), 0)
    return (likeness.max(axis=1, initial=0) * weight).sum()


def points(rows, columns=1):
    return np.array(rows, dtype=np.float64).reshape(-1, columns)


@pytest.mark.parametrize(
    ("shot", "time", "weight", "taken", "count", "expected"),
    [
        ([0] * 5, [0, 0.1, 0.2, 0.3, 0.4], [1] * 5, [], 1, [2]),  # the middle stands for both sides
        ([0] * 4, [0, 0.1, 0.2, 5], [1] * 4, [], 2, [1, 3]),  # then the lonely one
        ([0] * 4, [0, 0.1, 0.2, 5], [1] * 4, [1], 1, [3]),  # the crowd has somebody
        ([0, 0, 0, 1], [0, 0.1, 0.2, 0.1], [1] * 4, [1], 1, [3]),  # the same time in another shot is elsewhere
        ([0] * 3, [0, 2, 4], [1, 1, 3], [], 1, [2]),  # what weighs more comes first
        ([0] * 3, [0, 2, 4], [1, 1, 1], [], 2, [0, 1]),  # of equals the first
        ([0] * 3, [1, 1, 1], [1, 1, 1], [], 3, [0, 1, 2]),  # nothing to gain is no reason to stop
        ([0, 1], [0, 0], [1, 1], [], 0, []),
    ],
)
def test_small_cases(shot, time, weight, taken, count, expected):
    mask = np.zeros(len(shot), bool)
    mask[taken] = True
    found = cover(np.array(shot), points(time), np.array(weight, dtype=float), mask, count)
    assert found.tolist() == expected


@st.composite
def crowds(draw):
    number = draw(st.integers(1, 25))
    numbers = st.integers(0, 30).map(lambda value: value / 10)
    rows = draw(st.lists(st.tuples(st.integers(0, 2), numbers, numbers), min_size=number, max_size=number))
    rows.sort()
    weight = draw(st.lists(st.integers(1, 8).map(float), min_size=number, max_size=number))
    taken = np.array(draw(st.lists(st.booleans(), min_size=number, max_size=number)))
    count = draw(st.integers(0, int((~taken).sum())))
    shot = np.array([row[0] for row in rows])
    return shot, points([row[1:] for row in rows], 2), np.array(weight), taken, count


@given(crowds())
@settings(deadline=None)
def test_it_is_the_plain_rule(crowd):
    shot, place, weight, taken, count = crowd
    found = cover(*crowd).tolist()
    assert len(set(found)) == count
    assert not taken[found].any()
    # Each choice brings as much as any other would. Sums in another order may decide otherwise between equals.
    chosen = np.flatnonzero(taken).tolist()
    for choice in found:
        free = [point for point in range(len(shot)) if point not in chosen]
        most = max(value(shot, place, weight, [*chosen, point]) for point in free)
        chosen.append(choice)
        assert value(shot, place, weight, chosen) == pytest.approx(most, abs=1e-9)
    assert cover(*crowd).tolist() == found
