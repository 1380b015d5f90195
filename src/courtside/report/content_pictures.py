"""A picture that the page holds within itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Picture:
    """An embedded picture."""

    data_uri: str
    width: int
    height: int
    caption: str
