"""Detections that are made from truth: what a detector of known faults would see."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from courtside import boxes


@dataclass(frozen=True)
class Faults:
    """How bad a detector is.

    Attributes:
        missed: share of the frames on which the ball is missed, 0–1.
        stretch: how many frames in a row it is missed for, on average.
        false: false boxes a frame, anywhere.
        lamps: false boxes that stay where they are through a shot.
        noise: standard deviation of the centre, in sides; sides are off by a tenth.
        seed: of all that is drawn.
    """

    missed: float = 0.3
    stretch: float = 4.0
    false: float = 0.5
    lamps: int = 1
    noise: float = 0.1
    seed: int = 0


def perturbed(truth: pl.DataFrame, frames: list[int], size: tuple[int, int], faults: Faults) -> pl.DataFrame:
    """Return what a detector with faults would see of the balls of a video.

    Scores of true boxes are drawn from Beta(4, 2), of false ones from Beta(1.5, 5): weak true boxes and sure false ones
    are among them.

    Args:
        truth: boxes table of one video.
        frames: its frames.
        size: of its pictures, pixels.
        faults: what is wrong.
    """
    random = np.random.default_rng(faults.seed)
    corners = boxes.corners(truth).astype(np.float64)
    sides = np.sqrt((corners[:, 2:] - corners[:, :2]).prod(axis=1))
    seen = np.ones(truth.height, dtype=np.bool_)
    numbers, tracks = truth["frame"].to_numpy(), truth["track"].to_numpy()
    for track in np.unique(tracks):
        # Misses come in runs: a chain of two states with the wanted share and mean length.
        leave = 1 / faults.stretch
        enter = leave * faults.missed / max(1 - faults.missed, 1e-9)
        missing = random.random() < faults.missed
        for row in np.flatnonzero(tracks == track)[np.argsort(numbers[tracks == track])]:
            missing = random.random() >= leave if missing else random.random() < enter
            seen[row] = not missing
    moved = corners + np.tile(random.normal(0, faults.noise, (truth.height, 2)) * sides[:, None], 2)
    middle, half = (moved[:, :2] + moved[:, 2:]) / 2, (moved[:, 2:] - moved[:, :2]) / 2
    half *= np.exp(random.normal(0, 0.1, (truth.height, 2)))
    found = [_table(truth["video"][0], numbers[seen], middle[seen], half[seen], random.beta(4, 2, seen.sum()))]
    typical = float(np.median(sides))
    count = random.poisson(faults.false, len(frames))
    spots = random.random((count.sum(), 2)) * size
    halves = typical / 2 * np.exp(random.normal(0, 0.3, (len(spots), 1))) * np.ones((1, 2))
    found.append(_table(truth["video"][0], np.repeat(frames, count), spots, halves, random.beta(1.5, 5, len(spots))))
    for _ in range(faults.lamps):
        lit = np.flatnonzero(random.random(len(frames)) < 0.5)
        place = random.random(2) * size + random.normal(0, 0.5, (len(lit), 2))
        wide = np.full((len(lit), 2), typical / 2)
        found.append(_table(truth["video"][0], np.array(frames)[lit], place, wide, random.beta(1.5, 5, len(lit))))
    return boxes.check(pl.concat(found))


def _table(video: str, frames: np.ndarray, centres: np.ndarray, halves: np.ndarray, scores: np.ndarray) -> pl.DataFrame:
    corners = np.hstack([centres - halves, centres + halves])
    columns = {name: corners[:, number].astype(np.float32) for number, name in enumerate(boxes.CORNERS)}
    return boxes.check(
        pl.DataFrame({"frame": np.asarray(frames, dtype=np.int32), **columns}).with_columns(
            video=pl.lit(video),
            label=pl.lit("ball"),
            source=pl.lit("drawn"),
            score=pl.Series(scores.astype(np.float32)),
        )
    )
