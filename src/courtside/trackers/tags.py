"""The small labels at boxes: short, legible, and not one over the other."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Corners = tuple[float, float, float, float]
Color = tuple[int, int, int]

# Most boxes are players: theirs is the bare number, and what is no player says so.
_SHORT = {"player": "", "referee": "ref"}
_FONT = cv2.FONT_HERSHEY_DUPLEX
# Pixels between a box and its tag.
_AWAY = 2


def tag_of(label: str, track: int | None) -> str:
    """Return what stands at a box: the number of a player, ``ref 4``, ``ball``; the label where there is no identity.

    A ball has no number: there is one in play, and its path shows where it was lost.
    """
    if track is None or label == "ball":
        return label
    return f"{_SHORT.get(label, label)} {track}".strip()


def draw_tags(image: NDArray[np.uint8], tags: Sequence[tuple[str, Corners, Color]]) -> None:
    """Write tags beside their boxes into an image.

    A tag stands above its box, or where another one is in the way, below or beside it; where all are taken, above. What
    comes first chooses first.

    Args:
        image: BGR, shape (height, width, 3), uint8; it is written to.
        tags: text, corners of the box in pixels, and colour.
    """
    scale = max(0.45, min(image.shape[:2]) / 1200)
    taken: list[tuple[int, int, int, int]] = []
    for text, corners, color in tags:
        (width, height), below = cv2.getTextSize(text, _FONT, scale, 1)
        pad = max(2, round(5 * scale))
        total = (width + 2 * pad, height + below + 2 * pad)
        places = _places(image.shape[1], image.shape[0], corners, total)
        place = next((one for one in places if not any(_overlap(one, other) for other in taken)), places[0])
        taken.append(place)
        left, top, right, bottom = place
        cv2.rectangle(image, (left, top), (right - 1, bottom - 1), color, cv2.FILLED)
        luma = 0.114 * color[0] + 0.587 * color[1] + 0.299 * color[2]
        ink = (0, 0, 0) if luma > 110 else (255, 255, 255)
        cv2.putText(image, text, (left + pad, top + pad + height), _FONT, scale, ink, 1, cv2.LINE_AA)


def _places(width: int, height: int, corners: Corners, size: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """Return where a tag may stand, best first: above, below, to the right, to the left; all of it in the picture."""
    x1, y1, x2, y2 = (round(value) for value in corners)
    wide, high = size
    wanted = [
        (x1, y1 - high - _AWAY),
        (x1, y2 + _AWAY),
        (x2 + _AWAY, y1),
        (x1 - wide - _AWAY, y1),
    ]
    inside = [(left, top) for left, top in wanted if 0 <= top <= height - high]
    result = []
    for left, top in inside or [(x1, min(max(y1, 0), max(0, height - high)))]:
        kept = min(max(left, 0), max(0, width - wide))
        result.append((kept, top, kept + wide, top + high))
    return result


def _overlap(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]
