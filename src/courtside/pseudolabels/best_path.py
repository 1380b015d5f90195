"""The inner loop of linking, compiled: the best path where each step is worth what the one before it makes it."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Float = NDArray[np.float64]
Integer = NDArray[np.int64]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def best_path(
    reward: Float, first: Integer, origin: Integer, start: Float, turn_of: Integer, turns: Float
) -> tuple[Integer, float]:
    """Return the nodes of the path worth most, in order, and what it is worth.

    Args:
        reward: (nodes,), what each node is worth; minus infinity for those that no path may use.
        first: (nodes + 1,), the links into node ``i`` are ``first[i] : first[i + 1]``; they come from earlier nodes.
        origin: (links,), the node that each link comes from.
        start: (links,), what a link is worth as the first one of a path.
        turn_of: (links + 1,), where the worths of a link after others begin in ``turns``.
        turns: what each link is worth after each link into its origin, in their order.
    """
    value = np.full(len(origin), -np.inf)
    previous = np.full(len(origin), -1, np.int64)
    best, last_link, last_node = -np.inf, -1, -1
    for node in range(len(reward)):
        if reward[node] == -np.inf:
            continue
        if reward[node] > best:
            best, last_link, last_node = reward[node], -1, node
        for link in range(first[node], first[node + 1]):
            source = origin[link]
            if reward[source] == -np.inf:
                continue
            highest, chosen = reward[source] + start[link], -1
            for number in range(first[source + 1] - first[source]):
                before = first[source] + number
                through = value[before] + turns[turn_of[link] + number]
                if through > highest:
                    highest, chosen = through, before
            value[link], previous[link] = highest + reward[node], chosen
            if value[link] > best:
                best, last_link, last_node = value[link], link, node
    nodes = [last_node]
    while last_link >= 0:
        nodes.append(origin[last_link])
        last_link = previous[last_link]
    return np.array(nodes[::-1], dtype=np.int64), best
