"""Which true balls are found: by how fast, how large, how well seen and how blurred they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.metrics.ball_tracking_matches import Balls
from courtside.metrics.bootstrap import group_draws, percentile_interval

# Where slices begin and end; the first is what lies below, the last what lies at or above.
EDGES: Mapping[str, Sequence[float]] = {
    "speed_px": (2.0, 5.0, 10.0, 20.0, 40.0),
    "speed_diameters": (0.25, 0.5, 1.0, 2.0),
    "diameter_px": (8.0, 12.0, 16.0, 24.0, 48.0),
    "visibility": (0.01, 0.25, 0.5, 0.75, 1.0),
}


def properties(balls: Balls, measures: pl.DataFrame | None) -> dict[str, NDArray[np.float64]]:
    """Return what each true ball of a video is sliced by, (n,) each, NaN where it is not known.

    Speed is the way of the centre since the scored frame before, by the number of frames between, in pixels and in
    diameters; where the truth did not have this ball on it, the way to the next. A camera that pans is speed, too.

    Args:
        balls: of the video.
        measures: ``frame`` and one column for each measure of whole frames, such as ``blur``; a frame may be missing.

    Raises:
        ValueError: when the measures have no ``frame``, a frame twice, or a column with the name of another property.
    """
    speeds = _speeds(balls)
    found = {
        "speed_px": speeds,
        "speed_diameters": speeds / balls.diameters,
        "diameter_px": balls.diameters,
        "visibility": balls.visibilities,
    }
    if measures is None:
        return found
    if "frame" not in measures.columns or measures["frame"].is_duplicated().any():
        raise ValueError("measures of frames need a column frame that holds each frame once")
    wanted = pl.DataFrame({"frame": balls.frames[balls.places]}).join(
        measures.with_columns(pl.col("frame").cast(pl.Int64)), on="frame", how="left", maintain_order="left"
    )
    for name in measures.columns:
        if name in found:
            raise ValueError(f"a measure of frames must not be called {name}")
        if name != "frame":
            found[name] = wanted[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return found


def _speeds(balls: Balls) -> NDArray[np.float64]:
    speeds = np.full(len(balls.places), np.nan)
    for track in np.unique(balls.tracks):
        rows = np.flatnonzero(balls.tracks == track)
        places = balls.places[rows]
        way = np.linalg.norm(np.diff(balls.centres[rows], axis=0), axis=1) / np.diff(balls.frames[places])
        way[np.diff(places) > 1] = np.nan
        before, after = np.concatenate([[np.nan], way]), np.concatenate([way, [np.nan]])
        speeds[rows] = np.where(np.isnan(before), after, before)
    return speeds


def edges_of(name: str, values: NDArray[np.float64], given: Mapping[str, Sequence[float]]) -> list[float]:
    """Return where the slices of a property begin: as given, else the quartiles of its values."""
    if name in given:
        return [float(edge) for edge in given[name]]
    known = values[~np.isnan(values)]
    return sorted(set(np.quantile(known, [0.25, 0.5, 0.75]).tolist())) if len(known) else []


def slices(
    values: NDArray[np.float64],
    edges: Sequence[float],
    found: NDArray[np.bool_],
    errors: NDArray[np.float64],
    groups: NDArray[np.int64],
    draws: NDArray[np.int64],
) -> list[dict[str, Any]]:
    """Return one row a slice: ``from``, ``below``, ``boxes``, ``found``, ``recall``, ``interval``, ``error_px_median``.

    Args:
        values: shape (n,): the property of each true ball, NaN for unknown, which is the last slice.
        edges: ascending.
        found: shape (n,).
        errors: shape (n,): pixels to the nearest prediction's centre, NaN without.
        groups: shape (n,): the block of frames of each, for the interval.
        draws: shape (resamples, blocks): how often each block is drawn.
    """
    number = np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="right")
    number[np.isnan(values)] = len(edges) + 1
    bounds = [None, *edges, None]
    rows = []
    for place in range(len(edges) + 2):
        chosen = number == place
        if not chosen.any():
            continue
        unknown = place > len(edges)
        known = errors[chosen][~np.isnan(errors[chosen])]
        rows.append(
            {
                "from": None if unknown else bounds[place],
                "below": None if unknown else bounds[place + 1],
                "unknown": unknown,
                "boxes": int(chosen.sum()),
                "found": int(found[chosen].sum()),
                "recall": float(found[chosen].mean()),
                "interval": interval(groups[chosen], found[chosen], np.ones(int(chosen.sum())), draws),
                "error_px_median": float(np.median(known)) if len(known) else None,
            }
        )
    return rows


def interval(
    groups: NDArray[np.int64], parts: NDArray[Any], wholes: NDArray[np.float64], draws: NDArray[np.int64]
) -> list[float] | None:
    """Return the 95 % interval of summed parts by summed wholes, with blocks of frames drawn; None below two blocks.

    Args:
        groups: shape (k,): the block of each part.
        parts: shape (k,).
        wholes: shape (k,).
        draws: shape (resamples, blocks).
    """
    if len(np.unique(groups)) < 2:
        return None
    blocks = draws.shape[1]
    below = draws @ np.bincount(groups, weights=wholes, minlength=blocks)
    above = draws @ np.bincount(groups, weights=parts.astype(np.float64), minlength=blocks)
    known = below > 0
    found = percentile_interval(above[known] / below[known], 0.95, blocks)
    return [found.low, found.high] if found else None


def draw_blocks(blocks: int, resamples: int, seed: int) -> NDArray[np.int64]:
    """Return how often each block of frames is drawn in each resample, (resamples, blocks)."""
    return group_draws(blocks, resamples, seed) if blocks else np.zeros((resamples, 0), dtype=np.int64)
