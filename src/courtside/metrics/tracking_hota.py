"""What HOTA sums: Luiten et al., "HOTA: A Higher Order Metric for Evaluating Multi-Object Tracking" (2021).

As TrackEval computes it (``trackeval/metrics/hota.py``), and ``trackers.eval`` after it: true and predicted boxes of a
frame are assigned once, by their overlap times how well their whole tracks agree, and the match counts at every overlap
it reaches. Both take ten times as long for it, frame by frame and at nineteen overlaps; the tests hold this against
them.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from courtside.metrics.tracking_pairs import Pairs

# As TrackEval writes it; 19 overlaps.
OVERLAPS = np.arange(0.05, 0.99, 0.05)
_NOTHING = -1


def hota_sums(pairs: Pairs) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return true positives, their summed association score and their summed overlap, (19,) float64 each."""
    shape = (int(pairs.true_ids.max(initial=-1)) + 1, int(pairs.said_ids.max(initial=-1)) + 1)
    agreement = np.zeros(shape, dtype=np.float64)
    arrays = (pairs.true_ids, pairs.true_starts, pairs.said_ids, pairs.said_starts, pairs.overlap)
    _add_agreement(*arrays, agreement)
    lengths = np.bincount(pairs.true_ids, minlength=shape[0]), np.bincount(pairs.said_ids, minlength=shape[1])
    agreement /= lengths[0][:, None] + lengths[1][None, :] - agreement
    columns = _assign(pairs, agreement)
    matched = np.flatnonzero(columns != _NOTHING)
    overlap = pairs.overlap_with(columns)[matched]
    reached = np.searchsorted(OVERLAPS - np.finfo(np.float64).eps, overlap, side="right")
    tracks = pairs.true_ids[matched] * shape[1] + pairs.said_ids[columns[matched]]
    found = _at_least(reached, np.ones(len(reached)))
    return found, _association(tracks, reached, lengths, shape[1]), _at_least(reached, overlap)


def _at_least(reached: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of the values of the matches that reach each overlap, (19,)."""
    exactly = np.bincount(reached, weights=values, minlength=len(OVERLAPS) + 1).astype(np.float64)
    result: NDArray[np.float64] = np.cumsum(exactly[::-1])[::-1][1:]
    return result


def _association(
    tracks: NDArray[np.int64],
    reached: NDArray[np.int64],
    lengths: tuple[NDArray[np.int64], NDArray[np.int64]],
    width: int,
) -> NDArray[np.float64]:
    known, numbers = np.unique(tracks, return_inverse=True)
    steps = len(OVERLAPS) + 1
    exactly = np.bincount(numbers * steps + reached, minlength=len(known) * steps).reshape(len(known), steps)
    together = np.cumsum(exactly[:, ::-1], axis=1)[:, ::-1][:, 1:]
    either = (lengths[0][known // width] + lengths[1][known % width])[:, None] - together
    result: NDArray[np.float64] = (together * (together / np.maximum(either, 1))).sum(axis=0)
    return result


@njit(cache=True)  # type: ignore[untyped-decorator]
def _add_agreement(
    true_ids: NDArray[np.int64],
    true_starts: NDArray[np.int64],
    said_ids: NDArray[np.int64],
    said_starts: NDArray[np.int64],
    overlap: NDArray[np.float64],
    agreement: NDArray[np.float64],
) -> None:
    """Add each overlap, as a share of all overlap that its two boxes have on the frame, to that of their tracks."""
    start = 0
    for frame in range(len(true_starts) - 1):
        top, left = true_starts[frame], said_starts[frame]
        height, width = true_starts[frame + 1] - top, said_starts[frame + 1] - left
        of_row, of_column = np.zeros(height), np.zeros(width)
        for row in range(height):
            for column in range(width):
                value = overlap[start + row * width + column]
                of_row[row] += value
                of_column[column] += value
        for row in range(height):
            for column in range(width):
                value = overlap[start + row * width + column]
                whole = of_column[column] + of_row[row] - value
                if value > 0 and whole > 2.220446049250313e-16:
                    agreement[true_ids[top + row], said_ids[left + column]] += value / whole
        start += height * width


def _assign(pairs: Pairs, agreement: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the row of the predicted box that each true box is matched with, (n,), −1 for none."""
    columns = np.full(len(pairs.true_ids), _NOTHING, dtype=np.int64)
    scores = np.empty_like(pairs.overlap)
    choice = np.zeros(pairs.frames, dtype=np.bool_)
    _score(
        pairs.true_ids,
        pairs.true_starts,
        pairs.said_ids,
        pairs.said_starts,
        pairs.overlap,
        agreement,
        scores,
        columns,
        choice,
    )
    starts, true_starts, said_starts = (
        array.tolist() for array in (pairs.pair_starts, pairs.true_starts, pairs.said_starts)
    )
    for frame in np.flatnonzero(choice).tolist():
        top, left = true_starts[frame], said_starts[frame]
        cost = scores[starts[frame] : starts[frame + 1]].reshape(true_starts[frame + 1] - top, -1)
        rows, chosen = linear_sum_assignment(cost)
        columns[top + rows] = left + chosen
    return columns


@njit(cache=True)  # type: ignore[untyped-decorator]
def _score(
    true_ids: NDArray[np.int64],
    true_starts: NDArray[np.int64],
    said_ids: NDArray[np.int64],
    said_starts: NDArray[np.int64],
    overlap: NDArray[np.float64],
    agreement: NDArray[np.float64],
    scores: NDArray[np.float64],
    columns: NDArray[np.int64],
    choice: NDArray[np.bool_],
) -> None:
    """Fill in what the assignment costs, and assign where no box overlaps two; elsewhere mark the frame."""
    place = 0
    for frame in range(len(true_starts) - 1):
        left, right = said_starts[frame], said_starts[frame + 1]
        taken = np.zeros(right - left, dtype=np.bool_)
        for row in range(true_starts[frame], true_starts[frame + 1]):
            for column in range(left, right):
                scores[place] = -agreement[true_ids[row], said_ids[column]] * overlap[place]
                if overlap[place] > 0:
                    choice[frame] = choice[frame] or columns[row] != -1 or taken[column - left]
                    columns[row] = column
                    taken[column - left] = True
                place += 1
        if choice[frame]:
            columns[true_starts[frame] : true_starts[frame + 1]] = -1
