"""Uses time: a real object is there before and after, a false detection often flickers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside import boxes as boxes_table

INTERPOLATED = "interpolated"
_CHAIN, _PLACE, _ROW, _SHOT = "_chain", "_place", "_row", "_shot"


def link(
    boxes: pl.DataFrame, frames: pl.DataFrame, labels: Sequence[str], *, link_distance: float, maximum_gap: int
) -> pl.Series:
    """Chain the boxes that are one object through a shot.

    From frame to frame, the pair of a chain's expected centre (it moves on as between its last two
    boxes) and a box's centre that are nearest become one, then the next nearest, as long as they are near
    enough. Overlap is not asked for, since a ball in flight does not overlap itself from one frame to the next.

    Args:
        boxes: boxes table.
        frames: ``video``, ``frame`` and ``shot`` of the frames that count; chains end with the shot.
        labels: the labels to link.
        link_distance: how far from where it is expected a box may be, in sides of the chain's last box
            (square root of its area), for each frame of the video since then.
        maximum_gap: the most listed frames in a row on which a chain may have no box.

    Returns:
        The chain of each row of ``boxes``, Int64, from 0; null for other labels and frames not listed.
    """
    placed = _placed(boxes, frames).filter(pl.col("label").is_in(labels))
    chain_of = np.full(boxes.height, -1, dtype=np.int64)
    given = 0
    for _, group in placed.group_by("video", _SHOT, "label", maintain_order=True):
        ordered = group.sort(_PLACE, _ROW)
        corners = boxes_table.corners(ordered).astype(np.float64)
        frame_numbers, rows = ordered["frame"].to_list(), ordered[_ROW].to_numpy()
        place_of_row = ordered[_PLACE].to_numpy()
        places, starts = np.unique(place_of_row, return_index=True)
        chains: list[_Chain] = []
        for place, (start, stop) in zip(places.tolist(), pairwise([*starts, len(rows)]), strict=True):
            frame, here = frame_numbers[start], corners[start:stop]
            chains = [chain for chain in chains if place - chain.place - 1 <= maximum_gap]
            taken = _assign(chains, here, frame, link_distance)
            for position in range(len(here)):
                chain = taken.get(position)
                if chain is None:
                    chain = _Chain(given)
                    given += 1
                    chains.append(chain)
                chain.extend(place, frame, here[position])
                chain_of[rows[start + position]] = chain.number
    result = pl.Series(_CHAIN, chain_of, dtype=pl.Int64)
    return result.set(result < 0, None)


def fill_gaps(
    boxes: pl.DataFrame,
    frames: pl.DataFrame,
    chains: pl.Series,
    maximum_counts: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Add boxes on the listed frames inside the gaps of chains, on the straight line between the ends.

    Args:
        boxes: boxes table.
        frames: ``video``, ``frame`` and ``shot`` of the frames that may get boxes.
        chains: the chain of each row, from :func:`link`.
        maximum_counts: the most boxes of a label a frame can hold; a frame that has them gets no more.

    Returns:
        The boxes, then the new ones: source ``interpolated``, the lower score of both ends.
    """
    placed = _placed(boxes.with_columns(chains.alias(_CHAIN)), frames).filter(pl.col(_CHAIN).is_not_null())
    ends = placed.sort(_CHAIN, _PLACE).with_columns(
        pl.col("frame", _PLACE, "score", *boxes_table.CORNERS).shift(-1).over(_CHAIN).name.suffix("_next")
    )
    gaps = ends.filter(pl.col(f"{_PLACE}_next") - pl.col(_PLACE) > 1).select(
        "video", _SHOT, "label", "frame", "score", *boxes_table.CORNERS, pl.selectors.ends_with("_next")
    )
    between = (
        _places(frames)
        .select("video", _SHOT, pl.col("frame").alias("_at"))
        .join(gaps, on=["video", _SHOT], how="inner")
        .filter((pl.col("_at") > pl.col("frame")) & (pl.col("_at") < pl.col("frame_next")))
    )
    share = (pl.col("_at") - pl.col("frame")) / (pl.col("frame_next") - pl.col("frame"))
    new = between.select(
        "video",
        pl.col("_at").alias("frame"),
        *(
            (pl.col(corner) + share * (pl.col(f"{corner}_next") - pl.col(corner))).alias(corner)
            for corner in boxes_table.CORNERS
        ),
        "label",
        pl.min_horizontal("score", "score_next").alias("score"),
        pl.lit(INTERPOLATED).alias("source"),
    )
    everything = pl.concat([boxes_table.check(boxes), boxes_table.check(new)])
    if maximum_counts:
        limit = pl.col("label").replace_strict(dict(maximum_counts), default=None, return_dtype=pl.Int64)
        place = pl.int_range(pl.len()).over("video", "frame", "label")
        fits = limit.is_null() | (place < limit) | (pl.int_range(pl.len()) < boxes.height)
        everything = everything.filter(fits)
    return boxes_table.check(everything)


def remove_flickers(
    boxes: pl.DataFrame, frames: pl.DataFrame, chains: pl.Series, minimum_track_length: int
) -> pl.DataFrame:
    """Drop chains that are shorter than an object would be there.

    Args:
        boxes: boxes table.
        frames: ``video``, ``frame`` and ``shot`` of the frames that count.
        chains: the chain of each row, from :func:`link`; rows without one stay.
        minimum_track_length: boxes that a chain must have; in a shot with fewer listed frames, as many as those.
    """
    chained = boxes.with_row_index(_ROW).with_columns(chains.alias(_CHAIN))
    shots = _places(frames).with_columns(_frames=pl.len().over("video", _SHOT))
    lengths = (
        chained.filter(pl.col(_CHAIN).is_not_null())
        .join(shots, on=["video", "frame"], how="inner")
        .filter(pl.len().over(_CHAIN) < pl.min_horizontal(pl.lit(minimum_track_length), "_frames"))
    )
    return chained.filter(~pl.col(_ROW).is_in(lengths[_ROW].implode())).drop(_ROW, _CHAIN)


@dataclass
class _Chain:
    number: int
    place: int = 0
    frame: int = 0
    side_px: float = 0.0
    centre: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    velocity: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    boxes: int = 0

    def extend(self, place: int, frame: int, corners: NDArray[np.float64]) -> None:
        centre = (corners[:2] + corners[2:]) / 2
        if self.boxes:
            self.velocity = (centre - self.centre) / (frame - self.frame)
        self.centre, self.place, self.frame = centre, place, frame
        self.side_px = float(np.sqrt((corners[2:] - corners[:2]).prod()))
        self.boxes += 1


def _assign(
    chains: Sequence[_Chain], corners: NDArray[np.float64], frame: int, link_distance: float
) -> dict[int, _Chain]:
    """Return the chain that each box (by its position) continues; see :func:`link`."""
    if not chains:
        return {}
    centres = (corners[:, :2] + corners[:, 2:]) / 2
    elapsed = np.array([frame - chain.frame for chain in chains], dtype=np.float64)
    expected = np.array([chain.centre for chain in chains]) + elapsed[:, None] * [chain.velocity for chain in chains]
    reach = link_distance * elapsed * [chain.side_px for chain in chains]
    distance = np.linalg.norm(expected[:, None] - centres[None], axis=2)
    distance[distance > reach[:, None]] = np.inf
    result: dict[int, _Chain] = {}
    while np.isfinite(distance).any():
        row, column = np.unravel_index(int(np.argmin(distance)), distance.shape)
        result[int(column)] = chains[int(row)]
        distance[row], distance[:, column] = np.inf, np.inf
    return result


def _places(frames: pl.DataFrame) -> pl.DataFrame:
    """Number the listed frames of each shot."""
    return (
        frames.select("video", pl.col("frame").cast(pl.Int32), pl.col("shot").alias(_SHOT))
        .sort("video", "frame")
        .with_columns(pl.int_range(pl.len()).over("video", _SHOT).alias(_PLACE))
    )


def _placed(boxes: pl.DataFrame, frames: pl.DataFrame) -> pl.DataFrame:
    return boxes.with_row_index(_ROW).join(_places(frames), on=["video", "frame"], how="inner").sort(_ROW)
