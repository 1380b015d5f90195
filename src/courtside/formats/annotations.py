"""What a person said about a video."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Annotations:
    """Boxes a person drew, and where the person looked.

    Attributes:
        boxes: boxes table with source ``human`` and score 1.
        frames: the frames a person looked at, ascending, from 0; one without a box shows nothing wanted.
    """

    boxes: pl.DataFrame
    frames: list[int]
