"""Links the boxes of one object through a shot: the best path through all candidates at once, then the next best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table
from courtside.errors import UserError
from courtside.pseudolabels.limits import per_label

PLACE, ROW, SHOT = "_place", "_row", "_shot"

Float = NDArray[np.float64]


@dataclass(frozen=True)
class LinkWorth:
    """What a link from one box of an object to the next is worth, in log-odds; lengths in sides of the box.

    Attributes:
        reward: of a link that goes on exactly as the one before it.
        spread: standard deviation, after one frame, of where the object is from where the two boxes before point.
        turn_cost: the most that a turn costs; a ball bounces, and no deviation says less than that it did.
        distance: how far a box may be from the one before, for each frame of the video since then.
        gap_cost: of every listed frame without a box between two.

    Raises:
        UserError: when one of them is out of range.
    """

    reward: float = 0.5
    spread: float = 0.3
    turn_cost: float = 4.0
    distance: float = 2.0
    gap_cost: float = 0.5

    def __post_init__(self) -> None:
        """Check the ranges."""
        for name in ("spread", "distance"):
            if not getattr(self, name) > 0:
                raise UserError(f"label.links.{name} must be above 0, not {getattr(self, name)}")
        for name in ("reward", "turn_cost", "gap_cost"):
            if not getattr(self, name) >= 0:
                raise UserError(f"label.links.{name} must be at least 0, not {getattr(self, name)}")


def link(
    boxes: pl.DataFrame,
    frames: pl.DataFrame,
    labels: Sequence[str],
    *,
    even_score: float,
    even_scores: Mapping[str, float] | None = None,
    worth: LinkWorth,
    maximum_gap: int,
    maximum_counts: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Chain the boxes that are one object through a shot.

    A chain is worth the sum, over its boxes, of how much likelier each is right than wrong (the log-odds of its score,
    less those of ``even_score``), and, over its links, of how near each box is to where the two before it point
    (:class:`LinkWorth`). The chain worth most is found by dynamic programming over all pairs of boxes of the shot, so
    that what comes later decides too; then the next one among what is left, while it is worth anything (Pirsiavash,
    Ramanan & Fowlkes, "Globally-Optimal Greedy Algorithms for Tracking a Variable Number of Objects", 2011, section 4).
    Overlap is not asked for, since a ball in flight does not overlap itself from one frame to the next.

    Args:
        boxes: boxes table.
        frames: ``video``, ``frame`` and ``shot`` of the frames that count; chains end with the shot.
        labels: the labels to link.
        even_score: the score at which a box by itself is as likely right as wrong, 0–1.
        even_scores: the same for single labels.
        worth: what links are worth.
        maximum_gap: the most listed frames in a row on which a chain may have no box.
        maximum_counts: the most chains of a label that a frame can belong to.

    Returns:
        The boxes with their chain as ``track``, from 0; null for boxes of no chain, other labels and frames not listed.
    """
    even = per_label(even_score, even_scores)
    candidates = placed(boxes.with_columns(_even=even), frames).filter(pl.col("label").is_in(labels))
    chain_of = np.full(boxes.height, -1, dtype=np.int64)
    given = 0
    for (_, _, label), group in candidates.group_by("video", SHOT, "label", maintain_order=True):
        ordered = group.sort(PLACE, ROW)
        lattice = _lattice(ordered, worth, maximum_gap)
        limit = (maximum_counts or {}).get(str(label))
        rows = ordered[ROW].to_numpy()
        for path in _paths(lattice, limit):
            chain_of[rows[path]] = given
            given += 1
    return with_tracks(boxes, chain_of)


def with_tracks(boxes: pl.DataFrame, tracks: NDArray[np.int64]) -> pl.DataFrame:
    """Return the boxes with other tracks; what is negative is null."""
    column = pl.Series("track", tracks.astype(np.int32))
    return boxes.with_columns(column.set(column < 0, None))


def places(frames: pl.DataFrame) -> pl.DataFrame:
    """Number the listed frames of each shot: ``video``, ``frame``, the shot and the place in it."""
    return (
        frames.select("video", pl.col("frame").cast(pl.Int32), pl.col("shot").alias(SHOT))
        .sort("video", "frame")
        .with_columns(pl.int_range(pl.len()).over("video", SHOT).alias(PLACE))
    )


def placed(boxes: pl.DataFrame, frames: pl.DataFrame) -> pl.DataFrame:
    """Return the boxes on listed frames with their row, shot and place."""
    return boxes.with_row_index(ROW).join(places(frames), on=["video", "frame"], how="inner").sort(ROW)


@dataclass(frozen=True)
class _Lattice:
    """Candidates by place, and their links: those into candidate ``i`` are ``first[i] : first[i + 1]``.

    ``turns`` holds, for each link, what it is worth after each link into the candidate that it comes from, in their
    order; those of link ``p`` are ``turn_of[p] : turn_of[p + 1]``.
    """

    reward: Float
    place: NDArray[np.int64]
    first: NDArray[np.int64]
    origin: NDArray[np.int64]
    start: Float
    turn_of: NDArray[np.int64]
    turns: Float


def _lattice(ordered: pl.DataFrame, worth: LinkWorth, maximum_gap: int) -> _Lattice:
    corners = boxes_table.corners(ordered).astype(np.float64)
    centres = (corners[:, :2] + corners[:, 2:]) / 2
    side = np.sqrt((corners[:, 2:] - corners[:, :2]).prod(axis=1))
    frame, place = ordered["frame"].to_numpy().astype(np.float64), ordered[PLACE].to_numpy().astype(np.int64)
    score = np.clip(ordered["score"].to_numpy().astype(np.float64), 1e-3, 1 - 1e-3)
    even = np.clip(ordered["_even"].to_numpy().astype(np.float64), 1e-3, 1 - 1e-3)

    # All pairs that are near enough in time, then those near enough in place and alike in size.
    lowest, here = np.searchsorted(place, place - maximum_gap - 1), np.searchsorted(place, place)
    target = np.repeat(np.arange(len(place)), here - lowest)
    origin = _ranges(lowest, here)
    elapsed = frame[target] - frame[origin]
    moved = np.linalg.norm(centres[target] - centres[origin], axis=1) / np.sqrt(side[target] * side[origin])
    near = (moved <= worth.distance * elapsed) & (np.abs(np.log(side[target] / side[origin])) <= np.log(2))
    target, origin, elapsed, moved = target[near], origin[near], elapsed[near], moved[near]
    first = np.searchsorted(target, np.arange(len(place) + 1))
    missed = worth.gap_cost * (place[target] - place[origin] - 1)
    start = worth.reward - missed - np.minimum((moved / (worth.distance * elapsed)) ** 2, 1) * worth.turn_cost

    # Each link after each one that ends where it begins.
    counts = first[origin + 1] - first[origin]
    turn_of = np.concatenate([[0], np.cumsum(counts)])
    link = np.repeat(np.arange(len(target)), counts)
    before = _ranges(first[origin], first[origin + 1])
    velocity = (centres[target] - centres[origin]) / elapsed[:, None]
    expected = centres[origin[link]] + velocity[before] * elapsed[link, None]
    off = np.linalg.norm(centres[target[link]] - expected, axis=1) / np.sqrt(side[target[link]] * side[origin[link]])
    spread = worth.spread * elapsed[link] * (1 + elapsed[link] / elapsed[before]) / 2
    turns = worth.reward - missed[link] - np.minimum((off / spread) ** 2 / 2, worth.turn_cost)
    reward = np.log(score / (1 - score)) - np.log(even / (1 - even))
    return _Lattice(reward, place, first, origin, start, turn_of, turns)


def _ranges(starts: NDArray[np.int64], stops: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the numbers from each start up to its stop, one range after the other."""
    counts = stops - starts
    numbers: NDArray[np.int64] = np.arange(counts.sum()) + np.repeat(starts + counts - np.cumsum(counts), counts)
    return numbers


def _paths(lattice: _Lattice, limit: int | None) -> list[NDArray[np.int64]]:
    """Return chains of candidates, the most valuable first."""
    from courtside.pseudolabels.best_path import best_path  # brings the compiler

    free = np.ones(len(lattice.reward), dtype=np.bool_)
    belonging = np.zeros(int(lattice.place.max()) + 1 if len(lattice.place) else 0, dtype=np.int64)
    found = []
    while free.any() and limit != 0:
        reward = np.where(free, lattice.reward, -np.inf)
        chain, value = best_path(reward, lattice.first, lattice.origin, lattice.start, lattice.turn_of, lattice.turns)
        if value <= 0:
            break
        found.append(chain)
        free[chain] = False
        if limit is not None:
            belonging[lattice.place[chain[0]] : lattice.place[chain[-1]] + 1] += 1
            free &= belonging[lattice.place] < limit
    return found
