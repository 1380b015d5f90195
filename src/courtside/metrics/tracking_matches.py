"""Which prediction follows which true box, by the rule of CLEAR MOT as py-motmetrics counts it.

Bernardin & Stiefelhagen, "Evaluating Multiple Object Tracking Performance: The CLEAR MOT Metrics" (2008), section
2.1.3: what matched before and still may match stays matched; what is left is assigned so that as many as possible
match, and of these ways the one with the least summed distance. As in py-motmetrics, a pair stays matched through any
gap, in the order of the true boxes.

py-motmetrics needs a minute for what this does in a tenth of a second, because every event becomes a row in pandas; it
is the reference that the tests compare this with, on random data, exactly.
"""

from __future__ import annotations

import numpy as np
from motmetrics.lap import linear_sum_assignment
from numba import njit
from numpy.typing import NDArray

from courtside.metrics.tracking_pairs import Pairs

NOTHING = -1


def clear_matches(pairs: Pairs, threshold: float) -> NDArray[np.int64]:
    """Return the row of the predicted box that each true box is matched with, (n,); :data:`NOTHING` for a miss.

    Args:
        pairs: one label of one video.
        threshold: the least overlap of a match, 0–1.
    """
    matches = np.full(len(pairs.true_ids), NOTHING, dtype=np.int64)
    last = np.full(int(pairs.true_ids.max(initial=-1)) + 1, NOTHING, dtype=np.int64)
    taken = np.zeros(len(pairs.said_ids), dtype=np.bool_)
    arrays = (pairs.true_ids, pairs.true_starts, pairs.said_ids, pairs.said_starts, pairs.overlap, pairs.pair_starts)
    frame = _follow(0, threshold, *arrays, matches, last, taken)
    while frame < pairs.frames:
        _assign(pairs, frame, threshold, matches, last, taken)
        frame = _follow(frame + 1, threshold, *arrays, matches, last, taken)
    return matches


@njit(cache=True)  # type: ignore[untyped-decorator]
def _follow(
    first: int,
    threshold: float,
    true_ids: NDArray[np.int64],
    true_starts: NDArray[np.int64],
    said_ids: NDArray[np.int64],
    said_starts: NDArray[np.int64],
    overlap: NDArray[np.float64],
    pair_starts: NDArray[np.int64],
    matches: NDArray[np.int64],
    last: NDArray[np.int64],
    taken: NDArray[np.bool_],
) -> int:
    """Match frames from ``first`` on; stop at, and return, the first where a box could choose between two.

    On that frame the matches of before are carried over already. Without one it returns the number of frames.
    """
    frames = len(pair_starts) - 1
    for frame in range(first, frames):
        top, left, right = true_starts[frame], said_starts[frame], said_starts[frame + 1]
        bottom, width = true_starts[frame + 1], right - left
        if top == bottom or left == right:
            continue
        for row in range(top, bottom):
            before = last[true_ids[row]]
            if before == NOTHING:
                continue
            for column in range(left, right):
                if said_ids[column] == before and not taken[column]:
                    if overlap[pair_starts[frame] + (row - top) * width + column - left] >= threshold:
                        matches[row] = column
                        taken[column] = True
                    break
        chosen = np.zeros(width, dtype=np.int64)
        choice = False
        for row in range(top, bottom):
            if matches[row] != NOTHING:
                continue
            possible = 0
            for column in range(left, right):
                if not taken[column] and overlap[pair_starts[frame] + (row - top) * width + column - left] >= threshold:
                    possible += 1
                    chosen[column - left] += 1
                    choice = choice or possible > 1 or chosen[column - left] > 1
        if choice:
            return frame
        for row in range(top, bottom):
            if matches[row] != NOTHING:
                continue
            for column in range(left, right):
                if not taken[column] and overlap[pair_starts[frame] + (row - top) * width + column - left] >= threshold:
                    matches[row] = column
                    taken[column] = True
                    last[true_ids[row]] = said_ids[column]
                    break
    return frames


def _assign(
    pairs: Pairs,
    frame: int,
    threshold: float,
    matches: NDArray[np.int64],
    last: NDArray[np.int64],
    taken: NDArray[np.bool_],
) -> None:
    """Match what is left of a frame, by the assignment of py-motmetrics."""
    top, left = pairs.true_starts[frame], pairs.said_starts[frame]
    overlap = pairs.overlap_of(frame)
    distance = np.where(overlap >= threshold, 1.0 - overlap, np.nan)
    distance[matches[top : top + len(overlap)] != NOTHING] = np.nan
    distance[:, taken[left : left + overlap.shape[1]]] = np.nan
    rows, columns = linear_sum_assignment(distance)
    for row, column in zip((top + rows).tolist(), (left + columns).tolist(), strict=True):
        matches[row] = column
        taken[column] = True
        last[pairs.true_ids[row]] = pairs.said_ids[column]
