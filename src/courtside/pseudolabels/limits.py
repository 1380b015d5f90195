"""A limit that single labels may override."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def per_label(common: float, of_label: Mapping[str, float] | None) -> pl.Expr:
    """Return, for each row of a boxes table, the limit of its label."""
    # Scores are float32: a limit of another width would drop a score that equals it.
    return pl.col("label").replace_strict(dict(of_label or {}), default=common, return_dtype=pl.Float32)
