"""A drawn video of one textured square that moves, for tests of trackers of a single object."""

import numpy as np
import polars as pl

from courtside import boxes as boxes_table

SIDE = 40


def floor(seed=1, height=240, width=320):
    """A court with structure of its own, so that a tracker has something to be wrong about."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 140, (height // 20, width // 20, 3)).astype(np.uint8)
    return np.kron(coarse, np.ones((20, 20, 1), dtype=np.uint8))


def thing(seed=2):
    """What is followed: a square of coloured fields."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (4, 4, 3)).astype(np.uint8)
    coarse[..., 2] = np.maximum(coarse[..., 2], 180)
    return np.kron(coarse, np.ones((SIDE // 4, SIDE // 4, 1), dtype=np.uint8))


def picture(x=None, y=None):
    """The court with the square at a place, or without it."""
    image = floor()
    if x is not None:
        image[y : y + SIDE, x : x + SIDE] = thing()
    return image


def box_at(x, y):
    return np.array([x, y, x + SIDE, y + SIDE], dtype=np.float64)


def row(frame, x, y, *, label="ball", track=1, score=1.0, side=SIDE, video="game", visibility=None):
    return {
        "video": video,
        "frame": frame,
        "x1": float(x),
        "y1": float(y),
        "x2": float(x + side),
        "y2": float(y + side),
        "label": label,
        "score": score,
        "source": "test",
        "track": track,
        "visibility": visibility,
    }


def table(*rows):
    return boxes_table.check(pl.DataFrame(rows, schema_overrides=boxes_table.SCHEMA)) if rows else boxes_table.empty()
