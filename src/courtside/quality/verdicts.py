"""Which frames are worth keeping, decided from the measures alone."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from courtside.quality.similarity import NEXT


def decide(
    frames: pl.DataFrame,
    *,
    blur_below: float = 150.0,
    dark_below: float = 20.0,
    bright_above: float = 230.0,
    empty_below: float = 5.0,
    duplicate_above: float = 0.89,
) -> pl.DataFrame:
    """Give every frame a verdict: four filters one after the other, each on what the ones before left.

    1. ``blur`` where the variance of the Laplacian is below ``blur_below``;
    2. ``dark`` or ``bright`` where the mean luma is below ``dark_below`` or above ``bright_above``;
    3. ``empty`` where the variance of the luma is below ``empty_below``;
    4. ``duplicate`` where the frame is too similar to a frame that is kept and lies at most three
       before it. Frames are taken in order: the first of a similar group is kept, the later ones go,
       and a frame that went, for whatever reason, is no reference for others. So of a camera at rest
       one frame in four is kept even where all are alike.

    All else is ``usable``. The order is the published one and has a consequence: a black, white or
    plain frame has no edges, so its Laplacian variance is near 0 and it counts as ``blur``; ``dark``,
    ``bright`` and ``empty`` catch only what still has edges, such as a dark frame with a scoreboard.
    What is kept does not depend on the order of the first three, only what the rest is called.

    Args:
        frames: a frames table, one or more videos, with ``blur``, ``brightness``, ``variance`` and
            ``ssim_1`` to ``ssim_3``; within a video its rows are all frames that could be decoded, in
            order, because "the next three" are the next three rows.
        blur_below: variance of the Laplacian; 50–300 is worth trying.
        dark_below: mean luma, 0–255.
        bright_above: mean luma, 0–255.
        empty_below: variance of the luma.
        duplicate_above: structural similarity, −1–1; 0.85–0.98 is worth trying.

    Returns:
        The same rows with the column ``verdict`` (string).

    Raises:
        ValueError: when the frames of a video are not in ascending order.
    """
    _check_order(frames)
    single = (
        pl.when(pl.col("blur") < blur_below)
        .then(pl.lit("blur"))
        .when(pl.col("brightness") < dark_below)
        .then(pl.lit("dark"))
        .when(pl.col("brightness") > bright_above)
        .then(pl.lit("bright"))
        .when(pl.col("variance") < empty_below)
        .then(pl.lit("empty"))
        .otherwise(pl.lit("usable"))
        .alias("verdict")
    )
    judged = frames.with_columns(single)
    left = judged["verdict"].eq("usable").to_numpy()
    similar = np.stack(
        [(judged[f"ssim_{step}"].fill_null(-1.0) > duplicate_above).to_numpy() for step in range(1, NEXT + 1)], axis=1
    )
    duplicate = pl.Series(_duplicates(left, similar), dtype=pl.Boolean)
    return judged.with_columns(pl.when(duplicate).then(pl.lit("duplicate")).otherwise("verdict").alias("verdict"))


def _duplicates(left: NDArray[np.bool_], similar: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which frames are duplicates.

    Args:
        left: which frames no earlier filter removed, shape (frames,).
        similar: whether frame i is too similar to frame i + 1 + k, shape (frames, 3).
    """
    duplicate = np.zeros(len(left), dtype=bool)
    for reference in np.flatnonzero(left & similar.any(axis=1)):
        if not duplicate[reference]:
            following = slice(reference + 1, reference + 1 + NEXT)
            count = len(duplicate[following])
            duplicate[following] |= left[following] & similar[reference, :count]
    return duplicate


def _check_order(frames: pl.DataFrame) -> None:
    key = [column for column in ("video", "frame") if column in frames.columns]
    steps = pl.col("frame").diff().over("video") if "video" in key else pl.col("frame").diff()
    if frames.select((steps <= 0).any()).item():
        raise ValueError("the frames of a video are not in ascending order; sort the table by video and frame")
