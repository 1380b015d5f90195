"""How many frames of each clip got which verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from courtside.frames import VERDICTS

COUNTS = ("total", *VERDICTS)


def clip_table(frames: pl.DataFrame) -> list[dict[str, int]]:
    """Count the verdicts of each clip.

    Args:
        frames: frames of one video with ``clip`` and ``verdict``.

    Returns:
        One dictionary a clip, in order, with the keys ``clip``, ``total``, ``usable``, ``blur``, ``dark``,
        ``bright``, ``empty``, ``duplicate`` and ``without_ball``; the last seven add up to ``total``.

    Raises:
        ValueError: when a frame has no verdict, or one that is unknown.
    """
    unknown = frames.filter(~pl.col("verdict").is_in(VERDICTS).fill_null(False))
    if unknown.height:
        raise ValueError(f"frame {unknown['frame'][0]} has the verdict {unknown['verdict'][0]!r}")
    counts = frames.group_by("clip").agg(
        pl.len().alias("total"), *((pl.col("verdict") == verdict).sum().alias(verdict) for verdict in VERDICTS)
    )
    return [{name: int(row[name]) for name in ("clip", *COUNTS)} for row in counts.sort("clip").iter_rows(named=True)]


def total_row(clips: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Return the sums over the clips, with the keys of :func:`clip_table` except ``clip``."""
    return {name: sum(clip[name] for clip in clips) for name in COUNTS}
