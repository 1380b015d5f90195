"""The inner loop of the choice for diversity, compiled."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Integer = NDArray[np.int64]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def cover(shot: Integer, place: Float, weight: Float, taken: NDArray[np.bool_], count: int) -> Integer:
    """Return the points to add one by one, each the one that stands best for those that none stands for yet.

    A point stands for another by 1 less their distance, and not at all for one that is 1 away or in another shot. What
    is made large is the sum over all points of their weight times the best that any chosen one stands for them: the
    facility location of Cornuéjols, Fisher and Nemhauser (1977), which choosing one by one brings to at least 1 − 1/e
    of the most possible. The farthest point is no good choice instead: what lies alone is often a wrong label.

    Only points of one shot that are less than 1 apart in time concern each other, so the time is that of so many pairs,
    and of points × points chosen for finding the best one. Of equals the first is taken.

    Args:
        shot: (n,), the shot of each point, ascending.
        place: (n, columns), where it is; the first column is the time, ascending in each shot.
        weight: (n,), how much it counts that something stands for it, not negative.
        taken: (n,), what is chosen already.
        count: points to add; at most those that are not taken.

    Returns:
        (count,), their indices, in the order of choice.
    """
    points = len(shot)
    start, end = np.zeros(points, np.int64), np.zeros(points, np.int64)
    for point in range(points):
        begin = start[point - 1] if point else 0
        while shot[begin] != shot[point] or place[point, 0] - place[begin, 0] >= 1:
            begin += 1
        start[point] = begin
    for point in range(points - 1, -1, -1):
        stop = end[point + 1] if point + 1 < points else points
        while shot[stop - 1] != shot[point] or place[stop - 1, 0] - place[point, 0] >= 1:
            stop -= 1
        end[point] = stop
    represented = np.zeros(points)
    free = ~taken
    for point in range(points):
        if taken[point]:
            for other in range(start[point], end[point]):
                represented[other] = max(represented[other], _likeness(place, point, other))
    gain = np.empty(points)
    for point in range(points):
        gain[point] = _gain(place, weight, represented, start, end, point)
    result = np.empty(count, np.int64)
    for number in range(count):
        best = -1
        for point in range(points):
            if free[point] and (best < 0 or gain[point] > gain[best]):
                best = point
        result[number] = best
        free[best] = False
        first, last = best, best
        for other in range(start[best], end[best]):
            likeness = _likeness(place, best, other)
            if likeness > represented[other]:
                represented[other] = likeness
                first, last = min(first, start[other]), max(last, end[other] - 1)
        for point in range(first, last + 1):
            if free[point]:
                gain[point] = _gain(place, weight, represented, start, end, point)
    return result


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _likeness(place: Float, first: int, second: int) -> float:
    squares = 0.0
    for column in range(place.shape[1]):
        difference = place[first, column] - place[second, column]
        squares += difference * difference
    return max(0.0, 1.0 - np.sqrt(squares))  # type: ignore[no-any-return]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _gain(place: Float, weight: Float, represented: Float, start: Integer, end: Integer, point: int) -> float:
    total = 0.0
    for other in range(start[point], end[point]):
        more = _likeness(place, point, other) - represented[other]
        if more > 0:
            total += weight[other] * more
    return total
