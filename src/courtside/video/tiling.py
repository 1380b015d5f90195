"""Where the tiles of a picture lie."""

from __future__ import annotations

import numpy as np

Region = tuple[int, int, int, int]


def regions(width: int, height: int, side: int, overlap: int) -> list[Region]:
    """Return the tiles of a picture as x1, y1, x2, y2 in pixels, row by row; none where one tile would be all of it.

    All have the same size. They are spread evenly, so that neighbours overlap by at least ``overlap``.

    Args:
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        side: of a tile, in pixels; a picture that is lower or narrower has tiles as low or narrow.
        overlap: of neighbours, in pixels, less than ``side``.
    """
    if max(width, height) <= side:
        return []
    return [
        (x, y, x + min(side, width), y + min(side, height))
        for y in _starts(height, side, overlap)
        for x in _starts(width, side, overlap)
    ]


def _starts(length: int, side: int, overlap: int) -> list[int]:
    if length <= side:
        return [0]
    count = -(-(length - overlap) // (side - overlap))
    return [round(place) for place in np.linspace(0, length - side, count)]
