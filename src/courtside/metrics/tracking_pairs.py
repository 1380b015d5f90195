"""Truth and predictions of one label on one video, frame by frame as arrays, and how far their boxes overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from motmetrics.lap import linear_sum_assignment
from numba import njit
from numpy.typing import NDArray

from courtside import boxes as boxes_table


@dataclass(frozen=True)
class Pairs:
    """One label of one video; the boxes of frame ``f`` are those from ``starts[f]`` to ``starts[f + 1]``.

    Attributes:
        true_ids: shape (n,), int64: the true identities, numbered from 0 without a gap.
        true_starts: shape (frames + 1,), int64.
        said_ids: shape (m,), int64: the predicted identities, numbered likewise.
        said_starts: shape (frames + 1,), int64.
        overlap: shape (pairs,), float64, 0–1: intersection over union of each true box (rows) with each predicted one
            (columns) of a frame, one frame after the other.
        pair_starts: shape (frames + 1,), int64: where each frame's overlaps begin.
    """

    true_ids: NDArray[np.int64]
    true_starts: NDArray[np.int64]
    said_ids: NDArray[np.int64]
    said_starts: NDArray[np.int64]
    overlap: NDArray[np.float64]
    pair_starts: NDArray[np.int64]

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.pair_starts) - 1

    def overlap_of(self, frame: int) -> NDArray[np.float64]:
        """Return the overlaps of a frame, (true boxes, predicted boxes); a view."""
        shape = [starts[frame + 1] - starts[frame] for starts in (self.true_starts, self.said_starts)]
        return self.overlap[self.pair_starts[frame] : self.pair_starts[frame + 1]].reshape(shape)

    def overlap_with(self, columns: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how far each true box overlaps a predicted one of its frame, (n,); meaningless where it has none.

        Args:
            columns: shape (n,): the row of the predicted box of each true one, below 0 for none.
        """
        frames = np.repeat(np.arange(self.frames), np.diff(self.true_starts))
        rows = np.arange(len(self.true_ids)) - self.true_starts[frames]
        places = (
            self.pair_starts[frames] + rows * np.diff(self.said_starts)[frames] + columns - self.said_starts[frames]
        )
        return self.overlap[np.where(columns >= 0, places, 0)] if len(self.overlap) else np.zeros(len(columns))


def pair(
    truth: pl.DataFrame,
    predictions: pl.DataFrame,
    frames: NDArray[np.int64],
    *,
    minimum_visibility: float,
    iou_threshold: float,
) -> Pairs:
    """Bring truth and predictions of one label on one video together.

    True boxes below ``minimum_visibility`` are ignored as the MOTChallenge ignores what it does not score (TrackEval,
    ``mot_challenge_2d_box.py``): within each frame all true boxes are assigned to predictions at ``iou_threshold``, and
    predictions that got an ignored one are left out with it.

    Args:
        truth: boxes table of the label, sorted by frame, with ``track``, each of its frames among ``frames``.
        predictions: likewise.
        frames: the numbers of the frames scored, ascending.
        minimum_visibility: 0–1; a box whose visibility nobody said counts.
        iou_threshold: what overlap is a match, 0–1.
    """
    counts = truth.select(pl.col("visibility").is_null() | (pl.col("visibility") >= minimum_visibility)).to_series()
    if not counts.all():
        everything = _overlaps(truth, predictions, frames)
        kept = _not_on_ignored(everything, counts.to_numpy().astype(np.bool_), iou_threshold)
        truth, predictions = truth.filter(counts), predictions.filter(pl.Series(kept))
    return _overlaps(truth, predictions, frames)


def _overlaps(truth: pl.DataFrame, predictions: pl.DataFrame, frames: NDArray[np.int64]) -> Pairs:
    true_starts, said_starts = (_starts(table, frames) for table in (truth, predictions))
    pair_starts = np.concatenate([[0], np.cumsum(np.diff(true_starts) * np.diff(said_starts))])
    overlap = np.empty(int(pair_starts[-1]), dtype=np.float64)
    _fill(
        boxes_table.corners(truth).astype(np.float64),
        boxes_table.corners(predictions).astype(np.float64),
        true_starts,
        said_starts,
        overlap,
    )
    return Pairs(_identities(truth), true_starts, _identities(predictions), said_starts, overlap, pair_starts)


def _starts(table: pl.DataFrame, frames: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = table["frame"].to_numpy().astype(np.int64)
    return np.concatenate([np.searchsorted(rows, frames), [len(rows)]]).astype(np.int64)


def _identities(table: pl.DataFrame) -> NDArray[np.int64]:
    _, numbers = np.unique(table["track"].to_numpy(), return_inverse=True)
    return numbers.astype(np.int64)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _fill(
    true_corners: NDArray[np.float64],
    said_corners: NDArray[np.float64],
    true_starts: NDArray[np.int64],
    said_starts: NDArray[np.int64],
    overlap: NDArray[np.float64],
) -> None:
    """Fill in what :func:`courtside.boxes.iou` says of every frame, without a call a frame."""
    place = 0
    for frame in range(len(true_starts) - 1):
        for row in range(true_starts[frame], true_starts[frame + 1]):
            a = true_corners[row]
            area = (a[2] - a[0]) * (a[3] - a[1])
            for column in range(said_starts[frame], said_starts[frame + 1]):
                b = said_corners[column]
                width = max(min(a[2], b[2]) - max(a[0], b[0]), 0.0)
                height = max(min(a[3], b[3]) - max(a[1], b[1]), 0.0)
                common = width * height
                union = area + (b[2] - b[0]) * (b[3] - b[1]) - common
                overlap[place] = common / union if union > 0 else 0.0
                place += 1


def _not_on_ignored(pairs: Pairs, counts: NDArray[np.bool_], threshold: float) -> NDArray[np.bool_]:
    """Return which predictions do not pair with a true box that is ignored, (m,)."""
    kept = np.ones(len(pairs.said_ids), dtype=np.bool_)
    for frame in _frames_of(~counts, pairs.true_starts):
        overlap = pairs.overlap_of(frame)
        if not overlap.size:
            continue
        ignored = ~counts[pairs.true_starts[frame] : pairs.true_starts[frame + 1]]
        rows, columns = linear_sum_assignment(np.where(overlap >= threshold, 1.0 - overlap, 1.0))
        dropped = ignored[rows] & (overlap[rows, columns] >= threshold)
        kept[pairs.said_starts[frame] + columns[dropped]] = False
    return kept


def _frames_of(rows: NDArray[np.bool_], starts: NDArray[np.int64]) -> Iterator[int]:
    """Yield the frames that hold one of the rows marked."""
    yield from np.unique(np.searchsorted(starts, np.flatnonzero(rows), side="right") - 1).tolist()
